"""The marks under what is private in the text that is being written: a wave for what binds, dashes for a hint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from aqe_desktop.core.findings import UNREAD, Found, PartKind
from aqe_desktop.ui.theme.current import theme

MOST = 300
"""Marks that are drawn; each costs a little with every repaint."""


def underline(editor: QPlainTextEdit, text: str, found: Sequence[Found]) -> None:
    """Mark the findings of `text`, if that is still what stands in the editor."""
    if editor.toPlainText() != text:
        return
    marked = [each for each in found if each.part.kind is PartKind.TEXT and each.finding.kind != UNREAD][:MOST]
    spans = zip(marked, _spans(text, marked), strict=True)
    editor.setExtraSelections([_selection(editor, each, *span) for each, span in spans])


def _spans(text: str, found: Sequence[Found]) -> Iterator[tuple[int, int]]:
    """Qt counts UTF-16 units, a finding code points."""
    plain = text.isascii() or max(text) <= "\uffff"
    for each in found:
        start, end = each.finding.start, each.finding.end
        yield (start, end) if plain else (_units(text[:start]), _units(text[:end]))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _selection(editor: QPlainTextEdit, found: Found, start: int, end: int) -> QTextEdit.ExtraSelection:
    style = QTextCharFormat()
    waves = QTextCharFormat.UnderlineStyle.WaveUnderline
    style.setUnderlineStyle(waves if found.binds else QTextCharFormat.UnderlineStyle.DashUnderline)
    style.setUnderlineColor(theme().color("danger" if found.binds else "muted"))
    cursor = QTextCursor(editor.document())
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    selection = QTextEdit.ExtraSelection()
    selection.cursor, selection.format = cursor, style
    return selection
