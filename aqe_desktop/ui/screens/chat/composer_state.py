"""What is being written: text and files per chat, kept on disk as drafts, counted, and brought back after an error."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.history import Draft as StoredDraft
from aqe_desktop.machine.files import image
from aqe_desktop.services.chat import Fit
from aqe_desktop.services.history import HistoryService
from aqe_desktop.ui.screens.chat.draft import Attached, Draft
from aqe_desktop.ui.screens.chat.input_history import InputHistory
from aqe_desktop.ui.screens.chat.intake import PASTED_IMAGE, PASTED_NAME, Intake, Kind, judge
from aqe_desktop.ui.screens.chat.view_model import Where
from aqe_desktop.ui.tasks import Tasks

SAVE_DELAY_MS = 500
COUNT_DELAY_MS = 300

Read = Callable[[Path], Awaitable[Attachment]]
Count = Callable[[str, Sequence[Attachment]], Awaitable[Fit]]


class ComposerViewModel(QObject):
    """One draft per chat. `text_replaced` asks the view to show another text; `counted` follows a pause in typing,
    `touched` comes with every change of text or files, and when another draft is shown.

    `told` is a sentence about something that was done (attached), `refused` one about what was not."""

    text_replaced = Signal(str)
    files_changed = Signal()
    counted = Signal()
    touched = Signal()
    told = Signal(str)
    refused = Signal(str)
    failed = Signal(object)

    def __init__(self, history: HistoryService, read: Read, count: Count, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.where = Where()
        self.fit: Fit | None = None
        self.past = InputHistory()
        self._history, self._read, self._count = history, read, count
        self._drafts: dict[Where, Draft] = {self.where: Draft()}
        self._edits: dict[Where, Draft] = {}
        self._tasks = Tasks(self)
        self._tasks.failed.connect(self._refuse)
        self._counting = Tasks(self)
        self._past_size = 100
        self._trouble = False
        self._save_soon = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._save_soon.timeout.connect(self.save)
        self._count_soon = QTimer(self, singleShot=True, interval=COUNT_DELAY_MS)
        self._count_soon.timeout.connect(self.count)

    @property
    def text(self) -> str:
        return self._draft.text

    @property
    def files(self) -> Sequence[Attached]:
        return self._draft.files

    @property
    def empty(self) -> bool:
        """Nothing that could be sent."""
        return not self.text.strip() and not self.files

    @property
    def tokens(self) -> int | None:
        """Of text and text files together; None while some are uncounted. What an image costs nobody says before."""
        words = 0 if not self.text.strip() else self.fit.tokens if self.fit else None
        parts = [words, *(file.tokens for file in self.files if not file.attachment.is_image)]
        return None if any(part is None for part in parts) else sum(part or 0 for part in parts)

    @property
    def images(self) -> int:
        """How many there are, uncounted in `tokens`."""
        return sum(file.attachment.is_image for file in self.files)

    def show(self, where: Where) -> None:
        """Another chat is open: keep this draft, bring back that one."""
        self.save()
        self._counting.cancel()
        self.where = where
        self.fit = None
        self.past.leave()
        if where in self._drafts:
            self._shown()
        else:
            self._drafts[where] = Draft(unread=True)
            self.bring_back()

    @property
    def editing(self) -> int | None:
        """The question that is being changed; None when a new one is written."""
        return self._draft.editing

    def begin_edit(self, message: int, text: str, files: Sequence[Attachment]) -> None:
        """Change a question in the composer; the draft waits until it is sent or given up."""
        self.save()
        self._edits[self.where] = Draft(text, [Attached(file) for file in files], editing=message)
        self._shown()

    def end_edit(self) -> None:
        """Give the change up and bring the draft back."""
        if self._edits.pop(self.where, None) is not None:
            self._shown()

    def write(self, text: str) -> None:
        """The user changed the text."""
        if text != self._draft.text:
            self._draft.text = text
            self.past.leave()
            self._later()

    def sent(self, before: Where, after: Where, text: str, files: Sequence[Attachment]) -> None:
        """The question is on disk: clear its draft, but not what was typed since. `after` is the chat's place now."""
        if self._past_size:
            self.past.remember(text)
        if self._edits.pop(before, None) is None:
            self._clear(before, text, files)
        if after != before:
            self._drafts[after] = self._drafts.pop(before, Draft())
            moved = self._drafts[after]
            moved.saved, moved.saved_files, moved.unread = "", (), False
        if self.where == before:
            self.where = after
            self._shown()
            self.save()

    def _clear(self, where: Where, text: str, files: Sequence[Attachment]) -> None:
        draft = self._drafts.setdefault(where, Draft())
        if draft.text == text:
            draft.text = ""
        draft.files = [file for file in draft.files if file.attachment not in files]
        if not where.temporary and (draft.saved or draft.saved_files):
            draft.saved, draft.saved_files = "", ()
            self._do(self._history.set_draft(where.conversation, "", ()), "clear the draft")

    def paste(self, intake: Intake) -> None:
        """A paste that is no plain text: attach it, or say why not."""
        if intake.kind is Kind.REFUSE:
            self.refused.emit(intake.reason)
        elif intake.kind is Kind.ATTACH:
            self._attach(Attachment(self._unused(PASTED_NAME), intake.text), intake.reason)

    def paste_image(self, make: Callable[[], bytes]) -> None:
        """Attach a picture from the clipboard, such as a screenshot. `make` gives the bytes of a PNG; it takes time."""
        self._do(self._take_image(make, self.where), "attach a pasted image")

    def attach(self, paths: Sequence[Path]) -> None:
        """Read these files off the loop and add them; one that cannot be read does not hold up the others."""
        if paths:
            self._tasks.start(self._read_all(paths, self.where), name="read files")

    def detach(self, number: int) -> None:
        if 0 <= number < len(self._draft.files):
            del self._draft.files[number]
            self.files_changed.emit()
            self._later()

    def older(self) -> None:
        self._walk(self.past.older(self.text))

    def newer(self) -> None:
        self._walk(self.past.newer())

    def fill(self, text: str) -> None:
        """Put a proposed question into the field, to be changed and sent by the user."""
        self._draft.text = text
        self._shown()
        self._later()

    def begin(self, *, with_draft: bool = True) -> None:
        """Once the database is open: bring back the draft on show, and the questions for Up and Down.

        Without its draft where something is to be sent already: it waits for the next new chat, or `bring_back`."""
        self._drafts[self.where].unread = True
        if with_draft:
            self.bring_back()
        self._do(self._load_past(), "read the input history")

    def bring_back(self) -> None:
        """Read the draft of the chat on show, if that has not been done."""
        if self._drafts[self.where].unread:
            self._do(self._bring_back(self.where), "read the draft")

    def set_history_size(self, size: int) -> None:
        """How many questions Up and Down bring back; 0 turns it off."""
        if size != self._past_size:
            self._past_size = size
            self._do(self._load_past(), "read the input history")

    def save(self) -> None:
        """Write the draft now, if it is another than the one on disk; temporary chats have none there."""
        self._save_soon.stop()
        draft = self._draft
        if not (draft.unread or draft.kept or self.where.temporary or self.editing is not None):
            self._do(self._save(self.where, draft, draft.text, draft.attachments), "keep the draft")

    def count(self) -> None:
        """Ask the engine how many tokens the draft has; an answer for an older text is dropped."""
        self._count_soon.stop()
        self._counting.cancel()
        self._counting.start(self._count_all(self._draft), name="count tokens")

    async def aclose(self) -> None:
        """Write the draft; the window is closing."""
        self._counting.cancel()
        draft = self._drafts[self.where]
        if draft.unread:
            with contextlib.suppress(AqeError):
                await self._bring_back(self.where)
        if not draft.kept and not self.where.temporary:
            await self._save(self.where, draft, draft.text, draft.attachments)

    @property
    def _draft(self) -> Draft:
        return self._edits.get(self.where) or self._drafts[self.where]

    def _later(self) -> None:
        self.touched.emit()
        self._save_soon.start()
        self._count_soon.start()

    def _shown(self) -> None:
        self.text_replaced.emit(self.text)
        self.files_changed.emit()
        self.touched.emit()
        self._count_soon.start()

    def _walk(self, text: str | None) -> None:
        if text is not None:
            self._draft.text = text
            self.text_replaced.emit(text)
            self._later()

    def _attach(self, attachment: Attachment, why: str = "") -> None:
        self._draft.files.append(Attached(attachment))
        self.files_changed.emit()
        self.touched.emit()
        if why:
            self.told.emit(why)
        self._save_soon.start()
        self.count()

    def _unused(self, name: str) -> str:
        """The name, numbered when the draft already has a file of that name."""
        taken = {file.attachment.name for file in self._draft.files}
        stem, dot, suffix = name.rpartition(".")
        names = (f"{stem}-{number}{dot}{suffix}" for number in range(2, len(taken) + 3))
        return name if name not in taken else next(free for free in names if free not in taken)

    async def _read_all(self, paths: Sequence[Path], where: Where) -> None:
        """One after the other: the chips stand in the order in which the files were chosen.

        What was refused is said once and in whole: a notice has room for one word only, the newest."""
        refused: list[AqeError] = []
        for path in paths:
            try:
                await self._read_one(path, where)
            except AqeError as error:
                refused.append(error)
        if refused:
            self.refused.emit(_refusal(refused, len(paths)))

    async def _take_image(self, make: Callable[[], bytes], where: Where) -> None:
        data = await asyncio.to_thread(make)
        await self._add(image(data, self._unused(PASTED_IMAGE)), where, "The image from the clipboard was attached.")

    async def _read_one(self, path: Path, where: Where) -> None:
        await self._add(await self._read(path), where)

    async def _add(self, attachment: Attachment, where: Where, why: str = "") -> None:
        """To the draft that it was meant for, whichever is on show by now."""
        if where == self.where:
            self._attach(attachment, why)
            return
        draft = self._drafts[where]
        draft.files.append(Attached(attachment))
        if not where.temporary and not draft.unread:
            await self._save(where, draft, draft.text, draft.attachments)

    async def _bring_back(self, where: Where) -> None:
        draft = self._drafts[where]
        try:
            kept = StoredDraft() if where.temporary else await self._history.draft(where.conversation)
        except AqeError:
            draft.unread = False
            raise
        if draft.unread:
            draft.unread, draft.saved, draft.saved_files = False, kept.text, kept.attachments
            # Words typed before it was read: neither may take the other's place.
            draft.text = "\n".join(dict.fromkeys(part for part in (kept.text, draft.text) if part))
            draft.files = [*map(Attached, kept.attachments), *draft.files]
            if where == self.where:
                self._shown()
                self._later()
            elif not draft.kept:
                await self._save(where, draft, draft.text, draft.attachments)

    async def _save(self, where: Where, draft: Draft, text: str, files: tuple[Attachment, ...]) -> None:
        """Files are megabytes: they are written when they are others, not with each word."""
        before = draft.saved, draft.saved_files
        changed = files if files != draft.saved_files else None
        draft.saved, draft.saved_files = text, files
        try:
            await self._history.set_draft(where.conversation, text, changed)
            self._trouble = False
        except AqeError as error:
            draft.saved, draft.saved_files = before
            if not self._trouble:
                self._trouble = True
                self.failed.emit(error)

    async def _count_all(self, draft: Draft) -> None:
        try:
            self.fit = await self._count(draft.text, ()) if draft.text.strip() else None
            for file in draft.files:
                if file.tokens is None and not file.attachment.is_image:
                    file.tokens = (await self._count("", (file.attachment,))).tokens
                    self.files_changed.emit()
        except AqeError:
            # Counting is a service to the user while typing; a dead engine is reported where it matters, at Send.
            self.fit = None
        self.counted.emit()

    async def _load_past(self) -> None:
        questions = await self._history.questions(self._past_size) if self._past_size else ()
        # What `aqe` was given may be megabytes, which belong into a file and not into the field.
        self.past.fill([question for question in questions if judge(question).kind is Kind.TEXT])

    def _do(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.start(work, name=name)

    def _refuse(self, error: AqeError) -> None:
        self.refused.emit(_refusal([error], 1))


def _refusal(errors: Sequence[AqeError], of: int) -> str:
    """Every file with its reason, a line each, and each next step once."""
    if len(errors) == 1:
        return f"{errors[0].message} {errors[0].hint}".strip()
    reasons = [error.message for error in errors]
    hints = dict.fromkeys(error.hint for error in errors if error.hint)
    return "\n".join([f"{len(errors)} of {of} files were not attached.", *reasons, " ".join(hints)]).rstrip()
