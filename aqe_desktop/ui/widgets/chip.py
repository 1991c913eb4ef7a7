"""Chips: a fact in a small box. Drawn by the window only, so that no answer of a model can imitate one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON_SMALL, MEDIUM, SECONDARY
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, text_width, word
from aqe_desktop.ui.widgets.tip import plain_tip

_HEIGHT, _PADDING, _GAP, _CROSS = 22, 8, 6, 12


class Chip(Control):
    """`tone` is neutral | device | lan | cloud | danger. A removable chip has a cross, and goes by Delete as well."""

    removed = Signal()

    def __init__(
        self,
        text: str = "",
        tone: str = "neutral",
        icon: str = "",
        dashed: bool = False,
        removable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._tone, self._icon, self._dashed, self._removable = tone, icon, dashed, removable
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_clickable(removable)

    def show_fact(self, text: str, tone: str = "neutral", icon: str = "", dashed: bool = False) -> None:
        """Say something else; the place of the chip is the caller's to reserve."""
        self.setText(text)
        self.setAccessibleName(text)
        self._tone, self._icon, self._dashed = tone, icon, dashed
        self.restyle()

    def set_clickable(self, clickable: bool) -> None:
        """A chip that opens something can be reached by keyboard; one that only says something is passed over."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if clickable else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)

    def set_facts(self, facts: tuple[str, ...]) -> None:
        """What stands behind it, on hover and for a screen reader."""
        self.setToolTip(plain_tip("\n".join(facts)))
        self.setAccessibleDescription(" ".join(facts))

    def sizeHint(self) -> QSize:
        return QSize(self._around() + text_width(self.text(), self._font()), theme().dp(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        token = self._paint_ground(painter)
        x = _PADDING
        if self._icon:
            size = theme().dp(ICON_SMALL)
            icons.draw(painter, self._icon, token, self.mirrored(QRect(x, 0, size, self.height())), size)
            x += size + _GAP
        shown = elided(self.text(), self._font(), self.width() - self._around())
        self.cut = shown != self.text()
        area = QRect(x, 0, text_width(shown, self._font()), self.height())
        word(painter, self.mirrored(area), shown, self._font(), theme().color(token))
        if self._removable:
            icons.draw(painter, "close", token, self._cross(), theme().dp(_CROSS))
        if self.ringed:
            ring(painter, self.rect())

    def _paint_ground(self, painter: QPainter) -> str:
        if self._tone == "neutral":
            box(painter, self.rect(), Box("sunken", "line" if self.hovered and self._opens() else ""))
            return "muted"
        ground = "" if self._dashed else f"{self._tone}_soft"
        line = self._tone if self._dashed or (self.hovered and self._opens()) else f"{self._tone}_line"
        box(painter, self.rect(), Box(ground, line, dashed=self._dashed))
        return self._tone

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        point: QPoint = event.position().toPoint()
        if self._removable and self._cross().contains(point):
            self.setDown(False)
            self.removed.emit()
            return
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._removable and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
            return
        super().keyPressEvent(event)

    def _opens(self) -> bool:
        return self.focusPolicy() != Qt.FocusPolicy.NoFocus

    def _cross(self) -> QRect:
        side = theme().dp(_CROSS) + _GAP
        return self.mirrored(QRect(self.width() - side - 2, 0, side, self.height()))

    def _around(self) -> int:
        width = 2 * _PADDING + (theme().dp(ICON_SMALL) + _GAP if self._icon else 0)
        return width + (theme().dp(_CROSS) + _GAP if self._removable else 0)

    def _font(self) -> QFont:
        return theme().font(SECONDARY, MEDIUM)
