"""Finds words that are cut off: everything on show must fit, or be elided with the whole of it on hover."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import MEDIUM
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.label import Label


def settle(widget: QWidget) -> None:
    """Lay out and paint now, without running other events."""
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    widget.grab()


def clipped(root: QWidget) -> list[str]:
    """One sentence for every widget under `root` whose words do not fit and are not elided."""
    settle(root)
    found = [problem(widget) for widget in root.findChildren(QWidget) if widget.isVisibleTo(root)]
    return [text for text in found if text]


def problem(widget: QWidget) -> str:
    """What is wrong with this widget; empty when nothing is."""
    if isinstance(widget, Label):
        return _label(widget)
    if isinstance(widget, Control):
        return _control(widget)
    if isinstance(widget, QLineEdit):
        needed = QFontMetrics(widget.font()).height()
        return f"field “{widget.accessibleName()}” is too low" if widget.height() < needed + 2 else ""
    return ""


def _label(label: Label) -> str:
    if not label.text():
        return ""
    if label.wordWrap():
        low = label.height() < label.heightForWidth(label.width())
        return f"“{label.text()}” needs {label.heightForWidth(label.width())} px, has {label.height()}" if low else ""
    if label.height() < label.fontMetrics().height():
        return f"“{label.text()}” is cut below"
    fits = label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    return "" if fits or label.cut else f"“{label.text()}” is cut at the side"


def _control(control: Control) -> str:
    hint = control.sizeHint()
    if control.height() < hint.height():
        return f"“{control.text() or control.accessibleName()}” is {control.height()} px high, not {hint.height()}"
    # A combo asks for room for its longest choice and shows the one that is chosen.
    needed = min(hint.width(), QFontMetrics(theme().font(weight=MEDIUM)).horizontalAdvance(control.text()) + 8)
    if control.text() and control.width() < needed and not control.cut:
        return f"“{control.text()}” is {control.width()} px wide, not {needed}"
    return ""
