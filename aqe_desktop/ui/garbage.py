"""Cyclic garbage is collected by the loop's own thread: widgets in it may be destroyed nowhere else.

Python collects in whichever thread happens to allocate. A QObject that is destroyed in a worker's thread leaves its
running timers behind, and the next of them crashes the window."""

from __future__ import annotations

import gc
import time

# A full collection may take so great a part of the time, however large the heap is.
_SHARE = 0.01


class Garbage:
    """The collector while a loop runs: by Python's own thresholds, but only when `collect` is called."""

    def __init__(self) -> None:
        self._was_on = False
        self._full_from = 0.0

    def take_over(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def give_back(self) -> None:
        if self._was_on:
            gc.enable()

    def collect(self) -> None:
        """Cheap where there is nothing to do: called after every turn of the loop."""
        young, middle, old = gc.get_count()
        most_young, most_middle, most_old = gc.get_threshold()
        if not self._was_on or young <= most_young:
            return
        if old > most_old and time.monotonic() >= self._full_from:
            self._collect_all()
        else:
            gc.collect(1 if middle > most_middle else 0)

    def _collect_all(self) -> None:
        begun = time.monotonic()
        gc.collect()
        ended = time.monotonic()
        self._full_from = ended + (ended - begun) / _SHARE
