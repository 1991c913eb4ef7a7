"""An event stream means the same however the network cuts it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.wires.sse import SseParser

_STREAM = (
    ": comment\n\ndata: one\n\n:\n\ndata:two\r\ndata:  zwei\r\n\r\nevent: x\nid: 7\nretry: 3\n\n"
    "data: größer 🙂\r\rdata: [DONE]\n\n"
).encode()
_EVENTS = ["one", "two\n zwei", "größer 🙂", "[DONE]"]


def _parse(pieces: list[bytes]) -> list[str]:
    parser = SseParser()
    return [event for piece in pieces for event in parser.feed(piece)]


def test_events_end_at_blank_lines_and_comments_are_dropped() -> None:
    assert _parse([_STREAM]) == _EVENTS


@given(st.sets(st.integers(0, len(_STREAM))))
def test_any_chunking_gives_the_same_events(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(_STREAM)]
    assert _parse([_STREAM[a:b] for a, b in pairwise(edges)]) == _EVENTS


@given(st.binary(max_size=300), st.integers(1, 7))
def test_arbitrary_bytes_never_raise_and_never_depend_on_the_chunking(data: bytes, size: int) -> None:
    whole = _parse([data])
    assert _parse([data[at : at + size] for at in range(0, len(data), size)]) == whole


@pytest.mark.parametrize("tail", [b"data: half", b"data: half\n", b"data: half\r"])
def test_an_event_that_was_cut_off_is_not_reported(tail: bytes) -> None:
    assert _parse([b"data: whole\n\n", tail]) == ["whole"]
