"""Segments to pieces. HTML stays text, images become a sentence, links carry their address: nothing here can load.

Reference-style links are shown as written: their address may stand anywhere in the text, and a definition that
disappears would be hidden content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aqe_desktop.ui.widgets.clean import visible
from aqe_desktop.ui.widgets.transcript.blocks import Segment
from aqe_desktop.ui.widgets.transcript.pieces import CodePiece, Look, Para, Piece, RulePiece, Run, TablePiece, TextPiece

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_SIMPLE = re.compile(r"[A-Za-z][^\n*_`\[\]<>&\\#|~!]*(?<! )\Z")
_LONGEST_ADDRESS = 60
PAGE = "page:"  # the scheme of links from one page of our guide to another
_DEEPEST = 8  # levels of indent that are drawn; deeper ones stay at this one
_MARKS = {"strong": Look.BOLD, "em": Look.ITALIC, "s": Look.STRIKE}
_TASK = re.compile(r"\[([ xX])\] ")


def pieces(segment: Segment, *, inner: bool = False) -> tuple[Piece, ...]:
    """The pieces of one segment; never raises, whatever the text.

    `inner`: links to other pages of our guide are links too. Never for a model's words."""
    text = segment.text
    if segment.kind == "code":
        code = CodePiece(text, segment.info, segment.group, segment.first, segment.last, segment.indent, segment.glued)
        return (code,)
    if segment.kind == "plain":
        return (_plain(text.rstrip("\n") if segment.last else text, segment.indent, segment.glued),)
    if _SIMPLE.match(text):
        return (TextPiece((Para((Run(text),), indent=segment.indent),), segment.glued),)
    return tuple(_Walker(segment, inner=inner).pieces())


def _plain(text: str, indent: int, glued: bool) -> TextPiece:
    paras = tuple(Para((Run(line),), "plain", indent=indent, tight=True) for line in text.split("\n"))
    return TextPiece(paras, glued)


@cache
def _parser(*, inner: bool) -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough"]).disable(["reference"])
    parser.validateLink = _leads_in_or_out if inner else _may_be_linked  # type: ignore[method-assign]
    return parser


def _may_be_linked(url: str) -> bool:
    return url.strip().lower().startswith(("http://", "https://", "mailto:"))


def _leads_in_or_out(url: str) -> bool:
    return url.startswith(PAGE) or _may_be_linked(url)


