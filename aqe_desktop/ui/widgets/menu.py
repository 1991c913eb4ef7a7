"""Menus: shown by `popup` only, because a menu that waits (`exec`) strands other tasks of the loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.widgets.tip import plain_tip

_RADIUS = 8
_LONGEST = 60


class Menu(QMenu):
    """Made anew each time it opens, so that its words and colours are today's; deletes itself once closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setToolTipsVisible(True)

    def add(
        self,
        text: str,
        slot: Callable[[], object],
        icon: str = "",
        shortcut: str = "",
        danger: bool = False,
        checked: bool | None = None,
        enabled: bool = True,
    ) -> QAction:
        """One entry. `checked` None is an ordinary one; True and False show the tick or its empty place."""
        shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
        action = QAction(shown.replace("&", "&&"), self)
        if shown != text:
            action.setToolTip(plain_tip(text))
        if checked is not None:
            action.setCheckable(True)
            action.setChecked(checked)
            icon = "check" if checked else "none"
        if icon:
            action.setIcon(icons.icon(icon, "danger" if danger else "muted"))
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            # The window owns the real shortcut; here it is only shown.
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setShortcutVisibleInContextMenu(True)
        action.setEnabled(enabled)
        action.triggered.connect(lambda: slot())
        self.addAction(action)
        return action

    def popup_under(self, widget: QWidget, *, above: bool = False) -> None:
        """Open along the edge of `widget`, aligned with its start."""
        self.setMinimumWidth(widget.width())
        size = self.sizeHint()
        mirrored = widget.layoutDirection() == Qt.LayoutDirection.RightToLeft
        x = widget.width() - size.width() if mirrored else 0
        y = -size.height() - 4 if above else widget.height() + 4
        self.popup(widget.mapToGlobal(QPoint(x, y)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if QGuiApplication.platformName() == "xcb":
            # Without a compositor X11 shows see-through corners as black.
            path = QPainterPath()
            path.addRoundedRect(QRectF(self.rect()), _RADIUS + 1, _RADIUS + 1)
            self.setMask(QRegion(path.toFillPolygon().toPolygon()))
