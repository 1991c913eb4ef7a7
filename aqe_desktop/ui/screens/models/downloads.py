"""What is on its way or could go on: one card per download, each with its cancel."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.services.stock import Pull, PullState
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import L, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.progress import Progress
from aqe_desktop.ui.widgets.scroll_page import ScrollPage

_MOST = 236


class Downloads(ScrollPage):
    """Cards stay the same ones while they say the same kind of thing, so that the keyboard stays on them.

    As high as its cards, up to a point; then it scrolls."""

    cancel_asked = Signal(object)
    resume_asked = Signal(object)
    dismiss_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Downloads", parent)
        self.cards: dict[ModelRef, tuple[PullState, Progress | Banner]] = {}
        self._content = _Content()
        self._content.setObjectName("content")
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(L, S, L, S)
        self._column.setSpacing(S)
        self._content.resized.connect(self._fit)
        self.setWidget(self._content)
        self.hide()

    def show_pulls(self, pulls: tuple[Pull, ...]) -> None:
        known = {pull.model for pull in pulls}
        for model in [model for model in self.cards if model not in known]:
            self._drop(model)
        for pull in pulls:
            self._show(pull)
        self.setVisible(bool(pulls))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())

    def _show(self, pull: Pull) -> None:
        state, card = self.cards.get(pull.model, (None, None))
        if card is None or state is not pull.state:
            self._drop(pull.model)
            card = self._running(pull) if pull.state is PullState.RUNNING else self._resting(pull)
            self.cards[pull.model] = (pull.state, card)
            self._column.addWidget(card)
        if isinstance(card, Progress):
            show_transfer(card, pull.transfer)

    def _running(self, pull: Pull) -> Progress:
        card = Progress(pull.model.model, f"for {pull.model.host}")
        card.cancelled.connect(partial(self.cancel_asked.emit, pull.model))
        return card

    def _resting(self, pull: Pull) -> Banner:
        kind = "failed" if pull.state is PullState.FAILED else "info"
        title, act = _WORDS[pull.state]
        card = Banner(kind, title.format(pull.model), pull.message, pull.hint, act, closable=True)
        card.action.setAccessibleName(f"{act}: {pull.model}")
        card.acted.connect(partial(self.resume_asked.emit, pull.model))
        card.closed.connect(partial(self.dismiss_asked.emit, pull.model))
        return card

    def _drop(self, model: ModelRef) -> None:
        _, card = self.cards.pop(model, (None, None))
        if card is not None:
            card.hide()
            self._column.removeWidget(card)
            card.deleteLater()

    def _fit(self) -> None:
        width = self.viewport().width()
        wanted = max(self._column.totalHeightForWidth(width), self._column.totalSizeHint().height())
        self.setFixedHeight(min(theme().dp(_MOST), wanted))


class _Content(QWidget):
    """Tells when its cards need another height."""

    resized = Signal()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.resized.emit()
        return done


_WORDS = {
    PullState.FAILED: ("The download of {0} failed", "Try again"),
    PullState.CANCELLED: ("The download of {0} was cancelled; what arrived is kept", "Go on"),
    PullState.UNFINISHED: ("The download of {0} was not finished", "Go on"),
}


def show_transfer(card: Progress, transfer: Transfer | None) -> None:
    """The bar goes by the share, which never falls, also when more turns out to be due."""
    if transfer is None or not transfer.total:
        card.show_busy(transfer.what if transfer is not None and transfer.what else "Asking")
        return
    card.show_progress(transfer.done, transfer.total, "B", transfer.speed, transfer.left_s)
    card.bar.set_fraction(transfer.share)
    whole = sum(1 for part in transfer.parts if part.total and part.done >= part.total)
    layers = f"{whole} of {len(transfer.parts)} layers" if len(transfer.parts) > 1 else ""
    card.detail.set_text(" · ".join(part for part in (transfer.what, layers) if part))
