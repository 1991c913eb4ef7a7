"""Cuts markdown into segments while it streams, so that only the last one is ever rendered again.

Decisions are made on whole lines only: any text in any chunking gives the same segments as the text at once. Every
segment is bounded in lines and characters, whatever arrives (tests/ui/transcript/test_blocks.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from aqe_desktop.ui.widgets.clean import SOFT_BREAK, visible

LINE = 4_000  # characters of one line; a longer one goes on in the next
CODE_LINES = 100  # lines of code laid out as one
FLOW_LINES, LIST_LINES, TABLE_LINES = 200, 40, 60
CHARS = 8_000  # characters of one segment

_FENCE = re.compile(r"( *)(`{3,}(?=[^`]*$)|~{3,})(.*)$")
_MARKER = re.compile(r"( *)([-+*]|\d{1,9}[.)])([ \t]+|$)(.*)$")
_RULE = re.compile(r" {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$")
_HEADING = re.compile(r" {0,3}#{1,6}(?: |$)")
_UNDECIDED = re.compile(r" {0,3}(?:[-*_#>|`~]{1,3}|\d{1,2}[.)]?)$")
_DELIMITER = re.compile(r" {0,3}\|?(?: *:?-+:? *\|)+(?: *:?-+:? *)?$")


@dataclass(slots=True)
class Segment:
    """A run of source lines rendered together. `kind` is flow (markdown), code (a slice of one fence) or plain.

    `indent` is the depth of the list it stands in; `glued` goes on without a gap after the segment before it;
    `first`, `last` and `group` place a slice within its fence."""

    kind: str
    lines: list[str] = field(default_factory=list)
    indent: int = 0
    dedent: int = 0
    info: str = ""
    group: int = 0
    first: bool = True
    last: bool = False
    glued: bool = False
    size: int = 0

    def add(self, line: str) -> None:
        self.lines.append(line)
        self.size += len(line) + 1

    @property
    def text(self) -> str:
        return "\n".join(self.lines).replace("\n" + SOFT_BREAK, SOFT_BREAK)

    @property
    def table(self) -> bool:
        """Whether this is a table so far: its head and the line of dashes."""
        return len(self.lines) > 1 and "|" in self.lines[0] and bool(_DELIMITER.match(self.lines[1]))


@dataclass(slots=True)
class _State:
    """Where the splitter stands between two lines."""

    open: Segment | None = None
    blanks: int = 0
    items: tuple[int, ...] = ()  # columns at which the text of the open list items starts, outermost first
    fence: tuple[str, int, int] | None = None  # mark, its length, its column
    group: int = 0
    cut: bool = False  # the line before went on: this is the rest of it


class Splitter:
    """Takes text in pieces of any size; `closed` never change again, `preview()` adds what is still open."""

    def __init__(self, *, plain: bool = False) -> None:
        self.closed: list[Segment] = []
        self._plain = plain
        self._state = _State()
        self._tail = ""

    def feed(self, text: str) -> None:
        """Take some more text; costs time in proportion to it, not to what came before."""
        first, *rest = text.split("\n")
        self._grow(first)
        for part in rest:
            self._line(self._tail.removesuffix("\r"))
            self._tail = ""
            self._state.cut = False
            self._grow(part)

    def _grow(self, part: str) -> None:
        self._tail += part
        if len(self._tail) <= LINE:
            return
        start = 0
        while len(self._tail) - start > LINE:
            self._line(self._tail[start : start + LINE])
            self._state.cut = True
            start += LINE
        self._tail = self._tail[start:]

    def finish(self) -> None:
        """The text has ended: nothing is open afterwards."""
        if self._tail:
            self._line(self._tail.removesuffix("\r"))
            self._tail = ""
        self._close(last=True)
        self._state = _State(group=self._state.group)

    def preview(self) -> list[Segment]:
        """The segments still open, with the unfinished line once it can be told what it is; leaves no trace."""
        kept, closed = self._state, self.closed
        copy = replace(kept, open=_copied(kept.open))
        self._state, self.closed = copy, []
        try:
            if self._tail and not self._undecided():
                self._line(self._tail.removesuffix("\r"))
            self._close(last=True)
            return self.closed
        finally:
            self._state, self.closed = kept, closed

    def _undecided(self) -> bool:
        """Whether the next letter says what the unfinished line is: shown now, it would be something else at once."""
        if self._plain:
            return False
        if self._state.fence:
            mark, length, _ = self._state.fence
            bare = self._tail.strip(" \t")
            return set(bare) == {mark} and len(bare) < length
        return bool(_UNDECIDED.match(self._tail))

    def _close(self, *, last: bool = False) -> None:
        segment = self._state.open
        if segment is None:
            return
        segment.last = last
        if segment.lines or segment.kind == "code":
            self.closed.append(segment)
        self._state.open = None

    def _start(self, kind: str, **values: object) -> Segment:
        self._close(last=True)
        segment = Segment(kind)
        for name, value in values.items():
            setattr(segment, name, value)
        self._state.open = segment
        return segment

    def _line(self, raw: str) -> None:
        line = visible(raw)
        state = self._state
        if state.fence:
            self._code_line(line)
        elif self._plain:
            self._plain_line(line)
        elif state.cut:
            self._start("plain", glued=True, indent=len(state.items)).add(SOFT_BREAK + line)
        elif not line.strip(" \t"):
            state.blanks += 1
        else:
            self._flow_line(line)
            state.blanks = 0

    def _code_line(self, line: str) -> None:
        state = self._state
        assert state.fence is not None
        assert state.open is not None
        mark, length, column = state.fence
        bare = line.strip(" \t")
        if not state.cut and len(bare) >= length and set(bare) == {mark} and _column(line) - column < 4:
            self._close(last=True)
            state.fence = None
            return
        segment = state.open
        if len(segment.lines) >= CODE_LINES or segment.size >= CHARS:
            segment = self._next_slice(segment)
        segment.add((SOFT_BREAK if state.cut else "") + _dedented(line, 0 if state.cut else column))

    def _next_slice(self, before: Segment) -> Segment:
        self._close()
        segment = Segment("code", indent=before.indent, info=before.info, group=before.group, first=False, glued=True)
        self._state.open = segment
        return segment

    def _plain_line(self, line: str) -> None:
        state = self._state
        if not state.cut and (fence := _FENCE.match(line)) and len(fence[1]) < 4:
            self._open_fence(fence, 0)
        elif state.open is None:
            if line.strip():
                self._start("plain").add(line)
        elif state.cut or len(state.open.lines) >= LIST_LINES or state.open.size >= CHARS:
            self._start("plain", glued=True).add((SOFT_BREAK if state.cut else "") + line)
        else:
            state.open.add(line)

    def _open_fence(self, fence: re.Match[str], depth: int) -> None:
        state = self._state
        state.group += 1
        state.fence = (fence[2][0], len(fence[2]), len(fence[1]))
        self._start("code", indent=depth, info=fence[3].strip()[:200], group=state.group)

    def _flow_line(self, line: str) -> None:
        state = self._state
        column = _column(line)
        marker = None if _RULE.match(line) else _MARKER.match(line)
        self._leave_lists(line, column, marker)
        base = max((item for item in state.items if item <= column), default=0)
        fence = _FENCE.match(line)
        if fence and column - base < 4:
            self._open_fence(fence, sum(1 for item in state.items if item <= column))
        elif marker and column - base < 4 and not self._underlines(marker):
            self._item_line(line, marker, base)
        else:
            self._text_line(line, column, base)

    def _underlines(self, marker: re.Match[str]) -> bool:
        """Whether a lone dash is the underline of a heading, and not an empty item."""
        return bool(self._state.open and not self._state.blanks and not self._state.items and not marker[4])

    def _leave_lists(self, line: str, column: int, marker: re.Match[str] | None) -> None:
        """Forget list items that this line can no longer belong to."""
        state = self._state
        if not state.items or column >= state.items[0] or marker:
            return
        interrupts = _FENCE.match(line) or _HEADING.match(line) or _RULE.match(line)
        if state.blanks or state.open is None or interrupts:
            state.items = ()
            self._close(last=True)

    def _item_line(self, line: str, marker: re.Match[str], base: int) -> None:
        state = self._state
        column = len(marker[1])
        wide = len(marker[3]) > 4 or not marker[4]
        content = column + len(marker[2]) + (1 if wide else len(marker[3]))
        items = tuple(item for item in state.items if item <= column)
        segment = state.open
        full = segment is not None and len(segment.lines) >= LIST_LINES and not items
        if segment is None or full or self._breaks(segment, column) or self._overfull(segment):
            segment = self._start("flow", indent=len(items), dedent=base, glued=full)
            state.blanks = 0
        state.items = (*items, content)
        fence = _FENCE.match(" " * content + marker[4])
        self._append(segment, line[: content if fence else None])
        if fence:
            self._open_fence(fence, len(state.items))

    def _text_line(self, line: str, column: int, base: int) -> None:
        state = self._state
        segment = state.open
        heading = _HEADING.match(line) and not state.items
        if segment is None or heading or self._breaks(segment, column) or self._overfull(segment):
            head = segment.lines[:2] if segment and segment.table and not state.blanks and "|" in line else []
            depth = sum(1 for item in state.items if item <= column)
            glued = bool(segment) and not state.blanks and not heading
            segment = self._start("flow", indent=depth, dedent=base, glued=glued)
            for repeated in head:
                segment.add(repeated)
            state.blanks = 0
        self._append(segment, line)
        if heading:
            self._close(last=True)

    def _breaks(self, segment: Segment, column: int) -> bool:
        """Whether the blank line before this one ended the segment."""
        if segment.dedent > column or segment.kind == "plain":
            return True
        if not self._state.blanks or self._state.items:
            return False
        return not (column >= 4 and _column(segment.lines[0]) >= 4)

    def _overfull(self, segment: Segment) -> bool:
        lines = TABLE_LINES if segment.table else FLOW_LINES
        return len(segment.lines) >= lines or segment.size >= CHARS

    def _append(self, segment: Segment, line: str) -> None:
        for _ in range(min(self._state.blanks, 2)):
            segment.add("")
        segment.add(_dedented(line, segment.dedent))


def _copied(segment: Segment | None) -> Segment | None:
    return replace(segment, lines=list(segment.lines)) if segment else None


def _column(line: str) -> int:
    """Columns of white space before the text; a tab goes to the next multiple of four."""
    column = 0
    for char in line:
        if char == " ":
            column += 1
        elif char == "\t":
            column += 4 - column % 4
        else:
            break
    return column


def _dedented(line: str, columns: int) -> str:
    if not columns:
        return line
    expanded = line if "\t" not in line[:columns] else line.expandtabs(4)
    spaces = len(expanded) - len(expanded.lstrip(" "))
    return expanded[min(spaces, columns) :]
