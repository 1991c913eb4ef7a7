"""Server-sent events, split on blank lines and never on network chunks: servers cut and join events as they like."""

from __future__ import annotations

import codecs


class SseParser:
    """Feed it bytes in any pieces; it returns the `data` of every event that is complete. Comments are dropped.

    Source of the format: the WHATWG HTML standard, "Server-sent events"; other fields than `data` are not used here."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[str]:
        text = self._rest + self._decode(chunk)
        # A CR at the very end may be the first half of CRLF: it waits for what follows.
        held = "\r" if text.endswith("\r") else ""
        lines = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop() + held
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: str) -> str | None:
        if not line:
            return self._flush()
        field, _, value = line.partition(":")
        if field == "data":
            self._data.append(value.removeprefix(" "))
        return None

    def _flush(self) -> str | None:
        if not self._data:
            return None
        event = "\n".join(self._data)
        self._data.clear()
        return event
