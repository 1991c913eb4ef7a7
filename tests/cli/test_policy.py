"""`aqe policy` as a user runs it: what holds, which files are private, trust, and own words."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.test_help import fields, promised

TEXT = """mode = "cloud"
private_paths = ["*.pem"]
public_paths = ["docs/**"]
allowed_providers = ["groq"]
budget_usd_month = 20.50
"""


@pytest.fixture
def project(aqe: Command) -> Path:
    """Two policies, so that one can be trusted and the other not, and a file that git ignores."""
    inner = aqe.folder / "inner"
    for folder, text in ((aqe.folder, TEXT), (inner, "accept_declared = true\n")):
        (folder / ".aqe").mkdir(parents=True)
        (folder / ".aqe" / "policy.toml").write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=inner, check=True)
    for name, content in ((".gitignore", "*.log\n"), ("x.log", ""), ("k.pem", ""), ("a.py", "")):
        (inner / name).write_text(content)
    return inner


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / ".aqe" / "policy.toml").read_bytes()).hexdigest()


def test_show_says_what_holds_and_where_it_comes_from(aqe: Command, project: Path) -> None:
    outer = str(aqe.folder / ".aqe" / "policy.toml")
    told = aqe("policy", "show", "--project", project)
    assert f"Project: {project}\n  mode = auto  (your default)\n" in told.out
    assert f"budget_usd_month = 20.50  ({outer})" in told.out
    assert f"{outer} loosens mode, public_paths; it is not trusted" in told.err
    assert f"`aqe policy trust {aqe.folder} --sha256 {digest(aqe.folder)}` lets it." in told.err
    shown = aqe("policy", "show", "--project", project, "--json").json
    assert shown["policy"]["private_paths"] == [{"pattern": "*.pem", "folder": str(aqe.folder)}]
    assert (shown["policy"]["budget_usd_month"], shown["sources"]["budget_usd_month"]) == ("20.50", [outer])
    assert [each["keys"] for each in shown["untrusted"]] == [["accept_declared"], ["mode", "public_paths"]]


def test_trust_loosens_and_can_be_taken_back(aqe: Command, project: Path) -> None:
    for other in ("", "0" * 64):
        assert "has changed since" in aqe("policy", "trust", ".", "--sha256", other, code=2).err
    assert "mode = auto" in aqe("policy", "show").out
    told = aqe("policy", "trust", ".", "--sha256", digest(aqe.folder)).out
    assert "is trusted as long as it stays as it is. It loosens mode, public_paths." in told
    assert "mode = cloud" in aqe("policy", "show").out
    assert "You trust" in aqe("policy", "show").out
    assert aqe("policy", "distrust", ".").out.endswith("is not trusted. It can only tighten your defaults.\n")
    assert "mode = auto" in aqe("policy", "show").out


def test_check_lists_private_files(aqe: Command, project: Path) -> None:
    told = aqe("policy", "check", "--project", project)
    assert f"k.pem  The policy of {aqe.folder} makes *.pem private.\n" in told.out
    assert "x.log  git ignores this file" in told.out
    assert "a.py" not in told.out
    assert "2 of 5 files are private." in told.err


def test_a_file_s_name_begins_no_line(aqe: Command, project: Path) -> None:
    (project / "a.pem\nb.py  It is public\r.pem").write_text("")
    told = aqe("policy", "check", "--project", project).out
    assert "a.pem<0A>b.py  It is public<0D>.pem  The policy" in told
    assert not any(line.startswith("b.py") for line in told.splitlines())


def test_check_fails_where_a_policy_cannot_be_used(aqe: Command, project: Path) -> None:
    (project / ".aqe" / "policy.toml").write_text("\nmode = 3\n")
    told = aqe("policy", "check", "--project", project, "--json", code=2).json
    assert [each["path"] for each in told["private"] if each["path"] == "a.py"] == ["a.py"]
    assert "line 2: mode is not valid" in told["warnings"][0]
    assert "line 2" in aqe("policy", "check", "--project", project, code=2).err


def test_words_are_added_listed_and_removed(aqe: Command, project: Path) -> None:
    assert aqe("policy", "words", "list").err == "No word is private here yet.\n"
    aqe("policy", "words", "add", "Falke", "Projekt Adler")
    told = aqe("policy", "words", "add", "-", "--project", project, given="Größe GmbH\n\nMilan\n").out
    assert f"Größe GmbH  ({project})\n" in told
    assert f"Falke  ({aqe.folder})\n" in told, "words of the folders above count too"
    assert aqe("policy", "words", "remove", "falke").out == f"Projekt Adler  ({aqe.folder})\n"
    assert "“.*” is too short" in aqe("policy", "words", "add", "-", given="Kranich\n.*\n", code=2).err
    assert "Kranich" not in aqe("policy", "words", "list").out, "all of them or none"
    assert "not text" in aqe("policy", "words", "add", "-", given=b"\x00\xff\xfe", code=2).err
    assert "not one of the words" in aqe("policy", "words", "remove", "Falke", code=2).err


def test_words_without_an_action_are_listed_wherever_the_project_is_named(aqe: Command, project: Path) -> None:
    aqe("policy", "words", "add", "Falke", "--project", project)
    told = {"words": [{"word": "Falke", "project": str(project)}]}
    at = ("--project", project)
    for words in (at, (*at, "list"), ("list", *at)):
        assert aqe("policy", "words", *words, "--json").json == told
        assert aqe("policy", "words", "--json", *words).json == told
        assert aqe("policy", "words", *words).out == f"Falke  ({project})\n"
    assert aqe("policy", "words", *at, "remove", "Falke", "--json").json == {"words": []}


@pytest.mark.parametrize("words", [(), ("words",), ("check",), ("words", "list"), ("words", "add", "Falke")])
def test_without_an_action_or_a_project_the_next_step_is_said(aqe: Command, words: tuple[str, ...]) -> None:
    told = aqe("policy", *words, code=2).err
    assert "--help" in told or "--project" in told


def test_every_field_of_every_json_is_in_the_help_and_no_other(aqe: Command, project: Path) -> None:
    """One file is trusted and the other is not, so that every list has something in it."""
    aqe("policy", "words", "add", "Milan")
    for words in (
        ("trust", ".", "--sha256", digest(aqe.folder)),
        ("show", "--project", "inner"),
        ("check", "--project", "inner"),
        ("words", "add", "Falke"),
        ("words",),
        ("words", "list"),
        ("words", "remove", "Falke"),
        ("distrust", "."),
    ):
        command = words[:2] if words[0] == "words" else words[:1]
        named = promised(aqe("policy", *command, "--help").out)
        printed = fields(aqe("policy", *words, "--json").json)
        assert printed == named, command


def test_trust_without_a_hash_says_what_it_trusted(aqe: Command, project: Path) -> None:
    told = aqe("policy", "trust", ".")
    assert "mode" in told.out
    assert digest(aqe.folder) in told.err
    assert "mode = cloud" in aqe("policy", "show").out
