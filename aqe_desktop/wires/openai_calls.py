"""Calls of tools in OpenAI's dialect: they come in pieces, and are whole only when the answer ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aqe_desktop.core.chat import Noted, ToolCalled
from aqe_desktop.core.tools import not_offered, strict_json


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass
class Calls:
    """Joins the pieces by their number. `offered` are the names of the tools that the model may ask for."""

    offered: frozenset[str] = frozenset()
    _calls: dict[int, _Call] = field(default_factory=dict)

    def take(self, pieces: Any) -> None:
        """What one chunk says of calls; anything else changes nothing."""
        for place, piece in enumerate(pieces if isinstance(pieces, list) else ()):
            inner = piece.get("function") if isinstance(piece, dict) else None
            if not isinstance(inner, dict):
                continue
            number = piece.get("index")
            call = self._calls.setdefault(number if isinstance(number, int) else place, _Call())
            call.id = call.id or str(piece.get("id") or "")
            call.name = call.name or str(inner.get("name") or "")
            call.arguments.append(_text(inner.get("arguments")))

    def end(self) -> list[ToolCalled | Noted]:
        """Each call once, in their order; a note in the place of one that was cut off, and one at the end of all that
        are of no tool offered."""
        calls, self._calls = [self._calls[number] for number in sorted(self._calls)], {}
        ended = [self._ended(call) for call in calls if call.name in self.offered]
        others = [call.name for call in calls if call.name not in self.offered]
        return [*ended, *([Noted(not_offered(others))] if others else [])]

    def _ended(self, call: _Call) -> ToolCalled | Noted:
        arguments = "".join(call.arguments).strip() or "{}"
        if not _is_object(arguments):
            return Noted(f"A call of the tool {call.name} was cut off or has no proper arguments, so it is left out.")
        return ToolCalled(call.name, arguments, call.id)


def _text(arguments: Any) -> str:
    """A piece of the text; some servers give the object at once."""
    if isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False)
    return arguments if isinstance(arguments, str) else ""


def _is_object(text: str) -> bool:
    try:
        return isinstance(strict_json(text), dict)
    except (ValueError, RecursionError):
        return False
