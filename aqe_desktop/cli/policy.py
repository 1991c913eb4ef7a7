"""`aqe policy`: what holds in a project, which of its files are private, whom the user trusts, and its own words."""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Parser, Subparsers, add_command
from aqe_desktop.cli.project import add_project, chosen_project
from aqe_desktop.cli.running import Session
from aqe_desktop.core.effective import Effective, Loosening
from aqe_desktop.core.errors import SettingsBroken, UsageError
from aqe_desktop.core.globs import Glob
from aqe_desktop.core.policy import KEYS
from aqe_desktop.core.project_files import PrivateFiles
from aqe_desktop.machine.files import MAX_BYTES, decode

_GLOBS = ("private_paths", "public_paths")
_LOOSENING = tuple(each.name for each in fields(Loosening))
SHOW_FIELDS = (
    "project",
    *(f"policy.{key}" for key in KEYS if key not in _GLOBS),
    *(f"policy.{key}[].{part}" for key in _GLOBS for part in ("pattern", "folder")),
    *(f"sources.{key}" for key in KEYS),
    *(f"{state}[].{name}" for state in ("untrusted", "trusted") for name in _LOOSENING),
    "warnings",
)
CHECK_FIELDS = (
    "project",
    *(f"private[].{name}" for name in ("path", "cause", "reason", "source")),
    "looked_at",
    "more",
    "warnings",
)
TRUST_FIELDS = ("trusted", "sha256", "keys")
WORD_FIELDS = ("words[].word", "words[].project")


def add_policy(commands: Subparsers) -> None:
    policy = commands.add_parser("policy", help="what may leave here, and why", description="What may leave here.")
    policy.set_defaults(command=_unnamed)
    actions = policy.add_subparsers(metavar="ACTION", parser_class=Parser)
    for name, does, command, fields_ in (
        ("show", "the policy that holds, and where each value comes from", show, SHOW_FIELDS),
        ("check", "which files of the project are private, and why", check, CHECK_FIELDS),
    ):
        add_project(add_command(actions, name, does, command, fields_))
    for name, does, command, fields_ in (
        ("trust", "let a folder's policy loosen your defaults, as it is now", trust, TRUST_FIELDS),
        ("distrust", "take that trust back", distrust, ("distrusted",)),
    ):
        action = add_command(actions, name, does, command, fields_)
        action.add_argument("folder", type=Path, metavar="DIR")
        if command is trust:
            action.add_argument("--sha256", metavar="HASH", help="refuse any other file than the one you have read")
    _add_words(actions)


def _add_words(actions: Subparsers) -> None:
    parser = add_command(actions, "words", "the project's own private words", list_words, WORD_FIELDS)
    add_project(parser)
    words = parser.add_subparsers(metavar="ACTION", parser_class=Parser)
    shown = add_command(words, "list", "the words that are private here", list_words, WORD_FIELDS)
    add_project(shown, nested=True)
    for name, does, command in (("add", "call words private", add_words), ("remove", "forget words", remove_words)):
        action = add_command(words, name, does, command, WORD_FIELDS)
        action.add_argument("word", nargs="+", metavar="WORD", help="- reads them from standard input, one a line")
        add_project(action, nested=True)


def show(args: argparse.Namespace) -> int:
    project = chosen_project(args.project)
    with Session("aqe policy") as session:
        effective = session.run(session.app.policy.effective(project))
    if args.json:
        output.as_json(_effective_json(project, effective))
        return 0
    output.line(f"Project: {project or 'none'}")
    for key in KEYS:
        output.line(f"  {key} = {_value(key, effective)}  ({', '.join(effective.sources[key]) or 'your default'})")
    for each in effective.trusted:
        output.line(f"  You trust {each.path}, which loosens {', '.join(each.keys)}.")
    _warn(effective.warnings)
    for each in effective.untrusted:
        if not each.linked:
            output.note(f"     `aqe policy trust {shlex.quote(each.folder)} --sha256 {each.sha256}` lets it.")
    return 0


def check(args: argparse.Namespace) -> int:
    """2 where a policy file cannot be used, else 0."""
    project = _required(args.project)
    with Session("aqe policy") as session:
        effective = session.run(session.app.policy.effective(project))
        found = session.run(session.app.policy.private_files(project))
    warnings = (*effective.warnings, *found.notes)
    if args.json:
        output.as_json(_check_json(project, found, warnings))
    else:
        for path, reason in found.private.items():
            output.line(_one_line(f"{_below(path, project)}  {reason.sentence}"))
        more = "; there are more that were not looked at" if found.more else ""
        output.note(f"{len(found.private)} of {found.looked_at} files are private{more}.")
        _warn(warnings)
    return SettingsBroken.exit_code if effective.problems else 0


