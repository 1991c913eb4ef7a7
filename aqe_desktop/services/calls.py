"""Calls of tools as text of the answer: kept, shown, searched and sent along like the rest, so that none is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aqe_desktop.core.chat import ChatEvent, TextDelta, ToolCalled


async def spelled(events: AsyncGenerator[ChatEvent]) -> AsyncGenerator[ChatEvent]:
    """The events, and after each call what says so in the answer."""
    said = False
    async with aclosing(events):
        async for event in events:
            yield event
            if isinstance(event, ToolCalled):
                yield TextDelta(("\n\n" if said else "") + as_text(event))
            said = said or isinstance(event, TextDelta | ToolCalled)


def as_text(call: ToolCalled) -> str:
    """A line and a block of code; no line of indented JSON can end the block."""
    try:
        arguments = json.dumps(json.loads(call.arguments), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        arguments = json.dumps(call.arguments, ensure_ascii=False)
    return f"Calls the tool `{call.name}`\n\n```json\n{arguments}\n```"
