"""The chat as the window holds it: sidebar, work area and inspector over one set of view models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.history import Conversation
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.files import write_private
from aqe_desktop.services.chat import Fit
from aqe_desktop.services.thread import shown_title
from aqe_desktop.ui import dialogs
from aqe_desktop.ui.kinds import title
from aqe_desktop.ui.screens.chat.commands import add_commands
from aqe_desktop.ui.screens.chat.composer_state import ComposerViewModel
from aqe_desktop.ui.screens.chat.context import ContextViewModel
from aqe_desktop.ui.screens.chat.conversation_list import ConversationListViewModel
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.finding_marks import FindingMarks
from aqe_desktop.ui.screens.chat.findings import FindingsViewModel
from aqe_desktop.ui.screens.chat.inspector import Inspector
from aqe_desktop.ui.screens.chat.name_sheet import ask_name
from aqe_desktop.ui.screens.chat.parameters import ParametersViewModel
from aqe_desktop.ui.screens.chat.projects import ProjectsViewModel
from aqe_desktop.ui.screens.chat.sidebar import Sidebar
from aqe_desktop.ui.screens.chat.view import ChatView
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel, Space
from aqe_desktop.ui.shell.panes import Panes
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.widgets.link_sheet import ask_to_open

if TYPE_CHECKING:
    from aqe_desktop.app import App
    from aqe_desktop.core.findings import Found
    from aqe_desktop.settings.schema import Settings
    from aqe_desktop.ui.screens.chat.foot import Foot
    from aqe_desktop.ui.shell.window import MainWindow


class ChatScreen(QObject):
    """Makes and binds the view models. `undo_offered(text, callback)` wants a toast."""

    undo_offered = Signal(str, object)

    def __init__(self, app: App, parent: QObject | None = None, foot: Foot | None = None) -> None:
        super().__init__(parent)
        self._app = app
        kept = Space(app.chat, app.history)
        self.chat = ChatViewModel(kept, Space(app.temporary_chat, app.temporary_history), self)
        self.listed = ConversationListViewModel(app.history, self)
        self.temporary = ConversationListViewModel(app.temporary_history, self)
        self.engine = EngineViewModel(app.models, self)
        self.projects = ProjectsViewModel(app.projects, app.policy, self)
        self.parameters = ParametersViewModel(self.chat, app.presets, self)
        self.state = ComposerViewModel(app.history, app.chat.attach, self._count, self)
        self.findings = FindingsViewModel(app.privacy, self.chat, self.state, self)
        self._tasks = Tasks(self)
        self._around: dict[ModelRef, int] = {}
        self.sidebar = Sidebar(self.listed, self.temporary, self.projects, answering=self._answering)
        self.context = ContextViewModel(self.chat, self.engine, self)
        self.view = ChatView(self.chat, self.engine, self.state, self.context, foot)
        self.marks = FindingMarks(self.findings, self.view.composer, self.view.route, self.view.header)
        self.inspector = Inspector(self.chat, self.engine, self.parameters, self.context)
        self._connect_acts()
        self._connect_states()

    def begin(self) -> None:
        """Once the window is on screen: list, bring back the draft, and load the model."""
        self.listed.refresh()
        self.temporary.refresh()
        self.projects.load()
        self.parameters.load()
        self._begin_to_write()
        self.engine.use(None)
        self.findings.begin()
        self.chat.watch()
        self._tell_recovered()

    def _begin_to_write(self) -> None:
        """What was sent into the first frame goes alone, without the draft of the last time."""
        asked = self.view.composer.was_asked
        self.state.begin(with_draft=not asked)
        if asked:
            self.chat.ended.connect(lambda _exchange: self.state.bring_back())
            self.view.composer.catch_up()

    def panes(self) -> Panes:
        return Panes(self.view, self.sidebar, self.inspector, self.view.composer.editor, self.view.foot)

    def connect_window(self, window: MainWindow) -> None:
        """Commands, status bar and toasts of the frame; what `aqe` writes is looked for while the chat is on show."""
        add_commands(self, window)
        self.view.header.panel_asked.connect(window.toggle_inspector)
        self.view.figures_changed.connect(window.status.show_reply)
        self.engine.changed.connect(lambda: self._show_light(window))
        self.undo_offered.connect(lambda text, undo: window.toasts.offer(text).acted.connect(undo))
        window.status.runtime_clicked.connect(lambda _runtime: self.engine.start_again())
        window.screen_shown.connect(lambda key: self.chat.watch() if key == "chat" else self.chat.unwatch())

    def apply(self, settings: Settings) -> None:
        """Take over what the user set."""
        self.view.composer.set_send_key(settings.chat.send_key)
        self.state.set_history_size(settings.chat.history_size)

    def set_offline(self, offline: bool) -> None:
        self.view.set_offline(offline)

    def new_chat(self, *, temporary: bool = False) -> None:
        self.chat.new_chat(temporary=temporary)
        self.view.focus_composer()

    def open(self, row: int) -> None:
        """A row of the sidebar, to write in it; negative ids are temporary chats."""
        self.look_at(row)
        self.view.focus_composer()

    def look_at(self, row: int) -> None:
        """Open a row and leave the keyboard where it is: in the list the next key may rename or delete it."""
        self.chat.open(abs(row), temporary=row < 0)

    def delete(self, row: int) -> None:
        (self.listed if row > 0 else self.temporary).delete(abs(row))

    def delete_open(self) -> None:
        where = self.chat.where
        if where.conversation is not None:
            self.delete(-where.conversation if where.temporary else where.conversation)

    def pin_open(self) -> None:
        conversation = self.chat.conversation
        if conversation is not None and not self.chat.where.temporary:
            listed = self.listed.get(conversation.id)
            self.listed.pin(conversation.id, not (listed or conversation).pinned)

    def step(self, by: int) -> None:
        """Open the chat below or above the open one in the list; from a new one the first."""
        ids = [row.id for row in self.listed.conversations]
        current = self.chat.where.conversation
        place = ids.index(current) + by if current in ids and not self.chat.where.temporary else 0
        if 0 <= place < len(ids):
            self.open(ids[place])

    def attach(self) -> None:
        self._tasks.start(self._attach(), name="attach files")

    def open_folder(self) -> None:
        self._tasks.start(self._open_folder(), name="open a project")

    def _show_light(self, window: MainWindow) -> None:
        if self.engine.status is not None:
            window.status.show_runtime(self.engine.status)

    async def aclose(self) -> None:
        """Stop the replies, keeping what arrived, and write the draft."""
        await self._tasks.aclose()
        await self.findings.aclose()
        await self.chat.aclose()
        await self.state.aclose()

    def _connect_acts(self) -> None:
        sidebar, view = self.sidebar, self.view
        sidebar.open_asked.connect(self.look_at)
        sidebar.typed.connect(self._write)
        sidebar.new_asked.connect(self.new_chat)
        sidebar.delete_asked.connect(self.delete)
        sidebar.export_asked.connect(self._export)
        sidebar.folder_asked.connect(self.open_folder)
        sidebar.left.connect(view.focus_composer)
        view.welcome.folder_asked.connect(self.open_folder)
        view.header.temporary_asked.connect(lambda: self.new_chat(temporary=True))
        view.composer.attach_asked.connect(self.attach)
        view.composer.model_chosen.connect(self._use_model)
        view.composer.send_asked.connect(lambda *_sent: self.inspector.form.flush())
        view.transcript.copy_requested.connect(lambda text: QGuiApplication.clipboard().setText(text))
        view.transcript.link_activated.connect(lambda address: ask_to_open(view.window(), address))
        view.figures_changed.connect(self.inspector.show_running)
        self.inspector.form.save_asked.connect(self._save_preset)

    def _connect_states(self) -> None:
        self.chat.opened.connect(self._opened)
        self.chat.stored.connect(lambda *_: self._mark_open())
        self.chat.written.connect(self.listed.refresh)
        self.chat.written.connect(self.temporary.refresh)
        self.projects.changed.connect(self._project_changed)
        for listed, sign in ((self.listed, 1), (self.temporary, -1)):
            listed.deleted.connect(partial(self._deleted, sign))
            listed.restored.connect(lambda gone, sign=sign: self.open(sign * gone.id))
            listed.renamed.connect(lambda *_: self.chat.reload())
        for source in (self.listed, self.temporary, self.projects, self.parameters, self.state):
            source.failed.connect(self._tell)
        self.marks.dismiss_asked.connect(self.findings.dismiss)
        self.marks.told.connect(self.inspector.route.show_private)
        self.findings.failed.connect(self._tell)
        self.findings.dismissed.connect(self._dismissed)
        self.findings.judged.connect(self.listed.refresh)
        self.findings.judged.connect(self.temporary.refresh)
        self.engine.failed.connect(self.chat.show_error)
        self.engine.loaded.connect(self.chat.forget_loading_failure)
        self.engine.noted.connect(self.view.notices.tell)

    def _opened(self) -> None:
        self._mark_open()
        self.state.show(self.chat.where)
        wanted = self.chat.conversation.model if self.chat.conversation else None
        if wanted is not None and self.engine.model is not None and wanted != self.engine.model.ref:
            self.engine.use(wanted)

    def _mark_open(self) -> None:
        where = self.chat.where
        self.sidebar.set_open(where.conversation, temporary=where.temporary)

    def _answering(self) -> list[int]:
        """The rows whose replies are being written."""
        places = [(where.conversation, -1 if where.temporary else 1) for where in self.chat.running]
        return [sign * conversation for conversation, sign in places if conversation is not None]

    def _use_model(self, model: ModelRef) -> None:
        self.chat.set_model(model)
        self.engine.use(model)

    def _dismissed(self, found: Found, undo: Callable[[], None]) -> None:
        self.undo_offered.emit(f"{title(found.finding.kind)}: not private in this project", undo)

    def _project_changed(self) -> None:
        current = self.projects.current
        self.chat.project = current.path if current else None
        self.listed.show_project(self.chat.project)
        self.findings.look_again()

    def _deleted(self, sign: int, gone: Conversation) -> None:
        """Leave the chat that is gone, and offer the way back."""
        listed = self.listed if sign > 0 else self.temporary
        if self.chat.where.conversation == gone.id and self.chat.where.temporary == (sign < 0):
            other = listed.neighbour(gone.id)
            go = self.look_at if self.sidebar.rows.hasFocus() else self.open
            self.new_chat() if other is None else go(sign * other)
        self.undo_offered.emit(f"Deleted “{shown_title(gone.title)}”", partial(listed.restore, gone))

    def _write(self, letters: str) -> None:
        """Typed while the list had the keyboard: it is meant for the chat on show."""
        self.view.focus_composer()
        self.view.composer.editor.insertPlainText(letters)

    def _save_preset(self) -> None:
        ask_name(self.view.window(), "Save as a preset", self.parameters.preset, self.parameters.save_as)

    def _export(self, row: int) -> None:
        self._tasks.start(self._write_export(row), name="export a chat")

    def _tell(self, error: AqeError) -> None:
        self.view.notices.tell(error.message, error.hint)

    def _tell_recovered(self) -> None:
        """What the start found of an earlier end; a cut answer is one click away."""
        recovered = self._app.recovered
        if recovered.sentence:
            newest = recovered.answers[-1].conversation if recovered.answers else None
            show = None if newest is None else partial(self.open, newest)
            self.view.notices.tell(recovered.sentence, action="Show", act=show)

    async def _count(self, text: str, files: Sequence[Attachment]) -> Fit:
        """Tokens of this text and these files alone. Nothing is started for it: a model that is not up says nothing."""
        if not self.engine.ready or self.engine.model is None:
            raise NotReady("The model is not loaded.")
        model = self.engine.model.ref
        if model not in self._around:
            # What the chat template puts around a question, in tokens: a letter is one.
            self._around[model] = (await self._fit(model, "a")).tokens - 1
        fit = await self._fit(model, text, files)
        return replace(fit, tokens=max(0, fit.tokens - self._around[model]))

    async def _fit(self, model: ModelRef, text: str, files: Sequence[Attachment] = ()) -> Fit:
        """Counted where it would be sent, under the policy and with the past that it would be sent with."""
        chat, project = self.chat.space.chat, self.chat.project
        return await chat.fit(None, text, files, model=model, project=project, beside=self.chat.where.conversation)

    async def _attach(self) -> None:
        self.state.attach(await dialogs.open_files(self.view.window(), "Attach files"))

    async def _open_folder(self) -> None:
        folder = await dialogs.open_folder(self.view.window(), "Open a project")
        if folder is not None:
            self.projects.open(str(folder))

    async def _write_export(self, row: int) -> None:
        filters = ("Markdown (*.md)", "JSON with every version (*.json)")
        path = await dialogs.save_file(self.view.window(), "Export this chat", Path.home() / "chat.md", filters)
        if path is None:
            return
        history = self._app.history
        try:
            as_json = path.suffix == ".json"
            text = await (history.export_json(row) if as_json else history.export_markdown(row))
            await asyncio.to_thread(write_private, path, text.encode())
        except AqeError as error:
            self._tell(error)


class NotReady(AqeError):
    """Tokens cannot be counted yet; the composer goes on without a count."""
