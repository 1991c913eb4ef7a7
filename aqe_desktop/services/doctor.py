"""Is this installation sound: a list of checks, each with what was found and the one next step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aqe_desktop.core.errors import AqeError


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check saw. `hint` is the next step where it is not `ok`, else empty."""

    name: str
    ok: bool
    detail: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A named look at one thing, which may block: returns what it saw, raises AqeError where something is wrong."""

    name: str
    look: Callable[[], str]


class DoctorService:
    """Runs every check, whatever the others found; needs neither a database nor an engine that work."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = tuple(checks)

    async def run(self) -> list[Finding]:
        """The findings, in the order of the checks."""
        return [await asyncio.to_thread(_looked, check) for check in self._checks]


def _looked(check: Check) -> Finding:
    try:
        return Finding(check.name, True, check.look())
    except AqeError as error:
        return Finding(check.name, False, error.message, error.hint)
    except OSError as error:  # in a broken installation anything may be in the way of anything
        return Finding(check.name, False, f"It cannot be looked at: {error.strerror}.", "Mend what failed above first.")
    except Exception as error:  # noqa: BLE001 - one check that breaks must not hide what the others see
        kind = type(error).__name__
        return Finding(check.name, False, f"It cannot be looked at ({kind}).", "Move it away, and look again.")
