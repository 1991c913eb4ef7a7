"""Puts the theme on Qt's own widgets: one style sheet made from a template, and one palette, for the whole app."""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from aqe_desktop.resources import resource
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY

_PLACEHOLDER = re.compile(r"@(?:(px|dp)\((\d+)\)|([a-z_]+))")
_ROLES = {
    QPalette.ColorRole.Window: "app",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "sunken",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.Light: "raised",
    QPalette.ColorRole.Midlight: "line_soft",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "line_strong",
    QPalette.ColorRole.Shadow: "line_strong",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.BrightText: "text",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
}
_DISABLED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)


def install(app: QApplication, choice: str = "system", scale: float = 1.0, *, based: bool = False) -> None:
    """Once, before the first window: the base style, the theme, and the wish to follow theme and system.

    `based`: the application was started with the base style already."""
    if not based:
        app.setStyle("Fusion")
    current = theme()
    current.apply(choice, scale)
    refresh()
    current.changed.connect(refresh)
    hints = app.styleHints()
    hints.colorSchemeChanged.connect(current.follow_system)
    accessibility = hints.accessibility()
    if accessibility is not None:
        accessibility.contrastPreferenceChanged.connect(current.follow_system)


def refresh() -> None:
    """Put the theme in force on the application: font, palette, tooltips, style sheet."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    app.setFont(theme().font())
    app.setPalette(palette())
    QToolTip.setFont(theme().font(SECONDARY))
    QToolTip.setPalette(palette())
    app.setStyleSheet(sheet())


def palette() -> QPalette:
    """Every role Qt may fall back on, so that nothing shows a colour of the platform's."""
    made = QPalette()
    for role, token in _ROLES.items():
        made.setColor(role, theme().color(token))
    for role in _DISABLED:
        made.setColor(QPalette.ColorGroup.Disabled, role, theme().color("faint"))
    return made


def sheet() -> str:
    """The style sheet of the theme in force. KeyError if the template names a token that does not exist."""
    values = theme().tokens.colours()

    def fill(found: re.Match[str]) -> str:
        measure, number, token = found.groups()
        if measure:
            return f"{theme().px(int(number)) if measure == 'px' else theme().dp(int(number))}px"
        return values[token]

    return _PLACEHOLDER.sub(fill, _template())


@lru_cache(maxsize=1)
def _template() -> str:
    return resource("themes", "app.qss").read_text(encoding="utf-8")
