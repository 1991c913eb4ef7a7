"""One window with every control in every state: what a screen may be built from, and where a look is mended first."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from aqe_desktop.ui.gallery.controls import LEFT, MIDDLE
from aqe_desktop.ui.gallery.models import MODELS
from aqe_desktop.ui.gallery.states import LIVE, ROUTE
from aqe_desktop.ui.theme import style
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SEMIBOLD, TITLE, L, M, S
from aqe_desktop.ui.widgets.card import Card, Ground
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.segmented import Segmented
from aqe_desktop.ui.widgets.toast import ToastHost
from aqe_desktop.ui.widgets.toggle import Checkbox

Section = tuple[str, Callable[[], QLayout]]
_PAGES: dict[str, tuple[Sequence[Section], ...]] = {
    "controls": (LEFT, MIDDLE),
    "states": (ROUTE, LIVE, MODELS),
    "all": ((*LEFT, *MODELS), MIDDLE, ROUTE, LIVE),
}
_SHOT_WIDTH = {"controls": 960, "states": 1120, "all": 1920}


def main(argv: Sequence[str]) -> int:
    """`--shot FILE` renders to a PNG and ends; otherwise the gallery is a window. `--scale` is the screen's ratio."""
    asked = _parse(argv)
    os.environ["QT_SCALE_FACTOR"] = str(asked.scale)
    if asked.shot:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(["aqe-gallery"])
    if asked.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    style.install(app, asked.theme, asked.text)
    window = Gallery(asked.page)
    if not asked.shot:
        window.resize(1440, 900)
        window.show()
        return int(app.exec())
    window.shoot(asked.shot)
    return 0


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="aqe_desktop --gallery")
    parser.add_argument("--shot", default="", metavar="FILE")
    parser.add_argument("--theme", default="light", choices=("system", "light", "dark"))
    parser.add_argument("--scale", default=1.0, type=float)
    parser.add_argument("--text", default=1.0, type=float)
    parser.add_argument("--page", default="all", choices=("all", "controls", "states"))
    parser.add_argument("--rtl", action="store_true")
    return parser.parse_args(list(argv))


class Gallery(QWidget):
    """The window; `page` is all | controls | states."""

    def __init__(self, page: str = "all") -> None:
        super().__init__()
        self.setWindowTitle("AQE Desktop: gallery")
        self.toasts = ToastHost(self)
        self.content = Ground("app")
        self.content.setObjectName("content")
        self._page = page
        self._bar = _bar()
        self._columns = columns = QHBoxLayout(self.content)
        columns.setContentsMargins(L, L, L, L)
        columns.setSpacing(L)
        for sections in _PAGES[page]:
            columns.addLayout(_column(sections), 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(scroll)

    def shoot(self, file: str) -> None:
        """Render all of it, however tall, to a PNG."""
        self.resize(_SHOT_WIDTH[self._page], 900)
        self.show()
        QApplication.sendPostedEvents()
        # Without a word that wraps a layout has no height for a width, only its own.
        height = max(self._columns.totalHeightForWidth(self.width()), self._columns.totalSizeHint().height())
        self.resize(self.width(), height + self._bar.height())
        QApplication.sendPostedEvents()
        self.grab().save(file)
        self.close()


def _bar() -> QWidget:
    bar = Ground("surface", "bottom")
    row = QHBoxLayout(bar)
    row.setContentsMargins(L, S, L, S)
    row.addWidget(Label("Gallery", TITLE, SEMIBOLD))
    row.addStretch(1)
    themes = Segmented([("Light", "light"), ("Dark", "dark"), ("System", "system")], "Theme")
    themes.select(theme().choice)
    themes.chosen.connect(lambda choice: theme().apply(choice, theme().scale))
    sizes = Segmented([("100 %", 1.0), ("125 %", 1.25), ("150 %", 1.5)], "Text size")
    sizes.chosen.connect(lambda scale: theme().apply(theme().choice, scale))
    contrast = Checkbox("High contrast")
    contrast.toggled.connect(theme().set_contrast)
    for control in (contrast, sizes, themes):
        row.addWidget(control)
    return bar


def _column(sections: Sequence[Section]) -> QLayout:
    column = QVBoxLayout()
    column.setSpacing(M)
    for title, build in sections:
        card = Card(M + 2)
        card.body.setSpacing(M - 2)
        card.body.addWidget(SectionLabel(title))
        card.body.addLayout(build())
        column.addWidget(card)
    column.addStretch(1)
    return column
