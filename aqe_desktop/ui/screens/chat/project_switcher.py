"""The card at the top of the sidebar: which folder new chats belong to, and the way to another."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aqe_desktop.ui.screens.chat.projects import ProjectsViewModel
from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import ICON, ICON_SMALL, R_BLOCK, SEMIBOLD, SMALL, M
from aqe_desktop.ui.widgets.control import Control
from aqe_desktop.ui.widgets.menu import Menu
from aqe_desktop.ui.widgets.paint import Box, box, elided, ring, word
from aqe_desktop.ui.widgets.tip import plain_tip

_HEIGHT = 46


class ProjectSwitcher(Control):
    """Opens a menu of recent folders. `open_asked` wants the folder dialog."""

    open_asked = Signal()

    def __init__(self, projects: ProjectsViewModel, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._projects = projects
        self._name = self._detail = ""
        self.setObjectName("project")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.open_menu)
        projects.changed.connect(self._say)
        projects.policy_changed.connect(self._say)
        self._say()

    def open_menu(self) -> None:
        """Recent folders, the dialog, and what can be done with the one in use; returns at once."""
        menu, current = Menu(self), self._projects.current
        menu.add("No project", self._projects.close, checked=current is None)
        for project in self._projects.recent:
            same = current is not None and current.path == project.path
            menu.add(project.name, partial(self._projects.open, project.path), checked=same)
        menu.addSeparator()
        menu.add("Open a folder…", self.open_asked.emit, icon="folder")
        if current is not None:
            menu.add(
                f"Remove “{current.name}” from this list", partial(self._projects.remove, current.path), icon="none"
            )
        menu.popup_under(self)

    def sizeHint(self) -> QSize:
        return QSize(theme().dp(200), theme().dp(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), Box("sunken" if self.hovered else "raised", "line", radius=R_BLOCK))
        height, glyph, mark = self.height(), theme().dp(ICON), theme().dp(ICON_SMALL)
        icons.draw(painter, "folder", "text", self.mirrored(QRect(M - 1, 0, glyph, height)), glyph)
        edge = self.width() - M - mark
        icons.draw(painter, "chevron-down", "muted", self.mirrored(QRect(edge, 0, mark, height)), mark)
        left = M + glyph + 6
        middle = height // 2
        self._write(painter, QRect(left, middle - theme().dp(16), edge - left - 6, theme().dp(18)))
        if self.ringed:
            ring(painter, self.rect(), R_BLOCK)

    def _write(self, painter: QPainter, line: QRect) -> None:
        name, detail = theme().font(weight=SEMIBOLD), theme().font(SMALL + 0.5)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        shown = elided(self._name, name, line.width())
        self.cut = shown != self._name
        word(painter, self.mirrored(line), shown, name, theme().color("text"), align)
        under = line.translated(0, theme().dp(15))
        text = elided(self._detail, detail, line.width())
        word(painter, self.mirrored(under), text, detail, theme().color("muted"), align)

    def _say(self) -> None:
        current = self._projects.current
        self._name = current.name if current else "No project"
        policy = self._projects.policy
        self._detail = (policy or current.path) if current else "open a folder to work in it"
        self.setText(self._name)
        self.setAccessibleName(f"Project: {self._name}")
        self.setAccessibleDescription(f"{current.path}. Policy: {policy}" if current and policy else self._detail)
        facts = (current.path, policy, *self._projects.warnings) if current else (self._detail,)
        self.setToolTip(plain_tip("\n".join(fact for fact in facts if fact)))
        self.update()
