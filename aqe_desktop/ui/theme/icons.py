"""The one icon family, drawn as SVG strokes and recoloured from the theme: an icon never carries its own colour."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from aqe_desktop.resources import resource
from aqe_desktop.ui.theme.current import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

# Menus and native views pick the nearest of these; our own widgets ask for their exact ratio.
_RATIOS = (1.0, 1.25, 1.5, 2.0, 3.0)


def icon(name: str, token: str = "muted", size: int = 16) -> QIcon:
    """For Qt's own views and menus; must be asked again after the theme has changed."""
    from PySide6.QtGui import QIcon  # not on the way to the first frame, which paints its icons itself

    made = QIcon()
    for ratio in _RATIOS:
        made.addPixmap(pixmap(name, token, size, ratio))
        made.addPixmap(pixmap(name, "line_strong", size, ratio), QIcon.Mode.Disabled)
    return made


def pixmap(name: str, token: str = "muted", size: int = 16, dpr: float = 1.0) -> QPixmap:
    """The icon in a theme colour at a device-pixel ratio, `size` in logical pixels. KeyError if there is none."""
    return _render(name, theme().color(token).name(), size, dpr)


def draw(painter: QPainter, name: str, token: str, rect: QRect, size: int) -> None:
    """Paint the icon `size` pixels square in the middle of `rect`, sharp on the painter's own device."""
    left = rect.x() + (rect.width() - size) // 2
    top = rect.y() + (rect.height() - size) // 2
    painter.drawPixmap(left, top, pixmap(name, token, size, painter.device().devicePixelRatio()))


def names() -> list[str]:
    """Every icon that is shipped, sorted."""
    return sorted(path.stem for path in resource("icons").glob("*.svg"))


@lru_cache(maxsize=512)
def _render(name: str, color: str, size: int, dpr: float) -> QPixmap:
    pixels = round(size * dpr)
    picture = QPixmap(pixels, pixels)
    picture.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    picture.setDevicePixelRatio(dpr)
    return picture


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    try:
        return resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise KeyError(f"there is no icon “{name}”") from error