class _Walker:
    """Turns one segment's tokens into pieces; keeps where it stands in lists and quotes."""

    def __init__(self, segment: Segment, *, inner: bool) -> None:
        self._segment = segment
        self._tokens = _parser(inner=inner).parse(segment.text)
        self._indent = segment.indent
        self._quote = 0
        self._lists: list[tuple[int | None, bool]] = []  # next number (None: bullets), tight
        self._marker = ""
        self._style = "p"
        self._level_paras: list[Para] = []
        self._glued = segment.glued

    def pieces(self) -> Iterator[Piece]:
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            if token.type == "table_open":
                yield from self._flush()
                index, table = self._table(index)
                yield table
            elif token.type == "hr" and not self._lists and not self._quote:
                yield from self._flush()
                yield RulePiece(self._indent, self._take_glue())
            elif token.type in ("fence", "code_block") and not self._lists and not self._quote:
                yield from self._flush()
                yield CodePiece(token.content.removesuffix("\n"), token.info, indent=self._indent)
            else:
                self._block(token)
            if token.level == 0 and token.nesting <= 0 and not self._lists:
                yield from self._flush()
            index += 1
        yield from self._flush()

    def _take_glue(self) -> bool:
        glued, self._glued = self._glued, False
        return glued

    def _flush(self) -> Iterator[Piece]:
        if self._level_paras:
            yield TextPiece(tuple(self._level_paras), self._take_glue())
            self._level_paras = []

    def _block(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._lists.append((None, False))
            case "ordered_list_open":
                self._lists.append((int(token.attrGet("start") or 1), False))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._open_item()
            case "list_item_close":
                self._close_item()
            case "blockquote_open":
                self._quote += 1
            case "blockquote_close":
                self._quote -= 1
            case "heading_open":
                self._style = token.tag
            case "heading_close":
                self._style = "p"
            case "paragraph_open":
                self._tight = token.hidden
            case "inline":
                self._text(runs(token.children or []))
            case "fence" | "code_block":
                self._inner_code(token.content.removesuffix("\n"))
            case "hr":
                self._text((Run("\u2014\u2014\u2014", Look.FAINT),))

    _tight = False

    def _open_item(self) -> None:
        number = self._lists[-1][0]
        if number is None:
            self._marker = "\u2022\t"
        else:
            self._marker = f"{number}.\t"
            self._lists[-1] = (number + 1, False)

    def _close_item(self) -> None:
        if self._marker:
            self._text(())
        self._marker = ""

    def _text(self, content: tuple[Run, ...]) -> None:
        marker, self._marker = self._marker, ""
        if marker and content and (task := _TASK.match(content[0].text)):
            marker = "\u2611\t" if task[1] != " " else "\u2610\t"
            content = (Run(content[0].text[4:], content[0].look, content[0].href), *content[1:])
        if marker:
            content = (Run(marker, Look.MARKER), *content)
        tight = self._tight and bool(self._level_paras) and self._style == "p"
        indent = min(_DEEPEST, self._indent + len(self._lists))
        para = Para(content, self._style, indent, min(_DEEPEST, self._quote), bool(marker), tight)
        self._level_paras.append(para)

    def _inner_code(self, code: str) -> None:
        if self._marker:
            self._text(())
        indent = min(_DEEPEST, self._indent + len(self._lists))
        for number, line in enumerate(code.split("\n")):
            quote = min(_DEEPEST, self._quote)
            self._level_paras.append(Para((Run(line, Look.CODE),), "code", indent, quote, tight=number > 0))

    def _table(self, index: int) -> tuple[int, TablePiece]:
        rows: list[tuple[tuple[Run, ...], ...]] = []
        row: list[tuple[Run, ...]] = []
        aligns: list[str] = []
        while (token := self._tokens[index]).type != "table_close":
            if token.type == "tr_open":
                row = []
            elif token.type == "tr_close":
                rows.append(tuple(row))
            elif token.type == "th_open":
                aligns.append(str(token.attrGet("style") or "").removeprefix("text-align:") or "left")
            elif token.type == "inline":
                row.append(runs(token.children or []))
            index += 1
        indent = min(_DEEPEST, self._indent + len(self._lists))
        return index, TablePiece(tuple(rows), tuple(aligns), indent, self._take_glue())


def runs(tokens: list[Token]) -> tuple[Run, ...]:
    """Inline tokens as runs: an image is a sentence with its address, a link is followed by where it leads."""
    found: list[Run] = []
    look, href, text = Look.PLAIN, "", ""
    for token in tokens:
        if token.type == "link_open":
            href, text = visible(str(token.attrGet("href") or "")), ""
        elif token.type == "link_close":
            found.extend(_address(text, href))
            href = ""
        elif token.nesting and (mark := _MARKS.get(token.tag)):
            look = look | mark if token.nesting > 0 else look & ~mark
        else:
            shown = _inline_text(token)
            text += shown
            extra = (Look.CODE if token.type == "code_inline" else Look.PLAIN) | (Look.LINK if href else Look.PLAIN)
            extra |= Look.FAINT if token.type == "image" else Look.PLAIN
            if shown:
                _join(found, Run(shown, look | extra, href))
    return tuple(found)


def _join(found: list[Run], run: Run) -> None:
    if found and found[-1].look == run.look and found[-1].href == run.href:
        run = Run(found.pop().text + run.text, run.look, run.href)
    found.append(run)


def _inline_text(token: Token) -> str:
    if token.type == "softbreak":
        return " "
    if token.type == "hardbreak":
        return "\u2028"
    if token.type == "image":
        label = visible(" ".join(token.content.split()))
        return f"[image not loaded: {label + ', ' if label else ''}{visible(_attribute(token, 'src'))}]"
    return visible(token.content) if "&" not in token.content else visible(token.content.replace("\n", " "))


def _attribute(token: Token, name: str) -> str:
    value: Any = token.attrGet(name)
    return str(value or "")


def _address(text: str, href: str) -> tuple[Run, ...]:
    """Where a link leads, shown unless its text says so already; long addresses are shown by their host."""
    if text in (href, href.removeprefix("mailto:")) or href.startswith(PAGE):
        return ()
    shown = href
    if len(href) > _LONGEST_ADDRESS:
        shown = (urlsplit(href).netloc or href[:_LONGEST_ADDRESS]) + "/\u2026"
    return (Run(f" ({shown})", Look.FAINT | Look.LINK, href),)
