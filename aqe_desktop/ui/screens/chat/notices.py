"""Between transcript and composer: what went wrong outside of any message, and what the user should know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.ui.screens.chat.failure import Act, Failure
from aqe_desktop.ui.theme.tokens import S
from aqe_desktop.ui.widgets.banner import Banner


@dataclass(frozen=True, slots=True)
class _Notice:
    text: str
    hint: str
    action: str
    act: Callable[[], None] | None


class Notices(QWidget):
    """At most one failure and one notice are on show; each stays until it is closed or no longer true.

    Notices of several causes wait behind the newest, so that none hides another for good."""

    acted = Signal(object)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act = Act.NONE
        self._told: dict[str, _Notice] = {}
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
        self.notice.closed.connect(self._close_notice)
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

    def tell(
        self, text: str, hint: str = "", action: str = "", act: Callable[[], None] | None = None, about: str = ""
    ) -> None:
        """One sentence that stays until it is closed or `over`; `act` is what its button does.

        `about` names the cause, by default the text does; a cause has one notice, the newest."""
        cause = about or text
        self._told.pop(cause, None)
        self._told[cause] = _Notice(text, hint, action if act else "", act)
        self._show_newest()

    def over(self, about: str) -> None:
        """Its cause is gone, and so is the notice."""
        if self._told.pop(about, None) is not None:
            self._show_newest()

    def clear_notice(self) -> None:
        """Whatever was told has no place here any more."""
        self._told.clear()
        self._show_newest()

    def _show_newest(self) -> None:
        newest = next(reversed(self._told.values()), None)
        if newest is not None:
            self.notice.show_error(newest.text, newest.hint, newest.action)
        self.notice.setVisible(newest is not None)

    def _close_notice(self) -> Callable[[], None] | None:
        _, closed = self._told.popitem()
        self._show_newest()
        return closed.act

    def _do_notice(self) -> None:
        act = self._close_notice()
        if act is not None:
            act()
