"""The command palette: everything the window can do, a few letters away."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from aqe_desktop.ui.shell.commands import Command, Commands
from aqe_desktop.ui.shell.fuzzy import score
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import R_BLOCK, R_COMPOSER, SECONDARY, SMALL, S
from aqe_desktop.ui.widgets.field import SearchField
from aqe_desktop.ui.widgets.floating import Overlay, shadow
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.paint import Box, box, elided, text_width, word

_WIDTH, _ROW, _MOST = 560, 34, 9
Index = QModelIndex | QPersistentModelIndex


class Palette(Overlay):
    """`open()` shows it above the window; Enter runs the marked command, Esc or a click beside it closes."""

    def __init__(self, window: QWidget, commands: Commands) -> None:
        super().__init__(window)
        self.setAccessibleName("Commands")
        self.hide()
        self._commands = commands
        self._before: QWidget | None = None
        self._found = _Found(self)
        self.field = SearchField("Find a command", "Find a command")
        self.field.textChanged.connect(self._filter)
        self.field.escaped.connect(self.close_palette)
        self.list = QListView()
        self.list.setAccessibleName("Commands found")
        self.list.setModel(self._found)
        self.list.setItemDelegate(_CommandDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._run)
        self._nothing = Label("No command has these letters.", SECONDARY, token="muted")
        self._panel = _Panel(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(S, S, S, S)
        column.setSpacing(S)
        for part in (self.field, self.list, self._nothing):
            column.addWidget(part)

    def open(self) -> None:
        """Show it with everything that can be done now; opened twice it closes."""
        if self.isVisible():
            self.close_palette()
            return
        self._before = QApplication.focusWidget()
        self.field.clear()
        self._filter("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_palette(self) -> None:
        """Close; the keyboard goes back to where it was."""
        self.hide()
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _focus_moved(self, _before: QWidget | None, now: QWidget | None) -> None:
        """A shortcut may lead elsewhere while it is open: a palette without the keyboard would only be in the way."""
        if self.isVisible() and now is not None and not self.isAncestorOf(now):
            self.hide()

    def place(self) -> None:
        super().place()
        self.update()
        width = min(theme().dp(_WIDTH), self.width() - 32)
        rows = min(self._found.rowCount(), _MOST)
        self.list.setFixedHeight(rows * theme().dp(_ROW))
        self._panel.setFixedWidth(width)
        height = self._panel.sizeHint().height()
        self._panel.setGeometry((self.width() - width) // 2, min(96, self.height() // 8), width, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST, Qt.Key.Key_PageUp: -_MOST}
        if event.key() in step:
            self._move(step[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.list.currentIndex())
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab moves the mark: there is nothing else to go to."""
        self._move(1 if forward else -1)
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close_palette()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        shadow(QPainter(self), self._panel.geometry(), R_COMPOSER)

    def _filter(self, text: str) -> None:
        able = [command for command in self._commands.all() if command.listed and command.enabled()]
        scored = [(score(text, command.name), command) for command in able]
        found = [(points, command) for points, command in scored if points is not None]
        found.sort(key=lambda pair: (-pair[0] if text else 0, pair[1].section == "Window"))
        self._found.replace([command for _, command in found])
        self.list.setCurrentIndex(self._found.index(0))
        self.list.setVisible(bool(found))
        self._nothing.setVisible(not found)
        self.place()

    def _move(self, step: int) -> None:
        last = self._found.rowCount() - 1
        row = max(0, min(last, self.list.currentIndex().row() + step))
        self.list.setCurrentIndex(self._found.index(row))

    def _run(self, index: Index) -> None:
        command = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(command, Command):
            self.close_palette()
            self._commands.run(command)


class _Panel(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), Box("surface", "line", R_COMPOSER))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


class _Found(QAbstractListModel):
    """The commands found, best first."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands: list[Command] = []

    def replace(self, commands: list[Command]) -> None:
        self.beginResetModel()
        self._commands = commands
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return len(self._commands)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        command = self._commands[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{command.name}, {command.shortcut}".rstrip(", ")
        return {Qt.ItemDataRole.DisplayRole: command.name, Qt.ItemDataRole.UserRole: command}.get(Qt.ItemDataRole(role))


class _CommandDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, theme().dp(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        command: Command = index.data(Qt.ItemDataRole.UserRole)
        area: QRect = option.rect
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            box(painter, area, Box("accent_soft" if selected else "hover", radius=R_BLOCK))
        keys = QKeySequence(command.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        mono, small = theme().font(SMALL, mono=True), theme().font(SMALL)
        key_width, section_width = text_width(keys, mono), text_width(command.section, small)
        end = area.width() - 12 - key_width
        self._at(painter, option, QRect(end, 0, key_width, area.height()), keys, mono, "muted")
        gap = 14 if keys else 0
        section = QRect(end - gap - section_width, 0, section_width, area.height())
        self._at(painter, option, section, command.section, small, "faint")
        room = section.x() - 24
        name = elided(command.name, theme().font(), room)
        place = QRect(12, 0, text_width(name, theme().font()), area.height())
        self._at(painter, option, place, name, theme().font(), "text")

    @staticmethod
    def _at(painter: QPainter, option: QStyleOptionViewItem, rect: QRect, text: str, font: Any, token: str) -> None:
        area: QRect = option.rect
        place = QStyle.visualRect(option.direction, area, rect.translated(area.topLeft()))
        word(painter, place, text, font, theme().color(token))
