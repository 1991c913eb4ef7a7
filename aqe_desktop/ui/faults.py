"""Our own bugs, from wherever they surface: logged, and put into a report that a user can copy without giving anything
away. It holds types, places and versions; no message, since that may quote a prompt, a key or a path."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from aqe_desktop import __version__

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger("aqe_desktop.faults")

# The message of these is made of names in our code, never of the user's data.
_NAMES_ONLY = (AttributeError, NameError, ImportError, RecursionError, NotImplementedError)
_MOST_FRAMES = 30


class Faults:
    """Catches what nobody caught (loop, slots, threads, finalizers). `show` gets each report, on any thread.

    The same fault is reported to `show` once, and logged every time."""

    def __init__(self) -> None:
        self.show: Callable[[str], None] | None = None
        self._seen: set[str] = set()
        self._early: list[str] = []

    def install(self) -> None:
        """Take over the interpreter's hooks; PySide sends exceptions in slots to sys.excepthook."""
        sys.excepthook = lambda _kind, error, _trace: self.caught(error, "in a slot or at top level")
        threading.excepthook = lambda args: self.caught(args.exc_value, "in a thread")
        sys.unraisablehook = lambda args: self.caught(args.exc_value, args.err_msg or "in a finalizer")

    def caught(self, error: BaseException | None, where: str) -> None:
        import asyncio  # here and below: not on the way to the first paint

        # Python 3.11 reports a cancelled connection handler to the loop; a cancel is no fault.
        if isinstance(error, KeyboardInterrupt | SystemExit | asyncio.CancelledError):
            return
        text = report(error, where)
        _log.error("%s", text)
        if text in self._seen:
            return
        self._seen.add(text)
        self._tell(text)

    def in_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """For loop.set_exception_handler."""
        import asyncio

        task = context.get("task") or context.get("future")
        name = task.get_name() if isinstance(task, asyncio.Task) else ""
        self.caught(context.get("exception"), f"in the loop {name}: {_kind_of(context)}")

    def _tell(self, text: str) -> None:
        if self.show is None:
            self._early.append(text)
            return
        try:
            self.show(text)
        except RuntimeError:
            # Qt has deleted what shows them: a thread or a finalizer may outlive the window.
            _log.warning("the report was not shown: there is no window any more")

    def show_with(self, show: Callable[[str], None] | None) -> None:
        """From now on show reports by this, and at once those that came before there was a window.

        None: there is no window any more; what comes now is only logged."""
        self.show = show
        if show is not None:
            early, self._early = self._early, []
            for text in early:
                self._tell(text)


def report(error: BaseException | None, where: str) -> str:
    """The text to copy: versions, where it surfaced, and the chain of exceptions, innermost cause first."""
    import platform

    lines = [f"AQE Desktop {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"]
    lines.append(f"Uncaught {where}")
    for link in _chain(error):
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}{_detail(link)}")
        lines.extend(f"  {place}" for place in _places(link.__traceback__))
    return "\n".join(lines)


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _detail(error: BaseException) -> str:
    if isinstance(error, _NAMES_ONLY):
        return f": {error}"
    if isinstance(error, OSError) and error.errno is not None:
        return f": errno {error.errno}"
    return ""


def _places(trace: TracebackType | None) -> list[str]:
    frames: list[tuple[FrameType, int]] = list(traceback.walk_tb(trace))
    return [f"{_file(frame)}:{line} {frame.f_code.co_name}" for frame, line in frames[-_MOST_FRAMES:]]


def _file(frame: FrameType) -> str:
    """The path from the package's folder on: what lies above it names the user."""
    parts = Path(frame.f_code.co_filename).parts
    for folder in ("aqe_desktop", "site-packages", "lib"):
        if folder in parts:
            return "/".join(parts[len(parts) - 1 - parts[::-1].index(folder) :])
    return parts[-1] if parts else "?"


def _kind_of(context: dict[str, Any]) -> str:
    """asyncio's messages are fixed sentences, ours name a task; a repr could hold content and is left out."""
    return str(context.get("message", "")).split("<", 1)[0].strip()
