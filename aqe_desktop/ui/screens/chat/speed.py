"""How fast a reply comes, from its own pieces: the engine's exact figure arrives only with the last one."""

from __future__ import annotations

from collections import deque

WINDOW = 2.0


class Speed:
    """Tokens a second over the last two seconds; None until there is something to measure. Times in seconds."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def clear(self) -> None:
        self._seen.clear()

    def note(self, now: float, tokens: int) -> float | None:
        """`tokens` in all have arrived at `now`."""
        self._seen.append((now, tokens))
        while len(self._seen) > 2 and now - self._seen[0][0] > WINDOW:
            self._seen.popleft()
        first, before = self._seen[0]
        return (tokens - before) / (now - first) if now - first > 0.2 else None
