"""What an answer's own pieces tell: figures while it comes, and where it ends without the engine's last word."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from aqe_desktop.core.chat import ChatEvent, ReadingPrompt, ReasoningDelta, TextDelta
from aqe_desktop.core.usage import Timing, Usage


class Measure:
    """Seconds count from its making, when the question is durable: loading and reading are part of the wait.

    An engine sends a piece per token, so pieces stand for tokens until its exact counts come. `clock` in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = self._last = clock()
        self._read: ReadingPrompt | None = None
        self._pieces = 0
        self.ttft_s: float | None = None

    def take(self, event: ChatEvent) -> bool:
        """Note an event; True with the first piece of the answer, when `ttft_s` is known for good."""
        if isinstance(event, ReadingPrompt):
            self._read = event
        if not isinstance(event, TextDelta | ReasoningDelta):
            return False
        self._last = self._clock()
        self._pieces += 1
        if self.ttft_s is None:
            self.ttft_s = self._last - self._begun
        return self._pieces == 1

    @property
    def usage(self) -> Usage | None:
        """None before the first piece: then nothing was made."""
        if not self._pieces:
            return None
        total, reused = (self._read.total, self._read.reused) if self._read else (0, 0)
        return Usage(input=max(0, total - reused), cache_read=reused, output=self._pieces)

    @property
    def timing(self) -> Timing:
        """As far as it has come; the speed is that between the pieces."""
        wrote = self._last - self._begun - (self.ttft_s or 0.0)
        speed = (self._pieces - 1) / wrote if self._pieces > 1 and wrote > 0 else None
        return Timing(self.ttft_s, self._clock() - self._begun, speed)

    def felt(self, told: Timing) -> Timing:
        """The engine's own speed, with the waiting as it was felt here."""
        return replace(told, ttft_s=self.ttft_s, total_s=self._clock() - self._begun)
