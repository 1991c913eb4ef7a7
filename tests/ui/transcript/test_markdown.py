"""Markdown to pieces: what a reader sees, and that nothing hides in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from aqe_desktop.ui.widgets.clean import utf16_length, utf16_slice, visible
from aqe_desktop.ui.widgets.transcript.blocks import Segment, Splitter
from aqe_desktop.ui.widgets.transcript.markdown import pieces
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Look, Para, Piece, RulePiece, TablePiece, TextPiece
from tests.bench.transcript_answer import answer


def shown(text: str) -> list[Piece]:
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    return [piece for segment in splitter.closed for piece in pieces(segment)]


def paras(text: str) -> list[Para]:
    return [para for piece in shown(text) if isinstance(piece, TextPiece) for para in piece.paras]


def looks(text: str) -> dict[str, int]:
    return {run.text: run.look for para in paras(text) for run in para.runs}


def test_inline_looks() -> None:
    found = looks("a **b** *c* `d` ~~e~~ ***f***")
    assert found["b"] == Look.BOLD
    assert found["c"] == Look.ITALIC
    assert found["d"] == Look.CODE
    assert found["e"] == Look.STRIKE
    assert found["f"] == Look.BOLD | Look.ITALIC


def test_nested_and_task_lists_carry_their_markers_in_the_text() -> None:
    found = [(para.text, para.indent) for para in paras("3. three\n   - inner\n   - [x] done\n4. four")]
    assert found == [("3.\tthree", 1), ("\u2022\tinner", 2), ("\u2611\tdone", 2), ("4.\tfour", 1)]


def test_a_table_has_its_head_its_cells_and_its_alignment() -> None:
    (table,) = shown("| a | b |\n|:-:|--:|\n| `x` | 2 |")
    assert isinstance(table, TablePiece)
    assert table.flat == "a\tb\nx\t2"
    assert table.aligns == ("center", "right")


def test_a_link_shows_where_it_leads() -> None:
    (para,) = paras("see [docs](https://example.org/a?b=1) now")
    assert para.text == "see docs (https://example.org/a?b=1) now"
    assert {run.href for run in para.runs} == {"", "https://example.org/a?b=1"}


def test_a_long_address_is_shown_by_its_host_and_kept_whole() -> None:
    url = "https://evil.example/" + "x" * 200
    (para,) = paras(f"[bank.example]({url})")
    assert para.text == "bank.example (evil.example/\u2026)"
    assert para.runs[0].href == url


def test_a_look_alike_host_is_shown_in_its_plain_form() -> None:
    (para,) = paras("[x](https://b\u0430nk.example)")
    assert "xn--" in para.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "smb://host/x", "vbscript:x"]
)
def test_other_schemes_are_text_and_no_link(url: str) -> None:
    (para,) = paras(f"[x]({url})")
    assert para.text == f"[x]({url})"
    assert not any(run.href for run in para.runs)


def test_an_image_is_a_sentence_with_its_address() -> None:
    (para,) = paras("![cat](http://evil.example/c.png)")
    assert para.text == "[image not loaded: cat, http://evil.example/c.png]"
    assert not any(run.href for run in para.runs)


def test_html_is_text() -> None:
    text = '<img src="http://evil.example/x"> <script>alert(1)</script>'
    (para,) = paras(text)
    assert para.text == text
    (block,) = paras("<div>\n<b>x</b>\n</div>")
    assert block.text == "<div> <b>x</b> </div>"


def test_a_reference_definition_is_shown_and_not_swallowed() -> None:
    assert [para.text for para in paras("[a][1]\n\n[1]: http://evil.example")] == ["[a][1]", "[1]: http://evil.example"]


def test_code_and_rules_are_pieces_of_their_own() -> None:
    found = shown("a\n\n---\n\n    indented\n\n```rust\nfn\n```")
    assert [type(piece) for piece in found] == [TextPiece, RulePiece, CodePiece, CodePiece]
    assert isinstance(found[3], CodePiece)
    assert found[3].language == "rust"


def test_a_quote_in_a_quote_and_code_inside_keep_their_depth() -> None:
    found = [(para.text, para.quote, para.style) for para in paras("> a\n>\n> > b\n>\n> ```\n> c\n> ```")]
    assert found == [("a", 1, "p"), ("b", 2, "p"), ("c", 1, "code")]


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("a\x00b", "a\u2400b"),
        ("\x1b[31m", "\u241b[31m"),
        ("\x7f", "\u2421"),
        ("\u202eevil", "[U+202E]evil"),
        ("\u2066", "[U+2066]"),
        ("\u200b", "[U+200B]"),
        ("\U000e0041", "[U+E0041]"),
        ("\ufffc\ufdd0\ud800", "\ufffd\ufffd\ufffd"),
        ("tab\there", "tab\there"),
        ("\u05d0\u200f \U0001f469\u200d\U0001f4bb", "\u05d0\u200f \U0001f469\u200d\U0001f4bb"),
    ],
)
def test_hidden_characters_are_seen(raw: str, seen: str) -> None:
    assert visible(raw) == seen


@given(st.text(max_size=200))
def test_no_piece_holds_a_hidden_character(text: str) -> None:
    for piece in shown(text):
        flat = piece.flat.replace("\n", "").replace("\u2028", "")
        assert visible(flat) == flat


def test_an_entity_cannot_bring_a_hidden_character_back() -> None:
    (para,) = paras("a&#x202e;b")
    assert para.text == "a[U+202E]b"


@given(st.text(max_size=60), st.data())
def test_positions_count_as_qt_counts(text: str, data: st.DataObject) -> None:
    text = "".join(char for char in text if not "\ud800" <= char <= "\udfff")
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2
    cut = data.draw(st.integers(0, len(text)))
    at = utf16_length(text[:cut])
    assert utf16_slice(text, 0, at) + utf16_slice(text, at, utf16_length(text)) == text


def test_segments_give_the_paragraphs_that_the_whole_text_gives() -> None:
    """Against the parser on the whole text, over answers as models write them."""
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    for seed in range(20):
        text = "".join(answer(1_500, seed))
        whole = [token.content for token in parser.parse(text) if token.type == "inline"]
        ours = [
            token.content
            for segment in _segments(text)
            if segment.kind == "flow"
            for token in parser.parse(segment.text)
            if token.type == "inline"
        ]
        assert ours == whole


def _segments(text: str) -> list[Segment]:
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.closed
