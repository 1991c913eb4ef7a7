"""What reaches the terminal: as it comes, never a control sequence that a model wrote, and pipes without ornaments."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any, TextIO

# C0 but tab and line feed, DEL, C1: cursor moves, title changes, clipboard writes. And the marks that turn text around.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """The text with every control character made visible, e.g. `<1B>`; carriage returns go."""
    return _UNSAFE.sub(lambda found: f"<{ord(found.group()):02X}>", text.replace("\r", ""))


def prepare_streams() -> None:
    """Text that the stream's encoding lacks must not end the program; a pipe always gets UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        encoding = None if stream.isatty() else "utf-8"
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def write(text: str) -> None:
    """To standard output at once; made safe where that is a terminal."""
    _put(sys.stdout, text)


def line(text: str = "") -> None:
    write(f"{text}\n")


def note(text: str) -> None:
    """One line on standard error: what is not the answer itself."""
    _put(sys.stderr, f"{text}\n")


def progress(text: str) -> None:
    """A note that only a person at a terminal wants."""
    if sys.stderr.isatty():
        note(text)


def as_json(value: dict[str, Any]) -> None:
    """One object on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def abandon() -> None:
    """After a broken pipe: nothing more is written, also not by the interpreter's own flush at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _put(stream: TextIO, text: str) -> None:
    stream.write(safe(text) if stream.isatty() else text)
    stream.flush()
