"""Calls of tools as text of the answer: kept, shown, searched and sent along like the rest, so that none is lost."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aqe_desktop.core.chat import ChatEvent, TextDelta, ToolCalled

# The lines of a block of JSON never begin with what ends it.
_CALL_AT_END = re.compile(r"Calls the tool `[A-Za-z0-9_.-]+`\n\n```json\n(?:(?!```).*\n)+```\s*\Z")


async def spelled(events: AsyncGenerator[ChatEvent], begun: str = "") -> AsyncGenerator[ChatEvent]:
    """The events, and after each call what says so in the answer; `begun` is the text that they go on from.

    Words after a call are set apart from it, for on the line that ends its block they would be a part of the block."""
    said, called = bool(begun), bool(_CALL_AT_END.search(begun))
    async with aclosing(events):
        async for event in events:
            if isinstance(event, TextDelta) and event.text and called:
                event, called = TextDelta("\n\n" + event.text.lstrip("\n")), False
            yield event
            if isinstance(event, ToolCalled):
                yield TextDelta(("\n\n" if said else "") + as_text(event))
                called = True
            said = said or isinstance(event, TextDelta | ToolCalled)


def as_text(call: ToolCalled) -> str:
    """A line and a block of code; no line of indented JSON can end the block."""
    try:
        arguments = json.dumps(json.loads(call.arguments), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        arguments = json.dumps(call.arguments, ensure_ascii=False)
    return f"Calls the tool `{call.name}`\n\n```json\n{arguments}\n```"
