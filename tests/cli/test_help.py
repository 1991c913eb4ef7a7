"""The promises of `--help`: every field that `--json` prints is named there, and the exit codes are."""

from __future__ import annotations

from typing import Any

import pytest

from aqe_desktop import __version__
from aqe_desktop.cli.main import main
from tests.cli.conftest import Command

# Objects whose fields are another's business: what an engine received differs from engine to engine.
OPAQUE = {"messages[].reply.received", "runtimes[].details"}
# Named as a whole in the help; its parts are those of `aqe chat --json`.
SHARED = ("messages[].reply.usage", "messages[].reply.timing", "messages[].reply.cost")


def fields(value: Any, path: str = "") -> set[str]:
    """The names of every leaf, e.g. `models[].ref`; a part that is null or empty here gives its own name."""
    if path in OPAQUE or path in SHARED:
        return {path}
    if isinstance(value, dict):
        return set().union(*(fields(part, f"{path}.{name}".strip(".")) for name, part in value.items()))
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return set().union(*(fields(part, f"{path}[]") for part in value))
    return {path}


def promised(help_text: str) -> set[str]:
    listed = help_text.partition("fields of --json:\n")[2].partition("and when it fails:")[0]
    return {line.strip() for line in listed.splitlines() if line.strip()}


@pytest.fixture
def lived(aqe: Command) -> Command:
    """A profile with a conversation that has everything a message can have."""
    path = aqe.folder / "notes.txt"
    path.write_text("notes")
    aqe("chat", "Hi", "--file", path, "--max-output", "4")
    return aqe


def test_every_field_of_every_json_is_in_the_help_and_no_other(lived: Command) -> None:
    commands: dict[tuple[str, ...], tuple[str, ...]] = {
        ("chat",): ("chat", "Hi", "--max-output", "4"),
        ("history",): ("history",),
        ("history", "show"): ("history", "show", "1"),
        ("history", "rm"): ("history", "rm", "1"),
        ("history", "restore"): ("history", "restore", "1"),
        ("models",): ("models",),
        ("plan",): ("plan", "llamacpp/SmolLM2-135M-Instruct.Q4_1"),
        ("runtimes",): ("runtimes",),
        ("doctor",): ("doctor",),
        ("diagnostics",): ("diagnostics",),
    }
    for command, words in commands.items():
        named = promised(lived(*command, "--help").out)
        printed = fields(lived(*words, "--json").json)
        whole = {name for name in printed if any(other.startswith((f"{name}.", f"{name}[]")) for other in named)}
        assert printed - whole == named, command


def test_restore_prints_what_its_help_names(lived: Command) -> None:
    named = promised(lived("restore", "--help").out)
    assert fields(lived("restore", "--list", "--json").json) <= {"backups", *named}
    assert {"restored", "kept", "backups[].name"} <= named


@pytest.mark.parametrize(
    "name", ["chat", "history", "models", "runtimes", "ledger", "doctor", "diagnostics", "restore"]
)
def test_every_help_says_what_an_error_looks_like(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert "error.kind\n  error.message\n  error.hint" in capsys.readouterr().out


def test_the_help_has_the_exit_codes_and_the_version_is_one_line(aqe: Command) -> None:
    told = aqe("--help").out
    for words in ("0 done", "3 refused by privacy policy", "6 nothing local"):
        assert words in told
    assert aqe("--version").out == f"aqe {__version__}\n"
