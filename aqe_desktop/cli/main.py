"""Command `aqe`: runs one command, and turns every way it can end into a message and an exit code.

Nothing heavy is imported before `main`, so that an early Ctrl+C ends like a late one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress

from aqe_desktop.cli import output
from aqe_desktop.cli.ended import Ended
from aqe_desktop.core.errors import AqeError

INTERRUPTED, PIPE_CLOSED, BUG = 130, 141, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code, whatever happens: never raises."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        output.prepare_streams()
        code = _explained(words, as_json="--json" in words[: _end_of_flags(words)])
        output.flush()
    except BrokenPipeError:
        output.abandon(sys.stdout)
        return PIPE_CLOSED
    except (KeyboardInterrupt, Ended) as again:  # while the first was being told
        return again.code if isinstance(again, Ended) else INTERRUPTED
    return code


def _explained(words: list[str], *, as_json: bool) -> int:
    try:
        from aqe_desktop.cli.commands import run_command

        return run_command(words)
    except AqeError as error:
        _tell(error.as_json(), as_json)
        return error.exit_code
    except (KeyboardInterrupt, Ended) as ended:
        _tell({"kind": "interrupted", "message": "Interrupted.", "hint": "What arrived is kept."}, as_json)
        return ended.code if isinstance(ended, Ended) else INTERRUPTED
    except BrokenPipeError:
        raise
    except SystemExit as ended:  # argparse after help
        return ended.code if isinstance(ended.code, int) else 0
    except Exception as error:  # noqa: BLE001 - the last place that can say it in words
        _note_fault(error)
        _tell(_as_bug(error), as_json)
        return BUG


def _end_of_flags(words: list[str]) -> int:
    """What follows `--` is the user's text, whatever it looks like."""
    return words.index("--") if "--" in words else len(words)


def _note_fault(error: Exception) -> None:
    """What broke the command may break the log too; the user hears of the command."""
    with suppress(Exception):
        from aqe_desktop.app import log_fault

        log_fault(error, "aqe")


def _tell(error: dict[str, str], as_json: bool) -> None:
    if as_json:
        with suppress(AqeError):  # standard output cannot be written: that is said on the other stream
            output.as_json({"error": error})
            return
    output.note(f"aqe: {error['message']}" + (f"\n     {error['hint']}" if error["hint"] else ""))


def _as_bug(error: Exception) -> dict[str, str]:
    return {
        "kind": "bug",
        "message": f"A fault in the app ended this command ({type(error).__name__}).",
        "hint": "`aqe diagnostics --save FILE` makes a report that you can read before giving it away.",
    }


if __name__ == "__main__":
    raise SystemExit(main())
