"""`aqe runtimes`: the engines and servers, what they are doing, and where they are."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.figures import columns, where
from aqe_desktop.cli.parser import Parser, Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.models import RuntimeStatus, Zone

_RUNTIME = """id name phase version model progress zone proof facts pid context message hint details address ours
loaded warnings""".split()  # noqa: SIM905 - a list to read
RUNTIME_FIELDS = tuple(f"runtimes[].{name}" for name in _RUNTIME)
LOG_FIELDS = ("id", "lines")
# Seconds without a line after which what was there is told.
_QUIET = 0.4


def add_runtimes(commands: Subparsers) -> None:
    listing = add_command(commands, "runtimes", "the engines, and what they are doing", runtimes, RUNTIME_FIELDS)
    actions = listing.add_subparsers(metavar="ACTION", parser_class=Parser)
    for name, does, command in (
        ("start", "start its server; it stays until it is stopped", start),
        ("stop", "end a server that this app started", stop),
    ):
        _add_id(add_command(actions, name, does, command, RUNTIME_FIELDS))
    log = add_command(actions, "logs", "the log of a server that this app started", logs, LOG_FIELDS)
    _add_id(log)
    log.add_argument("--lines", type=int, default=100, metavar="N", help="how many of the last lines")
    log.add_argument("--follow", action="store_true", help="go on until Ctrl+C")
    _add_changes(actions)


def _add_changes(actions: Subparsers) -> None:
    for name, does, command, fields in (
        ("set", "say where a runtime listens", change, ("set", "url", "zone", "program")),
        ("add", "add a server that speaks OpenAI's protocol", add, ("added", "url", "zone", "program")),
    ):
        parser = add_command(actions, name, does, command, fields)
        _add_id(parser)
        parser.add_argument("--url", required=command is add, help="its address; with set, '' for the usual one")
        parser.add_argument("--zone", choices=[str(each) for each in Zone], help="your word where it runs")
        parser.add_argument(
            "--program", type=_whole, metavar="FILE", help="what its server runs from, by which it can be proved"
        )
    _add_id(add_command(actions, "remove", "forget a server that was added", remove, ("removed",)))


def _add_id(parser: Parser) -> None:
    parser.add_argument("id", metavar="ID", help="the runtime's name, as `aqe runtimes` lists it")


def _whole(path: str) -> str:
    """As the shell's folder makes it; empty stays empty, which takes it back."""
    return str(Path(path).expanduser().absolute()) if path else ""


def runtimes(args: argparse.Namespace) -> int:
    with Session("aqe runtimes") as session:
        statuses = session.run(session.app.models.look())
    _tell(statuses, as_json=args.json)
    return 0


def start(args: argparse.Namespace) -> int:
    with Session("aqe runtimes start") as session:
        status = session.run(_after(session.app, args.id, start=True))
    _tell((status,), as_json=args.json)
    return 0


def stop(args: argparse.Namespace) -> int:
    with Session("aqe runtimes stop") as session:
        status = session.run(_after(session.app, args.id, start=False))
    _tell((status,), as_json=args.json)
    return 0


def logs(args: argparse.Namespace) -> int:
    if args.lines < 1:
        raise UsageError("The number of lines is at least 1.", "Write it such as --lines 100")
    if args.follow and args.json:
        raise UsageError("--follow prints as it comes, and --json one object.", "Leave out one of them.")
    with Session("aqe runtimes logs") as session:
        told = session.run(_lines(session.app, args.id, args.lines, follow=args.follow, show=not args.json))
    if args.json:
        output.as_json({"id": args.id, "lines": told})
    return 0


def change(args: argparse.Namespace) -> int:
    if args.url is None and args.zone is None and args.program is None:
        raise UsageError("Nothing is to be set.", f"Such as: aqe runtimes set {args.id} --url http://127.0.0.1:11434")
    with Session("aqe runtimes set") as session:
        session.run(_change(session.app, args))
    _tell_change("set", args)
    return 0


def add(args: argparse.Namespace) -> int:
    zone = None if args.zone is None else Zone(args.zone)
    with Session("aqe runtimes add") as session:
        session.run(session.app.runtimes.add(args.id, args.url, zone, program=args.program or ""))
    _tell_change("added", args)
    return 0


def remove(args: argparse.Namespace) -> int:
    with Session("aqe runtimes remove") as session:
        session.run(session.app.runtimes.remove(args.id))
    if args.json:
        output.as_json({"removed": args.id})
    else:
        output.line(f"{args.id} is removed. Nothing at that server was changed.")
    return 0


async def _after(app: App, runtime: str, *, start: bool) -> RuntimeStatus:
    await (app.stock.start(runtime) if start else app.stock.stop(runtime))
    return next(each for each in await app.models.look() if each.id == runtime)


async def _change(app: App, args: argparse.Namespace) -> None:
    if args.url is not None:
        await app.runtimes.set_url(args.id, args.url)
    if args.zone is not None:
        await app.runtimes.set_zone(args.id, Zone(args.zone))
    if args.program is not None:
        await app.runtimes.set_program(args.id, args.program)


async def _lines(app: App, runtime: str, lines: int, *, follow: bool, show: bool) -> list[str]:
    """What is there now, or with `follow` what comes, to no end."""
    told: list[str] = []
    async with aclosing(app.stock.logs(runtime, lines)) as log:
        while (line := await _next(log.__anext__(), None if follow else _QUIET)) is not None:
            if show:
                output.line(line)
            else:
                told.append(line)
    return told


async def _next(line: Any, patience: float | None) -> str | None:
    try:
        told: str = await asyncio.wait_for(line, patience)
    except (TimeoutError, StopAsyncIteration):
        return None
    return told


def _tell_change(what: str, args: argparse.Namespace) -> None:
    if args.json:
        output.as_json({what: args.id, "url": args.url, "zone": args.zone, "program": args.program})
    else:
        output.line(f"{args.id} is {what}. Programs that run now know it from their next start.")


def _tell(statuses: Sequence[RuntimeStatus], *, as_json: bool) -> None:
    if as_json:
        output.as_json({"runtimes": [_status_json(status) for status in statuses]})
        return
    for line, status in zip(columns([_row(each) for each in statuses]) if statuses else (), statuses, strict=True):
        output.line(line)
        told = (f"{name}: {value}" for name, value in status.details)
        for words in (f"{status.message} {status.hint}".strip() if status.message else "", *told, *status.warnings):
            if words:
                output.line(f"    {words}")


def _row(status: RuntimeStatus) -> tuple[str, ...]:
    models = ", ".join(str(each.model) for each in status.loaded) or str(status.model or "")
    return (status.id, f"{status.name} {status.version}".strip(), str(status.phase), where(status.place), models)


def _status_json(status: RuntimeStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        "name": status.name,
        "phase": status.phase,
        "version": status.version,
        "model": None if status.model is None else str(status.model),
        "progress": status.progress,
        "zone": None if status.place is None else status.place.zone,
        "proof": None if status.place is None else status.place.proof,
        "facts": [] if status.place is None else list(status.place.facts),
        "pid": status.pid,
        "context": status.context,
        "message": status.message,
        "hint": status.hint,
        "details": dict(status.details),
        "address": status.address,
        "ours": status.ours,
        "loaded": [str(each.model) for each in status.loaded],
        "warnings": list(status.warnings),
    }
