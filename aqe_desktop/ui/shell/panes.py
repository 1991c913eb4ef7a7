"""What a screen gives to the frame, and how the frame shares the width out: folded panes open above the rest."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import INSPECTOR, SIDEBAR
from aqe_desktop.ui.widgets.card import Ground
from aqe_desktop.ui.widgets.paint import mirrored

# Window widths below which a pane folds.
SIDEBAR_FOLDS, INSPECTOR_FOLDS = 860, 1100


@dataclass(frozen=True, slots=True)
class Panes:
    """The parts of a screen; the work area is the only one every screen has.

    `first` takes the keyboard when the screen comes to the front. A focus proxy would do that too, but Tab then skips
    everything before it. `foot` is the lower part of the work area that nothing may cover."""

    work: QWidget
    sidebar: QWidget | None = None
    inspector: QWidget | None = None
    first: QWidget | None = None
    foot: QWidget | None = None

    def take_keyboard(self) -> None:
        (self.first or self.work).setFocus(Qt.FocusReason.OtherFocusReason)


class PaneArea(QWidget):
    """Sidebar, work area, inspector. A pane the user wants but that has no room opens above the work area on demand."""

    folded = Signal(bool, bool)
    room_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sidebar_wanted = True
        self.inspector_wanted = True
        self._floating = ""
        self._shown: Panes | None = None
        self._work = QStackedWidget(self)
        self._veil = _Veil(self)
        self._veil.pressed.connect(self.close_floating)
        self._sidebar = _Slot("app", "right", self)
        self._inspector = _Slot("app", "left", self)
        theme().changed.connect(self.arrange)

    @property
    def sidebar_folded(self) -> bool:
        """Whether the screen's sidebar has no room of its own now."""
        return self.window().width() < theme().dp(SIDEBAR_FOLDS)

    @property
    def inspector_folded(self) -> bool:
        """Whether the screen's inspector has no room of its own now."""
        return self.window().width() < theme().dp(INSPECTOR_FOLDS)

    def show_panes(self, panes: Panes) -> None:
        """Put a screen on show; the widgets of the one before are kept."""
        self._watch_foot(panes)
        self._shown = panes
        if self._work.indexOf(panes.work) < 0:
            self._work.addWidget(panes.work)
        self._work.setCurrentWidget(panes.work)
        self._sidebar.show_content(panes.sidebar)
        self._inspector.show_content(panes.inspector)
        self._floating = ""
        self.arrange()

    def toggle_sidebar(self) -> None:
        if self.sidebar_folded:
            self._float("" if self._floating == "sidebar" else "sidebar")
        else:
            self.sidebar_wanted = not self.sidebar_wanted
            self.arrange()

    def toggle_inspector(self) -> None:
        if self.inspector_folded:
            self._float("" if self._floating == "inspector" else "inspector")
        else:
            self.inspector_wanted = not self.inspector_wanted
            self.arrange()

    def close_floating(self) -> None:
        """Fold a pane that was opened above the work area; the keyboard goes back to the work area."""
        if self._floating:
            self._float("")
            if self._shown is not None:
                self._shown.take_keyboard()

    def free_room(self) -> QRect:
        """Where something may float: the work area above its foot, in the window's coordinates."""
        room = self._work.geometry()
        foot = self._shown.foot if self._shown else None
        if foot is not None:
            room.setBottom(foot.mapTo(self, QPoint()).y() - 1)
        return QRect(self.mapTo(self.window(), room.topLeft()), room.size())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.room_changed.emit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._floating:
            self.close_floating()
            return
        super().keyPressEvent(event)

    def arrange(self) -> None:
        """Share the width out anew."""
        if self._shown is None:
            return
        left = self._width(self._shown.sidebar, SIDEBAR, self.sidebar_wanted and not self.sidebar_folded)
        right = self._width(self._shown.inspector, INSPECTOR, self.inspector_wanted and not self.inspector_folded)
        self._put(self._work, QRect(left, 0, max(1, self.width() - left - right), self.height()))
        self._put_pane(self._sidebar, "sidebar", left, theme().dp(SIDEBAR), at_end=False)
        self._put_pane(self._inspector, "inspector", right, theme().dp(INSPECTOR), at_end=True)
        self.folded.emit(left == 0 and self._shown.sidebar is not None, right == 0)
        self.room_changed.emit()

    def _watch_foot(self, panes: Panes) -> None:
        if self._shown is not None and self._shown.foot is not None and isValid(self._shown.foot):
            self._shown.foot.removeEventFilter(self)
        if panes.foot is not None:
            panes.foot.installEventFilter(self)

    def _put_pane(self, slot: QWidget, name: str, room: int, wide: int, *, at_end: bool) -> None:
        floats = self._floating == name and room == 0
        if floats:
            self._veil.setGeometry(self.rect())
            self._veil.show()
            self._veil.raise_()
            slot.raise_()
        elif self._floating == name:
            self._floating = ""
        if not self._floating:
            self._veil.hide()
        slot.setVisible(floats or room > 0)
        width = min(wide, self.width()) if floats else room
        self._put(slot, QRect(self.width() - width if at_end else 0, 0, width, self.height()))

    def _float(self, name: str) -> None:
        self._floating = name
        self.arrange()
        if name:
            slot = self._sidebar if name == "sidebar" else self._inspector
            slot.focus_content()

    def _put(self, widget: QWidget, rect: QRect) -> None:
        widget.setGeometry(mirrored(rect, self.rect(), self.layoutDirection()))

    def _width(self, content: QWidget | None, width: int, docked: bool) -> int:
        return theme().dp(width) if content is not None and docked else 0


class _Slot(Ground):
    """Holds one pane of the screen on show; those of other screens are hidden, not destroyed."""

    def __init__(self, token: str, edge: str, parent: QWidget) -> None:
        super().__init__(token, edge, parent=parent)
        self._content: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        start, end = (1, 0) if edge == "left" else (0, 1)
        self._column.setContentsMargins(start, 0, end, 0)
        self.hide()

    def show_content(self, content: QWidget | None) -> None:
        if self._content is not None:
            self._content.hide()
        self._content = content
        if content is not None:
            if self._column.indexOf(content) < 0:
                self._column.addWidget(content)
            content.show()

    def focus_content(self) -> None:
        """Give the keyboard to the first thing in the pane that takes it."""
        for widget in self.findChildren(QWidget):
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                return


class _Veil(QWidget):
    """Dims the work area while a pane lies above it; a press on it folds the pane."""

    pressed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, 70))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        event.accept()
