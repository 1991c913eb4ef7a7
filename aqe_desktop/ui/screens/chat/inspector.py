"""The facts about the open chat: where it runs, how it is sampled, what the engine got, and what the reply cost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.figures import grouped
from aqe_desktop.core.models import Capability
from aqe_desktop.ui.screens.chat.context import ContextViewModel
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.exchange import Exchange
from aqe_desktop.ui.screens.chat.figures import (
    ReadBack,
    ReplyWords,
    last_answer,
    last_reply,
    read_back,
    running_words,
)
from aqe_desktop.ui.screens.chat.parameter_form import ParameterForm
from aqe_desktop.ui.screens.chat.parameters import ParametersViewModel
from aqe_desktop.ui.screens.chat.route_card import RouteCard
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel
from aqe_desktop.ui.shell.status_bar import ReplyFigures
from aqe_desktop.ui.theme.tokens import SECONDARY, L, M, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.figures import share_text
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.meter import ContextBar
from aqe_desktop.ui.widgets.param import FactRow
from aqe_desktop.ui.widgets.scroll_page import ScrollPage
from aqe_desktop.ui.widgets.tip import plain_tip

_BAR = 12
FULL = "Full: the next question is refused."
FULL_HINT = "Nothing is cut. Start a new chat, or choose a model with a larger context."


class Inspector(ScrollPage):
    """Reads the view models whenever they change; edits go through the parameter form only.

    What comes and goes with a reply stands last: nothing that is read above it moves."""

    def __init__(
        self,
        chat: ChatViewModel,
        engine: EngineViewModel,
        parameters: ParametersViewModel,
        context: ContextViewModel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Facts about this chat", parent)
        self._chat, self._engine, self._filled = chat, engine, context
        self.route = RouteCard(engine)
        self.form = ParameterForm(parameters)
        self.received = _Received()
        self.context = _Context()
        self.reply = _Reply()
        self._lay_out()
        for signal in (chat.opened, chat.loaded, chat.progressed, engine.changed, context.changed):
            signal.connect(self.show_chat)
        self.show_chat()

    def show_chat(self) -> None:
        """The figures of the chat on show; of a reply under way what is known so far."""
        messages, running = self._chat.messages, self._chat.exchange
        self.reply.setVisible(bool(messages or running))
        if running is None:
            self.reply.show_words(last_reply(messages))
        model = self._engine.model
        self.form.set_thinks(model is not None and Capability.THINKING in model.capabilities)
        self._show_use(running)
        self.received.show_rows(self._read_back())

    def show_running(self, figures: ReplyFigures) -> None:
        """A few times a second while a reply runs."""
        if running := self._chat.exchange:
            self.reply.show_words(running_words(running, figures.tokens_per_s))
            self._show_use(running)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The place of the scroll bar is always kept, so that nothing moves when it comes."""
        super().resizeEvent(event)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        start, end = (L - 1 - _BAR, L - 1) if mirrored else (L - 1, L - 1 - _BAR)
        self._column.setContentsMargins(start, M, end, L)
        self._content.setFixedWidth(max(0, self.width() - _BAR))

    def _show_use(self, running: Exchange | None) -> None:
        """What is read and what is written of the answer fill it alike."""
        status = self._engine.status
        filled = running.reading.total + running.tokens if running and running.reading else self._filled.used
        counts = running is not None or self._engine.ready
        self.context.show_use(filled, status.context if status and counts else 0)

    def _read_back(self) -> list[ReadBack]:
        answer = last_answer(self._chat.messages)
        return read_back(answer.reply.received, self._chat.parameters.sampling) if answer else []

    def _lay_out(self) -> None:
        content = QWidget()
        content.setObjectName("content")
        column = self._column = QVBoxLayout(content)
        column.setSpacing(S)
        column.addWidget(SectionLabel("Route"))
        column.addWidget(self.route)
        column.addSpacing(S)
        column.addWidget(self.form)
        column.addSpacing(S)
        for part in (self.context, self.reply, self.received):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(content)
        self._content = content


class _Received(QWidget):
    """What the engine says it used: folded, but unfolded by itself where something is not as it was set."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[ReadBack] | None = None
        self.fold = Button("", "link", small=True)
        self.details = QWidget()
        self.fold.clicked.connect(lambda: self.details.setVisible(self.details.isHidden()))
        self._column = QVBoxLayout(self.details)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S - 2)
        column.addWidget(self.fold)
        column.addWidget(self.details)
        self.details.hide()
        self.show_rows([])

    def show_rows(self, rows: list[ReadBack]) -> None:
        if rows == self._rows:
            return
        self._rows = rows
        self.setVisible(bool(rows))
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for row in rows:
            self._column.addWidget(FactRow(row.name, f"{row.value}, not as set" if row.differs else row.value))
        self._say(sum(row.differs for row in rows))

    def _say(self, differing: int) -> None:
        words = "What the engine received"
        self.fold.setText(f"{words}: {differing} not as set" if differing else words)
        self.fold.setAccessibleName(self.fold.text())
        self.fold.updateGeometry()
        if differing:
            self.details.show()


class _Context(QWidget):
    """How much of the model's context the chat fills."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = ContextBar("Context")
        self.used = Label("", SECONDARY, token="muted")
        self.share = Label("", SECONDARY, token="muted")
        self.full = Label("", SECONDARY, token="danger")
        line = QHBoxLayout()
        line.addWidget(self.used, 1)
        line.addWidget(self.share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S - 2)
        for part in (SectionLabel("Context"), self.bar):
            column.addWidget(part)
        column.addLayout(line)
        # Its line is always kept: what stands below must not move when it speaks.
        column.addWidget(self.full)

    def show_use(self, used: int | None, limit: int) -> None:
        """A full context is a problem: nothing more can be asked in this chat."""
        if not limit:
            self.used.set_text("known once the model is loaded")
        elif used is None:
            self.used.set_text("being counted")
        else:
            self.used.set_text(f"{grouped(used)} of {grouped(limit)} tokens")
        self.share.set_text(share_text(used / limit) if limit and used is not None else "")
        full = bool(limit and used is not None and used >= limit)
        self.share.set_token("danger" if full else "muted")
        self.bar.set_full(full)
        self.bar.set_parts([used or 0], limit)
        self.full.set_text(FULL if full else "")
        self.full.setToolTip(plain_tip(FULL_HINT) if full else "")
        self.full.setAccessibleDescription(FULL_HINT if full else "")


class _Reply(QWidget):
    """The figures of the newest reply."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = {name: FactRow(name) for name in ("First token", "Speed", "Input", "Output", "Cost")}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(SectionLabel("This reply"))
        for row in self.rows.values():
            column.addWidget(row)

    def show_words(self, words: ReplyWords) -> None:
        values = (words.first_token, words.speed, words.input, words.output, words.cost)
        for row, value in zip(self.rows.values(), values, strict=True):
            row.set_value(value)
