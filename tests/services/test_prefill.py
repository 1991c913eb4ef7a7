"""A repeated beginning is shown once, in whatever pieces it comes, and nothing else is ever held back for good."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import ChatEvent, ReasoningDelta, TextDelta
from aqe_desktop.services.prefill import without_prefill
from tests.services.conftest import collect, text_of


async def pieces(*texts: str) -> AsyncGenerator[ChatEvent]:
    for text in texts:
        yield TextDelta(text)


async def shown(prefill: str, *texts: str) -> str:
    seen: list[ChatEvent] = []
    await collect(without_prefill(pieces(*texts), prefill), seen)
    assert all(event.text for event in seen if isinstance(event, TextDelta))
    return text_of(seen)


@given(st.text("ab", min_size=1, max_size=6), st.lists(st.text("ab", min_size=1, max_size=3), max_size=6))
async def test_a_repetition_is_removed_in_any_pieces(prefill: str, rest: list[str]) -> None:
    for cut in range(1, len(prefill) + 1):
        repeated = [part for part in (prefill[:cut], prefill[cut:]) if part]
        assert await shown(prefill, *repeated, *rest) == "".join(rest)


@given(st.text("ab", min_size=1, max_size=4), st.lists(st.text("ab", min_size=1, max_size=3), min_size=1))
async def test_text_that_is_no_repetition_comes_through_whole(prefill: str, texts: list[str]) -> None:
    whole = "".join(texts)
    expected = whole.removeprefix(prefill) if whole.startswith(prefill) else whole
    assert await shown(prefill, *texts) == expected


async def test_what_was_held_comes_before_an_event_of_another_kind() -> None:
    async def events() -> AsyncGenerator[ChatEvent]:
        yield TextDelta("ab")
        yield ReasoningDelta("hm")

    seen: list[ChatEvent] = []
    await collect(without_prefill(events(), "abc"), seen)
    assert seen == [TextDelta("ab"), ReasoningDelta("hm")]
