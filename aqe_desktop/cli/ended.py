"""The end that a signal asks for, known before anything heavy is imported."""

from __future__ import annotations


class Ended(SystemExit):
    """A signal asked us to end: its code is 128 + the signal's number, as shells have it."""

    code: int

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
