"""The chat on a terminal: a line is a question, Ctrl+C stops the reply, Ctrl+D leaves."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from aqe_desktop.cli import output
from aqe_desktop.cli.chat import Exchange, exchange_once, opening, summary
from aqe_desktop.cli.running import Session
from aqe_desktop.core.errors import AqeError

HELP = """/new    begin a new conversation
/help   this list
Ctrl+C  stop the reply; what arrived is kept
Ctrl+D  leave"""
PROMPT = "> "
_TICK_S = 0.1


def talk(args: argparse.Namespace) -> int:
    """Until Ctrl+D. Flags count for all of it, files for the first line."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - input() edits and remembers lines once it is imported
    with Session("aqe chat") as session:
        output.note("Type a question and press Enter. /help lists what else there is.")
        while (line := _typed()) is not None:
            if line.strip():
                _answer_line(session, args, line)
    output.line()
    return 0


def _typed() -> str | None:
    """The next line; None for Ctrl+D. Ctrl+C drops what was typed."""
    while True:
        try:
            with _ticking():
                return input(PROMPT)
        except EOFError:
            return None
        except KeyboardInterrupt:
            output.note("\nCtrl+D leaves.")


@contextlib.contextmanager
def _ticking() -> Iterator[None]:
    """While a line is typed, Python looks for signals only when one interrupts its wait for a key. One that comes just
    before that wait begins would be noticed at the end of the line, and drop it: so a timer interrupts the wait too."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, _nothing)  # for good: by default a late tick would end this process
    signal.setitimer(signal.ITIMER_REAL, _TICK_S, _TICK_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _nothing(_number: int, _: FrameType | None) -> None:
    """Python looks for other signals before it calls this; that is all a tick is for."""


def _answer_line(session: Session, args: argparse.Namespace, line: str) -> None:
    command = line.strip()
    if command == "/help":
        output.note(HELP)
    elif command == "/new":
        args.resume = None
    elif command.startswith("/") and " " not in command and command.count("/") == 1:
        output.note(f"There is no command {command}. /help lists those there are.")
    else:
        _ask(session, args, line)


def _ask(session: Session, args: argparse.Namespace, line: str) -> None:
    exchange = Exchange(show=True)
    try:
        session.run(_exchange(session, args, line, exchange))
        output.progress(summary(exchange))
    except KeyboardInterrupt:
        output.note("\nStopped. What arrived is kept.")
    except AqeError as error:
        output.note(f"\n{error.message}\n{error.hint}".rstrip())
    if exchange.stored is not None:
        args.resume = str(exchange.stored.conversation)
        args.file = []


async def _exchange(session: Session, args: argparse.Namespace, line: str, exchange: Exchange) -> None:
    try:
        await exchange_once(await opening(session.app, args, line), exchange)
    finally:
        exchange.end_line()
