"""Command `aqe`: reads the line, runs one command, and turns every way it can end into a message and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from aqe_desktop import __version__
from aqe_desktop.app import log_fault
from aqe_desktop.cli import output
from aqe_desktop.cli.chat import add_chat
from aqe_desktop.cli.doctor import add_doctor
from aqe_desktop.cli.history import add_history
from aqe_desktop.cli.models import add_models
from aqe_desktop.cli.parser import Parser
from aqe_desktop.cli.restore import add_restore
from aqe_desktop.core.errors import AqeError, UsageError

CODES = """exit codes:
  0 done, 1 our bug, 2 usage, 3 refused by privacy policy, 4 provider or runtime failed, 5 budget,
  6 nothing local can serve it; 130 and 143 when interrupted, 141 when the reader of a pipe has gone

AQE_HOME moves all data and settings."""
INTERRUPTED, PIPE_CLOSED, BUG = 130, 141, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. Never raises but SystemExit for help and signals."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    output.prepare_streams()
    as_json = "--json" in words
    try:
        return _run(words)
    except AqeError as error:
        _tell(error.as_json(), as_json)
        return error.exit_code
    except KeyboardInterrupt:
        _tell({"kind": "interrupted", "message": "Interrupted.", "hint": "What arrived is kept."}, as_json)
        return INTERRUPTED
    except BrokenPipeError:
        output.abandon()
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last place that can say it in words
        log_fault(error, "aqe")
        _tell(_as_bug(error), as_json)
        return BUG


def _run(words: list[str]) -> int:
    parser = build_parser()
    args = parser.parse_args(words)
    if not hasattr(args, "command"):
        raise UsageError("Name a command.", "`aqe --help` lists them.")
    code: int = args.command(args)
    return code


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar."""
    parser = Parser(prog="aqe", description="Chat with models on this machine, from the terminal.", epilog=CODES)
    parser.add_argument("--version", action="version", version=f"aqe {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for add in (add_chat, add_history, add_models, add_doctor, add_restore):
        add(commands)
    return parser


def _tell(error: dict[str, str], as_json: bool) -> None:
    if as_json:
        output.as_json({"error": error})
    else:
        output.note(f"aqe: {error['message']}" + (f"\n     {error['hint']}" if error["hint"] else ""))


def _as_bug(error: Exception) -> dict[str, str]:
    return {
        "kind": "bug",
        "message": f"A fault in the app ended this command ({type(error).__name__}).",
        "hint": "`aqe diagnostics --save FILE` makes a report that you can read before giving it away.",
    }


if __name__ == "__main__":
    raise SystemExit(main())
