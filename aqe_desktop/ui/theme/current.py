"""The theme in force: one object that widgets ask for colours and fonts and that tells them when to repaint."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

from aqe_desktop.ui.theme.tokens import DARK, INTERFACE, LIGHT, Tokens


class Theme(QObject):
    """Holds tokens and type scale. `choice` is system | light | dark; `scale` multiplies every font size."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choice = "system"
        self._tokens = LIGHT
        self._scale = 1.0

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def scale(self) -> float:
        return self._scale

    @property
    def choice(self) -> str:
        return self._choice

    def apply(self, choice: str, scale: float = 1.0) -> None:
        """Switch theme and type scale; emits `changed` only if something is different."""
        self._choice = choice
        tokens = DARK if choice == "dark" or (choice == "system" and _system_is_dark()) else LIGHT
        if tokens is self._tokens and scale == self._scale:
            return
        self._tokens, self._scale = tokens, scale
        self.changed.emit()

    def follow_system(self) -> None:
        """Re-read the system's scheme; connected to QStyleHints.colorSchemeChanged by the window."""
        self.apply(self._choice, self._scale)

    def color(self, token: str) -> QColor:
        return QColor(getattr(self._tokens, token))

    def px(self, size: float) -> int:
        """A font size in pixels after the user's scale."""
        return max(8, round(size * self._scale))

    def font(self, size: float = INTERFACE, weight: int = 400, *, mono: bool = False) -> QFont:
        """The interface or monospace font at a pixel size; digits are tabular in the interface font."""
        kind = QFontDatabase.SystemFont.FixedFont if mono else QFontDatabase.SystemFont.GeneralFont
        font = QFont(MONO if mono and MONO else QFontDatabase.systemFont(kind))
        if not mono:
            font.setFamilies(QGuiApplication.font().families())
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        if not mono:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font


MONO: QFont | None = None
_theme: Theme | None = None


def theme() -> Theme:
    """The one theme of the process; a QObject, so it is made on first use and not at import."""
    global _theme
    if _theme is None:
        _theme = Theme()
    return _theme


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
