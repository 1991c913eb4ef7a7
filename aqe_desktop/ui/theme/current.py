"""The theme in force: one object that widgets ask for colours, fonts and measures, and that tells them to repaint."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAccessibilityHints, QColor, QFont, QFontDatabase, QGuiApplication

from aqe_desktop.ui.theme.tokens import DARK, INTERFACE, LIGHT, Tokens, with_contrast


class Theme(QObject):
    """Holds tokens and type scale. `choice` is system | light | dark; `scale` multiplies fonts and what holds text."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choice = "system"
        self._tokens = LIGHT
        self._scale = 1.0
        self._contrast: bool | None = None
        self._reduced = False
        self._families: tuple[str, str] = ("", "")
        self._fonts: dict[tuple[float, int, bool], QFont] = {}
        if os.environ.get("AQE_TEST_FONTS") == "1":
            self._families = ("Inter", "JetBrains Mono")

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def scale(self) -> float:
        return self._scale

    @property
    def choice(self) -> str:
        return self._choice

    @property
    def reduced_motion(self) -> bool:
        """True where nothing may move: the user's setting. Qt 6.11 does not report the system's."""
        return self._reduced

    def apply(self, choice: str, scale: float = 1.0) -> None:
        """Switch theme and type scale; emits `changed` only if something is different."""
        self._choice = choice
        tokens = DARK if choice == "dark" or (choice == "system" and _system_is_dark()) else LIGHT
        if self._wants_contrast():
            tokens = with_contrast(tokens)
        if tokens == self._tokens and scale == self._scale:
            return
        self._tokens, self._scale = tokens, scale
        self._refresh()

    def follow_system(self) -> None:
        """Re-read the system's scheme and contrast; connected to the style hints by `style.install`."""
        self.apply(self._choice, self._scale)

    def set_contrast(self, wanted: bool | None) -> None:
        """High contrast on, off, or (None) as the system says."""
        self._contrast = wanted
        self.apply(self._choice, self._scale)

    def set_reduced_motion(self, reduced: bool) -> None:
        self._reduced = reduced

    def use_fonts(self, interface: str, mono: str) -> None:
        """Name the families instead of taking the system's; an empty name goes back to the system's."""
        if (interface, mono) != self._families:
            self._families = (interface, mono)
            self._refresh()

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """A token's colour; `alpha` 0..1 thins it."""
        color = QColor(getattr(self._tokens, token))
        color.setAlphaF(alpha)
        return color

    def px(self, size: float) -> int:
        """A font size in pixels after the user's scale."""
        return max(8, round(size * self._scale))

    def dp(self, length: float) -> int:
        """A length that must grow with the text inside it: a control's height, an icon beside a word."""
        return max(1, round(length * self._scale))

    def font(self, size: float = INTERFACE, weight: int = 400, *, mono: bool = False) -> QFont:
        """The interface or monospace font at a pixel size; digits are tabular in the interface font."""
        key = (size, weight, mono)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = self._make_font(size, weight, mono)
        return QFont(font)

    def _make_font(self, size: float, weight: int, mono: bool) -> QFont:
        kind = QFontDatabase.SystemFont.FixedFont if mono else QFontDatabase.SystemFont.GeneralFont
        font = QFontDatabase.systemFont(kind)
        family = self._families[1 if mono else 0]
        if family:
            font.setFamilies([family])
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight(weight))
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
        else:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _refresh(self) -> None:
        self._fonts.clear()
        self.changed.emit()

    def _wants_contrast(self) -> bool:
        return _system_wants_contrast() if self._contrast is None else self._contrast


_theme: Theme | None = None


def theme() -> Theme:
    """The one theme of the process; a QObject, so it is made on first use and not at import."""
    global _theme
    if _theme is None:
        _theme = Theme()
    return _theme


def use_fonts(interface: str, mono: str) -> None:
    """Fix the font families, for pictures that must look the same on every machine."""
    theme().use_fonts(interface, mono)


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _system_wants_contrast() -> bool:
    # The parent stays in a name: its Python wrapper owns the child's, and a temporary one takes it along.
    parent = QGuiApplication.styleHints()
    hints: QAccessibilityHints | None = parent.accessibility()
    return hints is not None and hints.contrastPreference() == Qt.ContrastPreference.HighContrast
