"""The splitter: chunks do not matter, it ends, it never raises, and every segment stays small."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.ui.widgets.transcript.blocks import CHARS, FLOW_LINES, LINE, Segment, Splitter
from aqe_desktop.ui.widgets.transcript.markdown import pieces

_MARKS = "|".join(["", " ", "text", "text  ", "# head", "- item", "  - inner", "1. one", "12) twelve", "   more"])
_LINES = st.sampled_from(
    [
        *_MARKS.split("|"), "\tcode", "    code", "```", "```python", "~~~~", "   ```", "  ```js", "````", "- ```py",
        "> quote", "> ```", "| a | b |", "|---|---|", "| 1 | 2 |", "***", "---", "===", "-", "- [ ] task",
        "[a]: http://x", "\r", "\x00", "\u202e", "a" * 5000, "<b>", "![x](file:///etc/passwd)", "&#10;", "\\", "`",
        "**", "\ud800", "\U000e0041",
    ]
)  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=400), st.lists(_LINES, max_size=40).map("\n".join))


def split(text: str, sizes: list[int], *, plain: bool = False) -> list[Segment]:
    """The segments of a text that came in chunks of these sizes, over and over."""
    splitter = Splitter(plain=plain)
    start = 0
    while start < len(text):
        for size in sizes:
            splitter.feed(text[start : start + size])
            splitter.preview()
            start += size
    splitter.finish()
    return splitter.closed


@given(_TEXTS, st.lists(st.integers(1, 50), min_size=1, max_size=6), st.booleans())
def test_any_text_in_any_chunking_gives_the_segments_of_the_whole(text: str, sizes: list[int], plain: bool) -> None:
    assert split(text, sizes, plain=plain) == split(text, [len(text) + 1], plain=plain)


@given(_TEXTS, st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_what_is_on_show_midway_is_what_that_much_text_gives_at_once(text: str, sizes: list[int]) -> None:
    one, other = Splitter(), Splitter()
    start = 0
    for size in sizes:
        one.feed(text[start : start + size])
        start += size
    other.feed(text[:start])
    assert [*one.closed, *one.preview()] == [*other.closed, *other.preview()]


@given(_TEXTS, st.booleans())
def test_no_text_raises_and_every_segment_is_bounded(text: str, plain: bool) -> None:
    for segment in split(text, [7], plain=plain):
        assert len(segment.lines) <= FLOW_LINES + 3
        assert segment.size <= CHARS + LINE + 16
        for piece in pieces(segment):
            assert isinstance(piece.flat, str)


def test_a_line_of_a_megabyte_becomes_segments_that_join_to_it() -> None:
    segments = split("x" * 1_000_000, [65_536])
    assert "".join(segment.text.replace("\u2028", "") for segment in segments) == "x" * 1_000_000
    assert max(segment.size for segment in segments) <= LINE + 2
    assert all(segment.glued for segment in segments[1:])


def test_a_long_code_block_is_cut_into_slices_of_one_card() -> None:
    segments = split("```python\n" + "x = 1\n" * 4_000 + "```\nend", [1_000])
    code = segments[:-1]
    assert len(code) == 40
    assert [segment.first for segment in code] == [True] + [False] * 39
    assert [segment.last for segment in code] == [False] * 39 + [True]
    assert {segment.group for segment in code} == {1}
    assert "\n".join(segment.text for segment in code) == "\n".join(["x = 1"] * 4_000)


def test_code_in_a_list_item_is_a_card_and_the_list_goes_on_behind_it() -> None:
    segments = split("1. Do:\n   ```sh\n   ls\n\n   pwd\n   ```\n   then\n\n2. Next\n\nOut", [3])
    assert [(s.kind, s.indent, s.text) for s in segments] == [
        ("flow", 0, "1. Do:"),
        ("code", 1, "ls\n\npwd"),
        ("flow", 1, "then"),
        ("flow", 0, "2. Next"),
        ("flow", 0, "Out"),
    ]


@pytest.mark.parametrize("opening", ["```", "~~~", "````"])
def test_blank_lines_and_markup_inside_an_open_fence_are_code(opening: str) -> None:
    (segment,) = split(f"{opening}md\n# no head\n\n- no list\n``\n", [1])
    assert segment.text == "# no head\n\n- no list\n``"
    assert segment.info == "md"


def test_a_long_table_goes_on_under_its_head() -> None:
    segments = split("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 200, [11])
    assert len(segments) > 2
    for segment in segments:
        (table,) = pieces(segment)
        assert table.flat.startswith("a\tb")


def test_a_question_is_shown_as_it_was_typed() -> None:
    (segment,) = split("# not a head\n\n*as typed*", [4], plain=True)
    assert segment.kind == "plain"
    assert pieces(segment)[0].flat == "# not a head\n\n*as typed*"


def test_preview_leaves_no_trace() -> None:
    splitter = Splitter()
    splitter.feed("- a\n```")
    before = splitter.preview()
    assert splitter.preview() == before
    splitter.feed("py\nx")
    splitter.finish()
    assert [segment.kind for segment in splitter.closed] == ["flow", "code"]


@pytest.mark.parametrize(
    ("before", "mark", "words"),
    [
        ("text\n\n", "---", "\n"), ("text\n", "-", " item"), ("text\n\n", "##", " Head"), ("text\n\n", "```", "py\nx"),
        ("text\n\n", "12.", " item"), ("text\n\n", "|", " a |"), ("text\n\n", ">", " quote"), ("text\n\n", "**", "b"),
        ("```py\nx\n", "``", "` no end"), ("~~~~\nx\n", "~~~", " no end"),
    ],
)  # fmt: skip
def test_a_mark_is_not_shown_as_words_while_it_comes(before: str, mark: str, words: str) -> None:
    splitter = Splitter()
    splitter.feed(before)
    shown = splitter.preview()
    for char in mark:
        splitter.feed(char)
        assert splitter.preview() == shown
    splitter.feed(words)
    assert splitter.preview() != shown
    at_once = Splitter()
    at_once.feed(before + mark + words)
    assert [*splitter.closed, *splitter.preview()] == [*at_once.closed, *at_once.preview()]


def test_the_end_of_a_fence_is_no_line_of_its_code() -> None:
    splitter = Splitter()
    splitter.feed("```py\nx\n")
    for _ in range(3):
        splitter.feed("`")
        assert [segment.text for segment in splitter.preview()] == ["x"]


def test_a_mark_that_words_follow_is_shown_with_them() -> None:
    splitter = Splitter()
    splitter.feed("**")
    assert splitter.preview() == []
    splitter.feed("bo")
    assert [segment.text for segment in splitter.preview()] == ["**bo"]


def test_a_question_of_marks_is_shown_whole_at_once() -> None:
    splitter = Splitter(plain=True)
    splitter.feed("--")
    assert [segment.text for segment in splitter.preview()] == ["--"]
