"""Going on with a half answer: some engines repeat what they were given to continue; nobody should read it twice."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from aqe_desktop.core.chat import ChatEvent, TextDelta


async def without_prefill(events: AsyncGenerator[ChatEvent], prefill: str) -> AsyncGenerator[ChatEvent]:
    """The events without a repetition of `prefill` at their start; text that turns out to differ is let through."""
    held = ""
    async with aclosing(events):
        async for event in events:
            if prefill and isinstance(event, TextDelta):
                held += event.text
                if len(held) < len(prefill) and prefill.startswith(held):
                    continue
                event, prefill, held = TextDelta(held.removeprefix(prefill)), "", ""
                if not event.text:
                    continue
            elif held and not isinstance(event, TextDelta):
                yield TextDelta(held)
                prefill, held = "", ""
            yield event
        if held:
            yield TextDelta(held)
