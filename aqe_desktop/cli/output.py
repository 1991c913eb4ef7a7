"""What reaches the terminal: as it comes, never a control sequence that a model wrote, and pipes without ornaments."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, TextIO

from aqe_desktop.core.errors import StorageFailed

# C0 but tab and line feed, DEL, C1: cursor moves, title changes, clipboard writes. And the marks that turn text around.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """The text with every control character made visible, e.g. `<1B>`; carriage returns go."""
    return _UNSAFE.sub(lambda found: f"<{ord(found.group()):02X}>", text.replace("\r", ""))


def prepare_streams() -> None:
    """Text that the stream's encoding lacks must not end the program; a pipe always gets UTF-8."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        encoding = None if stream.isatty() else "utf-8"
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _open_closed() -> None:
    """A closed stream leads nowhere. Left closed, the next file opened would get its number, and its words."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            if not _is_open(number):
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def write(text: str) -> None:
    """To standard output at once; made safe where that is a terminal."""
    _put_out(safe(text) if sys.stdout.isatty() else text)


def line(text: str = "") -> None:
    write(f"{text}\n")


def note(text: str) -> None:
    """One line on standard error: what is not the answer itself. Where it cannot be written, nobody can be told."""
    try:
        sys.stderr.write((safe(text) if sys.stderr.isatty() else text) + "\n")
        sys.stderr.flush()
    except OSError:
        abandon(sys.stderr)


def progress(text: str) -> None:
    """A note that only a person at a terminal wants."""
    if sys.stderr.isatty():
        note(text)


def moving(text: str) -> None:
    """A line on standard error that the next one of its kind takes the place of; only a person at a terminal wants
    it. "" clears it."""
    if sys.stderr.isatty():
        try:
            sys.stderr.write(f"\r{safe(text)}\x1b[K")
            sys.stderr.flush()
        except OSError:
            abandon(sys.stderr)


def as_json(value: dict[str, Any]) -> None:
    """One object on standard output; a terminal gets the same object, with escapes for what would drive it."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    if sys.stdout.isatty():
        text = _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
    _put_out(f"{text}\n")


def flush() -> None:
    """What others printed goes out now, or nowhere: the interpreter's own flush at exit would tell of a failure."""
    try:
        sys.stdout.flush()
    except OSError:
        abandon(sys.stdout)


def abandon(stream: TextIO) -> None:
    """After a failed write: nothing more is written, also not by the interpreter's own flush at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _put_out(text: str) -> None:
    """Raises BrokenPipeError when the reader has gone, StorageFailed for any other way it cannot be written."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageFailed(
            f"Standard output cannot be written: {error.strerror}.", "Direct it to a place that can be written."
        ) from error
