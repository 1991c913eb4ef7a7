"""Between transcript and composer: what went wrong outside of any message, and what the user should know."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.failure import Act, Failure
from aqe_desktop.ui.theme.tokens import S
from aqe_desktop.ui.widgets.banner import Banner


class Notices(QWidget):
    """At most one failure and one notice; each stays until it is closed or no longer true."""

    acted = Signal(object)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act = Act.NONE
        self._notice_act: Callable[[], None] | None = None
        self.failure = Banner("failed", closable=True)
        self.notice = Banner("warning", closable=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        for banner in (self.failure, self.notice):
            banner.hide()
            column.addWidget(banner)
        self.failure.acted.connect(lambda: self.acted.emit(self._act))
        self.failure.closed.connect(self.dismissed)
        self.notice.closed.connect(self.clear_notice)
        self.notice.acted.connect(self._do_notice)

    def show_failure(self, failure: Failure | None, *, engine_up: bool) -> None:
        """A failure of the engine offers to start it."""
        if failure is None:
            self.failure.hide()
            return
        acts = failure.acts(engine_up=engine_up)
        self._act = acts[0] if acts else Act.NONE
        self.failure.show_error(failure.message, failure.hint, self._act.value)
        self.failure.show()

    def tell(self, text: str, hint: str = "", action: str = "", act: Callable[[], None] | None = None) -> None:
        """One sentence that stays until it is closed or another comes; `act` is what its button does."""
        self._notice_act = act
        self.notice.show_error(text, hint, action if act else "")
        self.notice.show()

    def clear_notice(self) -> None:
        self.notice.hide()

    def _do_notice(self) -> None:
        act, self._notice_act = self._notice_act, None
        self.clear_notice()
        if act is not None:
            act()
