"""Newline-delimited JSON, split at line feeds alone: a reply may hold other characters that Unicode calls line ends."""

from __future__ import annotations

from aqe_desktop.core.errors import ProviderFailed

# Bytes of one line; a whole answer is far smaller, and a server that never ends a line must not fill the memory.
_LIMIT = 64 * 1024 * 1024


class NdjsonParser:
    """Feed it bytes in any pieces; it returns the lines that are complete, empty ones dropped.

    `end` returns what stood after the last line feed: Ollama sends an upstream's error so. Raises ProviderFailed for a
    line without an end."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._rest: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[str]:
        first, *more = chunk.split(b"\n")
        self._hold(first)
        if not more:
            return []
        lines = [b"".join(self._rest), *more[:-1]]
        self._rest, self._held = [], 0
        self._hold(more[-1])
        return _texts(lines)

    def end(self) -> list[str]:
        rest, self._rest, self._held = self._rest, [], 0
        return _texts([b"".join(rest)])

    def _hold(self, piece: bytes) -> None:
        self._held += len(piece)
        if self._held > self._limit:
            raise ProviderFailed("The server sent a line without an end.", "Check that it is the server you mean.")
        self._rest.append(piece)


def _texts(lines: list[bytes]) -> list[str]:
    return [line.decode("utf-8", "replace") for line in lines if line.strip()]
