"""Buttons: a verb, and one look per weight of the act."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import CONTROL, ICON, ICON_SMALL, INTERFACE, MEDIUM, SECONDARY, SMALL
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, text_width, word
from aqe_desktop.ui.widgets.tip import plain_tip


@dataclass(frozen=True, slots=True)
class _Look:
    text: str
    ground: str
    line: str
    hover: str


_LOOKS = {
    "plain": _Look("text", "raised", "line", "sunken"),
    "primary": _Look("on_accent", "accent", "", "accent"),
    "quiet": _Look("muted", "", "", "sunken"),
    "danger": _Look("danger", "raised", "danger_line", "danger_soft"),
    "link": _Look("accent", "", "", ""),
}
_SMALL_HEIGHT, _PADDING, _GAP, _RING_ROOM = 24, 12, 6, 5


class Button(Control):
    """`kind` is plain | primary | quiet | danger | link; `hint` a key shown after the verb."""

    def __init__(
        self,
        text: str,
        kind: str = "plain",
        icon: str = "",
        hint: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._look = _LOOKS[kind]
        self._icon = icon
        self._hint = hint
        self._small = small
        self._link = kind == "link"
        self._at_end = False
        self._padding = _RING_ROOM if self._link else _PADDING - 2 * small
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if self._link:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def align_end(self) -> None:
        """A link at the end of a line: its last letter ends where the line ends."""
        self._at_end = True

    def set_look(self, kind: str, icon: str = "") -> None:
        """Change the weight of the act, e.g. when Stop takes Send's place."""
        self._look, self._icon = _LOOKS[kind], icon
        self.update()

    def sizeHint(self) -> QSize:
        width = 2 * theme().dp(self._padding) + self._fixed() + text_width(self.text(), self._font())
        return QSize(width, theme().dp(_SMALL_HEIGHT if self._small else CONTROL))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._paint_ground(painter)
        token = self._look.text if self.isEnabled() or self._look.ground == "accent" else "faint"
        x = theme().dp(self._padding)
        room = self.width() - 2 * x - self._fixed()
        shown = elided(self.text(), self._font(), room)
        self.cut = shown != self.text()
        used = text_width(shown, self._font()) + self._fixed()
        x = max(x, (self.width() - used) // 2)
        if self._link and not self.ringed:
            # The room for the ring is no indent: the word stands flush with what is above and below it.
            x = self.width() - used if self._at_end else 0
        if self._icon:
            size = theme().dp(ICON_SMALL)
            icons.draw(painter, self._icon, token, self.mirrored(QRect(x, 0, size, self.height())), size)
            x += size + _GAP
        area = QRect(x, 0, text_width(shown, self._font()), self.height())
        word(painter, self.mirrored(area), shown, self._font(), theme().color(token))
        if self._hint:
            self._paint_hint(painter, QRect(area.right() + _GAP + 2, 0, self.width(), self.height()), token)

    def _paint_ground(self, painter: QPainter) -> None:
        ground, line = self._look.ground, self._look.line
        active = (self.hovered or self.isDown() or self.isChecked()) and self.isEnabled()
        if active and self._look.hover:
            ground = self._look.hover
        if not self.isEnabled() or (active and ground == "accent"):
            painter.setOpacity(0.45 if not self.isEnabled() else (0.86 if self.isDown() else 0.93))
        inside = self.rect()
        if self.ringed:
            inside = inside.adjusted(3, 3, -3, -3)
        box(painter, inside, Box(ground, line, radius=3 if self.ringed else 6))
        painter.setOpacity(1.0 if self.isEnabled() else 0.7)
        if self.ringed:
            ring(painter, self.rect())

    def _paint_hint(self, painter: QPainter, area: QRect, token: str) -> None:
        font = theme().font(SMALL, mono=True)
        area.setWidth(text_width(self._hint, font))
        word(painter, self.mirrored(area), self._hint, font, theme().color(token, 0.8))

    def _fixed(self) -> int:
        width = theme().dp(ICON_SMALL) + _GAP if self._icon else 0
        if self._hint:
            width += text_width(self._hint, theme().font(SMALL, mono=True)) + _GAP + 2
        return width

    def _font(self) -> QFont:
        return theme().font(SECONDARY if self._small else INTERFACE, MEDIUM)


class IconButton(Control):
    """A square button with an icon; `name` is its tooltip and what a screen reader says, so it must say the act."""

    def __init__(
        self,
        icon: str,
        name: str,
        size: int = CONTROL,
        framed: bool = False,
        token: str = "muted",
        parent: QWidget | None = None,
    ) -> None:
        if not name:
            raise ValueError("an icon button needs a name that can be spoken")
        super().__init__("", parent)
        self._icon, self._size, self._framed, self._token = icon, size, framed, token
        self.set_name(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_name(self, name: str) -> None:
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(name))

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().dp(self._size), theme().dp(self._size))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        active = (self.hovered or self.isDown() or self.isChecked()) and self.isEnabled()
        ground = "sunken" if active else ("raised" if self._framed else "")
        box(painter, self.rect(), Box(ground, "line" if self._framed else ""))
        token = "faint" if not self.isEnabled() else ("text" if active else self._token)
        painter.setOpacity(1.0 if self.isEnabled() else 0.6)
        icons.draw(painter, self._icon, token, self.rect(), theme().dp(ICON if self._size >= CONTROL else ICON_SMALL))
        if self.ringed:
            ring(painter, self.rect())
