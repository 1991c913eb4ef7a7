"""An attached image as large as the window allows, with what is known of it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import HEADER, R_CONTROL, SECONDARY, L
from aqe_desktop.ui.widgets.clean import visible
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import word
from aqe_desktop.ui.widgets.pictures import draw, fitted, pictures
from aqe_desktop.ui.widgets.sheet import Sheet

BROKEN = "This image cannot be shown; its file is damaged."
_LEAST = 240
# What a sheet has beside its body: its distance from the window's edges, the lines, the words below the image.
_BESIDE, _BELOW = 2 * 24 + 2, 56


def show_image(window: QWidget, name: str, data: bytes, pixels: QSize, detail: str) -> Sheet:
    """Open it over the window. `pixels` as its header says, `detail` one line below it."""
    dp = theme().dp
    width = window.width() - _BESIDE - 2 * L
    height = window.height() - _BESIDE - dp(HEADER) - 2 * L - dp(_BELOW)
    size = fitted(pixels, max(1, width), max(1, height))
    sheet = Sheet(window, visible(name), width=max(_LEAST, size.width() + 2 * L + 2))
    sheet.body.addWidget(ImageView(name, data, size), 0, Qt.AlignmentFlag.AlignHCenter)
    sheet.body.addWidget(Label(detail, SECONDARY, token="muted"))
    sheet.open()
    return sheet


class ImageView(QWidget):
    """One image of a fixed size on screen, or the sentence that says why there is none."""

    def __init__(self, name: str, data: bytes, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self.broken = False
        self.setFixedSize(size.expandedTo(QSize(_LEAST - 2 * L, theme().dp(32))))
        self.setAccessibleName(f"Image {visible(name)}")
        pictures().ready.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.broken = not draw(painter, self._data, self.rect(), R_CONTROL)
        if self.broken:
            self.setAccessibleDescription(BROKEN)
            word(painter, self.rect(), BROKEN, theme().font(SECONDARY), theme().color("muted"))
