"""The chat before anything is open: a composer that takes words, in the place where it will stay."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.foot import Foot
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.widgets.card import Ground


class Front(Ground):
    """Has the geometry of the chat; that takes `foot` out of it, with what was typed, and then `leave` is called."""

    def __init__(self, send_key: str, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent=parent)
        self.foot = Foot()
        self.foot.composer.set_send_key(send_key)
        self._beside = (QWidget(), QWidget())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addStretch(1)
        column.addWidget(self.foot)

    def panes(self) -> Panes:
        """Sidebar and inspector are empty, and as wide as they will be."""
        return Panes(self, *self._beside, first=self.foot.composer.editor)

    @property
    def holds_words(self) -> bool:
        """Something was typed that is kept nowhere yet."""
        return bool(self.foot.composer.editor.toPlainText().strip())

    def leave(self) -> None:
        """The chat stands in its place."""
        for pane in (self, *self._beside):
            pane.deleteLater()