def trust(args: argparse.Namespace) -> int:
    with Session("aqe policy") as session:
        loosening = session.run(session.app.policy.trust(args.folder, args.sha256))
    if args.json:
        told = {"trusted": loosening.path, "sha256": loosening.sha256, "keys": list(loosening.keys)}
        output.as_json(told)
    else:
        output.line(f"{loosening.path} is trusted as long as it stays as it is. {_loosens(loosening)}")
        output.note(f"SHA-256 {loosening.sha256}. `aqe policy distrust` takes it back.")
    return 0


def distrust(args: argparse.Namespace) -> int:
    with Session("aqe policy") as session:
        path = session.run(session.app.policy.distrust(args.folder))
    if args.json:
        output.as_json({"distrusted": path})
    else:
        output.line(f"{path} is not trusted. It can only tighten your defaults.")
    return 0


def list_words(args: argparse.Namespace) -> int:
    with Session("aqe policy") as session:
        return _tell_words(session, args, _required(args.project))


def add_words(args: argparse.Namespace) -> int:
    project = _required(args.project)
    with Session("aqe policy") as session:
        session.run(session.app.policy.add_words(project, _words(args.word)))
        return _tell_words(session, args, project)


def remove_words(args: argparse.Namespace) -> int:
    project = _required(args.project)
    with Session("aqe policy") as session:
        for word in _words(args.word):
            session.run(session.app.policy.remove_word(project, word))
        return _tell_words(session, args, project)


def _unnamed(_: argparse.Namespace) -> int:
    raise UsageError("Name what to do with the policy.", "`aqe policy --help` and `aqe policy words --help` list it.")


def _required(named: Path | None) -> Path:
    project = chosen_project(named)
    if project is None:
        raise UsageError("This folder belongs to no project.", "Name one with --project.")
    return project


def _words(given: list[str]) -> list[str]:
    """Words in a command line can be read by every user of the machine; standard input cannot."""
    if given != ["-"]:
        return given
    text = decode(sys.stdin.buffer.read(MAX_BYTES + 1), "Standard input")
    return [line for line in text.splitlines() if line.strip()]


def _tell_words(session: Session, args: argparse.Namespace, project: Path) -> int:
    words = session.run(session.app.policy.words(project))
    if args.json:
        output.as_json({"words": [{"word": each.word, "project": each.project} for each in words]})
    else:
        for each in words:
            output.line(f"{each.word}  ({each.project})")
        if not words:
            output.note("No word is private here yet.")
    return 0


def _effective_json(project: Path | None, effective: Effective) -> dict[str, Any]:
    return {
        "project": None if project is None else str(project),
        "policy": {key: _plain(getattr(effective.policy, key)) for key in KEYS},
        "sources": {key: list(effective.sources[key]) for key in KEYS},
        "untrusted": [_loosening_json(each) for each in effective.untrusted],
        "trusted": [_loosening_json(each) for each in effective.trusted],
        "warnings": list(effective.warnings),
    }


def _loosening_json(each: Loosening) -> dict[str, Any]:
    return {name: _plain(getattr(each, name)) for name in _LOOSENING}


def _check_json(project: Path, found: PrivateFiles, warnings: tuple[str, ...]) -> dict[str, Any]:
    private = [
        {"path": _below(path, project), "cause": reason.cause, "reason": reason.sentence, "source": reason.source}
        for path, reason in found.private.items()
    ]
    return {
        "project": str(project),
        "private": private,
        "looked_at": found.looked_at,
        "more": found.more,
        "warnings": list(warnings),
    }


def _plain(value: Any) -> Any:
    """As JSON has it: a money amount as text, patterns with their folders in one list."""
    if isinstance(value, Glob):
        return {"pattern": value.pattern, "folder": value.base}
    if isinstance(value, tuple):
        flat = [part for each in value for part in (each if isinstance(each, tuple) else (each,))]
        return [_plain(each) for each in flat]
    return str(value) if isinstance(value, Decimal) else value


def _value(key: str, effective: Effective) -> str:
    plain = _plain(getattr(effective.policy, key))
    if plain is None:
        return "all that have a key" if key == "allowed_providers" else "none"
    if plain == [] and key == "allowed_providers":
        return "none"  # no provider is in every file's list; a file cannot write that, its empty list means all
    if isinstance(plain, list):
        words = (each["pattern"] if isinstance(each, dict) else each for each in plain)
        return "[" + ", ".join(words) + "]"
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def _loosens(loosening: Loosening) -> str:
    return f"It loosens {', '.join(loosening.keys)}." if loosening.keys else "It loosens nothing."


def _below(path: Path, project: Path) -> str:
    return path.relative_to(project).as_posix()


def _one_line(text: str) -> str:
    """A file's name may hold what begins another line."""
    return output.safe(text.replace("\r", "<0D>")).replace("\n", "<0A>")


def _warn(warnings: tuple[str, ...]) -> None:
    for each in warnings:
        output.note(f"aqe: {each}")
