"""A mark by which a file knows the machine it was begun on, without telling anybody which machine that is."""

from __future__ import annotations

import hashlib
import platform
import uuid
from pathlib import Path

_IDENTITY = Path("/etc/machine-id")
_MULTICAST = 1 << 40  # set in a number that uuid made up because it found no network card


def machine_mark() -> str:
    """16 hex digits, the same as long as the system's identity stays; never that identity itself."""
    return hashlib.sha256(f"aqe-desktop ledger {_identity()}".encode()).hexdigest()[:16]


def _identity() -> str:
    """The card's number is asked for last: it takes a process of its own."""
    try:
        told = _IDENTITY.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        told = ""
    return told or f"{platform.node()} {_card()}"


def _card() -> int:
    number = uuid.getnode()
    return 0 if number & _MULTICAST else number
