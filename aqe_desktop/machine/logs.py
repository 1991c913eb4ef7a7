"""The app's log: what happened and where, never what was said; several processes write it and rotate it together."""

from __future__ import annotations

import logging
import os
import re
import stat
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aqe_desktop.core.errors import AqeError
from aqe_desktop.locks import FileLock, wait_for

NAME = "aqe.log"
MAX_BYTES = 1024 * 1024
FILES = 3
_APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
    _APPENDING |= getattr(os, _flag, 0)
_REDACTED = "[redacted]"
_SECRETS = re.compile(
    r"(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
    r"|\b(?:sk|pk|rk|gsk|hf|ghp|gho|ghs|glpat|xox[a-z]|AKIA|AIza|eyJ)[-_A-Za-z0-9.]{12,}"
    r"|\b(?=[A-Za-z_+=-]*\d)(?=[\d_+=-]*[A-Za-z])[\w+=-]{32,}"
)


def start_logging(folder: Path, process: str) -> logging.Handler:
    """Write the log of this process into `folder`; returns the handler for `stop_logging`. Never raises."""
    handler = SharedFile(folder / NAME)
    handler.setFormatter(Discreet(process))
    root = logging.getLogger("aqe_desktop")
    root.setLevel(logging.INFO)
    root.propagate = False
    root.addHandler(handler)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    logging.getLogger("aqe_desktop").removeHandler(handler)
    handler.close()


def last_lines(folder: Path, count: int = 200) -> list[str]:
    """The end of the log, oldest line first; empty where there is none."""
    lines: list[str] = []
    for path in reversed([folder / NAME, *_rotated(folder / NAME)]):
        with suppress(OSError):
            if path.is_file() and not path.is_symlink():
                lines += path.read_text("utf-8", "replace").splitlines()
    return lines[-count:]


def redacted(text: str) -> str:
    """The text without anything that looks like a key or token."""
    return _SECRETS.sub(_REDACTED, text)


class Discreet(logging.Formatter):
    """One record per line block: time, process, level, place, message; an exception by its kind and frames only.

    An exception's own words may quote a prompt, so only our own errors keep them."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        head = (
            f"{moment} {self._process}[{os.getpid()}] {record.levelname.lower()} {record.name}: {record.getMessage()}"
        )
        blocks = [redacted(head)]
        if record.exc_info and record.exc_info[1] is not None:
            blocks += [f"  {line}" for line in _told(record.exc_info[1])]
        return "\n".join(blocks)


class SharedFile(logging.Handler):
    """Appends under a lock that all our processes share, so that a rotation never loses another one's lines."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        try:
            data = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            with _locked(self._path.with_suffix(".lock")):
                self._rotate(len(data))
                self._append(data)
        except OSError:
            return  # a full or read-only disk: the log is the first thing to go without

    def _append(self, data: bytes) -> None:
        """To a file of our own only: a link would lead the log elsewhere, a pipe would hold it up."""
        with os.fdopen(os.open(self._path, _APPENDING, 0o600), "wb") as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                file.write(data)

    def _rotate(self, coming: int) -> None:
        if not self._path.exists() or self._path.stat().st_size + coming <= MAX_BYTES:
            return
        names = [self._path, *_rotated(self._path)]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            if newer.exists():
                newer.replace(older)


def _rotated(path: Path) -> list[Path]:
    return [path.with_name(f"{path.name}.{number}") for number in range(1, FILES)]


def _told(error: BaseException) -> Iterator[str]:
    """Kinds and frames of an exception and its causes, the first cause first."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _told(earlier)
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{_short(frame.filename)}:{frame.lineno} in {frame.name}"
    yield redacted(f"{type(error).__module__}.{type(error).__qualname__}{_words(error)}")


def _words(error: BaseException) -> str:
    if isinstance(error, AqeError):
        return f": {error.message}"
    return f": errno {error.errno}" if isinstance(error, OSError) else ""


def _short(path: str) -> str:
    """A source file without the user's folders."""
    return "/".join(Path(path).parts[-3:])


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone, or after a second in any case: a lost line is better than a program that waits for its log."""
    lock = FileLock(path)
    try:
        wait_for(lock.try_exclusive, 1.0)
        yield
    finally:
        lock.release()
