"""The work area of the chat: header, transcript or welcome, notices, and the composer under its route."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from aqe_desktop.core.chat import Attachment, Role
from aqe_desktop.core.figures import grouped
from aqe_desktop.services.thread import shown_title
from aqe_desktop.ui.screens.chat.causes import FILES, FIT, Causes
from aqe_desktop.ui.screens.chat.composer import dropped_files
from aqe_desktop.ui.screens.chat.composer_state import ComposerViewModel
from aqe_desktop.ui.screens.chat.context import ContextViewModel
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.exchange import Exchange
from aqe_desktop.ui.screens.chat.failure import Act, of_engine
from aqe_desktop.ui.screens.chat.figures import status_of
from aqe_desktop.ui.screens.chat.find_bar import FindBar
from aqe_desktop.ui.screens.chat.foot import Foot
from aqe_desktop.ui.screens.chat.header import ChatHeader
from aqe_desktop.ui.screens.chat.intake import size_in_words
from aqe_desktop.ui.screens.chat.messages import pixels_of
from aqe_desktop.ui.screens.chat.notices import Notices
from aqe_desktop.ui.screens.chat.pane import TranscriptPane
from aqe_desktop.ui.screens.chat.route_line import RouteLine
from aqe_desktop.ui.screens.chat.speed import Speed
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel, Where
from aqe_desktop.ui.screens.chat.welcome import Welcome
from aqe_desktop.ui.widgets.card import Ground
from aqe_desktop.ui.widgets.image_sheet import show_image
from aqe_desktop.ui.widgets.transcript.spots import IMAGE_ACTION
from aqe_desktop.ui.widgets.transcript.view import Transcript

# Figures that change faster cannot be read (look.md: at most ten updates a second).
_FIGURES_MS = 250


class ChatView(Ground):
    """Binds the widgets to the view models. `figures_changed(ReplyFigures)` feeds the status bar.

    `foot` is the one of the first frame, in which something may have been typed already."""

    figures_changed = Signal(object)

    def __init__(
        self,
        chat: ChatViewModel,
        engine: EngineViewModel,
        state: ComposerViewModel,
        context: ContextViewModel,
        foot: Foot | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("surface", parent=parent)
        self.chat, self.engine, self.state, self.context = chat, engine, state, context
        self._sent: dict[Exchange, tuple[str, list[Attachment]]] = {}
        self._speed = Speed()
        self._too_long = False
        self._engine_dismissed = False
        self.header = ChatHeader()
        self.transcript = Transcript()
        self.find_bar = FindBar(self.transcript)
        self.welcome = Welcome(engine)
        self.notices = Notices()
        self.route = RouteLine()
        self.foot = foot or Foot()
        self.composer = self.foot.composer
        self.composer.bind(state)
        self.pane = TranscriptPane(chat, engine, self.transcript)
        self._stack = QStackedLayout()
        self._clock = QTimer(self, interval=_FIGURES_MS)
        Causes(self.notices, chat, self.composer, state, self)
        self._lay_out()
        self.setAcceptDrops(True)
        self._connect()
        self._show_chat()
        self._show_engine()

    def focus_composer(self) -> None:
        """Ctrl+L, and after another chat was opened."""
        self.composer.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_offline(self, offline: bool) -> None:
        if offline != self.route.offline:
            self.route.offline = offline
            self._show_engine()

    def open_find(self) -> None:
        """Ctrl+F; there is nothing to find in a chat without messages."""
        if self.chat.messages:
            self.find_bar.enter()

    def act_on_last(self, action: str) -> None:
        """Answer the newest question again, or change it."""
        role = Role.USER if action == "edit" else Role.ASSISTANT
        newest = next((message for message in reversed(self.chat.messages) if message.role is role), None)
        if newest is not None:
            self._do(newest.id, action)

    def send(self, text: str, files: list[Attachment]) -> None:
        """Ask, or ask anew when an earlier question is being changed; the text stays until it is on disk."""
        if self.chat.exchange is not None:
            return
        editing = self.state.editing
        if editing is not None:
            exchange = self.chat.edit(editing, text, files)
        else:
            exchange = self.chat.send(text, files, self.engine.model.ref if self.engine.model else None)
        self._sent[exchange] = (text, files)
        self.transcript.scroll_to_end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere on the chat, not only on the composer."""
        if dropped_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.state.attach(dropped_files(event.mimeData()))
        event.acceptProposedAction()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.find_bar)
        column.addLayout(self._stack, 1)
        # Only now: a stack shows its first page at once, as a window where it has no place yet.
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self.transcript)
        self.foot.put_above(self.notices, self.route)
        column.addWidget(self.foot)

    def _connect(self) -> None:
        self.route.bordered.connect(self.composer.set_border)
        self.header.find_asked.connect(self.open_find)
        self.find_bar.closed.connect(self.focus_composer)
        self.welcome.tried.connect(self._try)
        self.composer.send_asked.connect(self.send)
        self.composer.image_asked.connect(self._open_image)
        self.composer.stop_asked.connect(self.chat.stop)
        self.notices.acted.connect(self._act)
        self.notices.dismissed.connect(self._dismiss_failure)
        self.state.refused.connect(lambda text: self.notices.tell(text))
        self.state.told.connect(lambda text: self.notices.tell(text, about=FILES))
        self.state.counted.connect(self._judge_fit)
        self.context.changed.connect(self._judge_fit)
        self.engine.changed.connect(self._show_engine)
        self.chat.opened.connect(self._leave_behind)
        self.chat.opened.connect(self._show_chat)
        self.chat.loaded.connect(self._show_chat)
        self.chat.progressed.connect(self._show_progress)
        self.chat.failure_changed.connect(self._show_failure)
        self.chat.stored.connect(self._clear_sent)
        self.chat.ended.connect(lambda exchange: self._sent.pop(exchange, None))
        self.transcript.action_requested.connect(self._do)
        self._clock.timeout.connect(self._show_figures)

    def _leave_behind(self) -> None:
        """What was said or looked for in the chat before has no place in another."""
        self.notices.clear_notice()
        if self.find_bar.isVisible():
            self.find_bar.leave()

    def _show_chat(self) -> None:
        conversation, where = self.chat.conversation, self.chat.where
        begun = bool(self.chat.messages)
        self.header.show_chat(shown_title(conversation.title) if conversation else "", temporary=where.temporary)
        self.welcome.set_temporary(where.temporary)
        self._stack.setCurrentWidget(self.transcript if begun else self.welcome)
        self.header.search.setEnabled(begun)
        self._show_models()
        self._show_progress()

    def _show_progress(self) -> None:
        running = self.chat.exchange
        self.composer.set_answering(running is not None)
        if running is None:
            self._clock.stop()
            self._speed.clear()
        elif not self._clock.isActive():
            self._clock.start()
        self._show_figures()

    def _show_figures(self) -> None:
        running = self.chat.exchange
        speed = self._speed.note(time.monotonic(), running.tokens) if running else None
        self.figures_changed.emit(status_of(self.chat.messages, running, speed))

    def _show_engine(self) -> None:
        engine = self.engine
        self.route.show_route(engine.place, engine.model, engine.status, engine.down)
        self._show_models()
        if engine.ready and self.state.fit is None:
            self.state.count()
        self._show_failure()

    def _show_models(self) -> None:
        """The chat's own model is shown also when it is not there any more, so that another can be chosen."""
        options = [(each.model.name, each.model.ref) for each in self.engine.models]
        chosen = self.engine.model.ref if self.engine.model else None
        own = self.chat.conversation.model if self.chat.conversation else None
        if own is not None and options and own not in [ref for _, ref in options]:
            options.append((f"{own.model} (not there)", own))
            chosen = own
        self.composer.set_models(options, chosen)

    def _show_failure(self) -> None:
        """In the banner what no message says itself: of the chat, else that the engine ended while nobody asked."""
        self._engine_dismissed &= self.engine.down
        failure = self.chat.failure
        if failure is None and not self._engine_dismissed:
            failure = of_engine(self.engine.status)
        told = failure is not None and failure.stands_in(self.chat.messages)
        self.notices.show_failure(None if told else failure, engine_up=self.engine.ready)

    def _dismiss_failure(self) -> None:
        self._engine_dismissed = self.engine.down
        self.chat.dismiss_failure()
        self._show_failure()

    def _judge_fit(self) -> None:
        """Say before sending that a draft cannot fit; nothing is ever cut."""
        limit = self.engine.status.context if self.engine.status else 0
        draft, used = self.state.tokens, self.context.used or 0
        too_long = bool(limit and draft and draft + used >= limit)
        if too_long:
            before = f" and the chat before it {grouped(used)}" if used else ""
            self.notices.tell(
                f"This has {grouped(draft or 0)} tokens{before}; the model holds {grouped(limit)} in all.",
                "Remove an attachment or part of the text, or start a new chat; it would be refused, not cut.",
                about=FIT,
            )
        elif self._too_long:
            self.notices.over(FIT)
        self._too_long = too_long

    def _try(self, question: str) -> None:
        self.state.fill(question)
        self.focus_composer()

    def _clear_sent(self, exchange: Exchange, before: Where, after: Where) -> None:
        if exchange in self._sent:
            text, files = self._sent[exchange]
            self.notices.clear_notice()
            self.state.sent(before, after, text, files)

    def _act(self, act: Act) -> None:
        failure = self.chat.failure
        if act is Act.START_ENGINE:
            self.engine.start_again()
        elif act is Act.RETRY and failure and failure.message_id:
            self.chat.retry(failure.message_id)

    def _do(self, message: int, action: str) -> None:
        """An action of the transcript; copying it does itself by `copy_requested`."""
        acts: dict[str, Callable[[int], None]] = {
            "regenerate": self.chat.regenerate,
            "retry": self.chat.retry,
            "continue": self.chat.resume,
            "start_engine": lambda _number: self.engine.start_again(),
            "edit": self._edit,
            "previous_version": lambda number: self.chat.turn_to(number, -1),
            "next_version": lambda number: self.chat.turn_to(number, 1),
        }
        if action in acts:
            acts[action](message)
        elif action.startswith(IMAGE_ACTION):
            stored = self.chat.message(message)
            if stored is not None:
                self._open_image(stored.attachments[int(action.removeprefix(IMAGE_ACTION))])

    def _open_image(self, image: Attachment) -> None:
        width, height = pixels_of(image)
        known = f"{grouped(width)} × {grouped(height)} pixels · " if width else ""
        detail = f"{known}{size_in_words(image.size)} · {image.media}"
        show_image(self.window(), image.name, image.data, QSize(width, height), detail)

    def _edit(self, message: int) -> None:
        stored = self.chat.message(message)
        if stored is not None and self.chat.exchange is None:
            self.state.begin_edit(message, stored.text, stored.attachments)
            self.focus_composer()
