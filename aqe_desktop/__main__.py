"""Where every start begins: a worker process, the command line, or the window, in that order, Qt only for the last."""

from __future__ import annotations

import sys
from collections.abc import Sequence

SAMPLE = "What is a unit test? Answer in one sentence."


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code. `--worker NAME ...` is how a frozen app starts its own engine processes."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] == ["--worker"]:
        return _worker(words[1:])
    if words[:1] == ["--version"] or (words and not words[0].startswith("-")):
        from aqe_desktop.cli.main import main as aqe

        return aqe(words)
    return _window(words)


def _worker(words: list[str]) -> int:
    if words[:1] == ["ollama"]:
        from aqe_desktop.runtimes.ollama.worker import run_worker as keep_ollama

        return keep_ollama(words[1:])
    if words == ["rules"]:
        from aqe_desktop.upkeep import compile_rules

        return compile_rules()
    from aqe_desktop.runtimes.llamacpp.worker import run_worker

    return run_worker(words[1:])


def _window(words: list[str]) -> int:
    from aqe_desktop.machine.display import why_no_window

    reason = why_no_window()
    if reason:
        return _terminal(reason)
    if words[:1] == ["--gallery"]:
        from aqe_desktop.ui.gallery import main as gallery

        return gallery(words[1:])
    from aqe_desktop.ui.main import main as window

    return window(words)


def _terminal(reason: str) -> int:
    """The same chat where there is no display; where there is no terminal either, one question shows that it works."""
    from aqe_desktop.cli import output
    from aqe_desktop.cli.main import main as aqe

    output.prepare_streams()
    if sys.stdin.isatty() and sys.stdout.isatty():
        output.note(f"{reason} This is the same chat in the terminal.")
        return aqe(["chat"])
    output.note(f"{reason} There is no terminal either, so one sample question is asked.")
    output.line(f"> {SAMPLE}")
    return aqe(["chat", SAMPLE])


if __name__ == "__main__":
    raise SystemExit(main())
