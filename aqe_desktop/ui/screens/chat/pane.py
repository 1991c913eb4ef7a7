"""Keeps the transcript in step with the open chat: changes only what changed, so that a reader keeps the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from PySide6.QtCore import QObject

from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.screens.chat.messages import all_shown, progress_of, shown
from aqe_desktop.ui.screens.chat.view_model import ChatViewModel
from aqe_desktop.ui.widgets.transcript.model import TranscriptMessage
from aqe_desktop.ui.widgets.transcript.view import Transcript

_FIELDS = tuple(field.name for field in fields(TranscriptMessage) if field.name != "id")


class TranscriptPane(QObject):
    """Binds one transcript to one chat view model; a failed answer says by the engine what can be done."""

    def __init__(self, chat: ChatViewModel, engine: EngineViewModel, transcript: Transcript) -> None:
        super().__init__(transcript)
        self._chat, self._engine, self._view = chat, engine, transcript
        self._engine_up = engine.ready
        engine.changed.connect(self._follow_engine)
        chat.opened.connect(self._show_all)
        chat.loaded.connect(self._bring_up)
        chat.progressed.connect(self._show_progress)
        chat.text_added.connect(self._stream)
        chat.reasoning_added.connect(self._think)

    def _messages(self) -> list[TranscriptMessage]:
        return all_shown(self._chat.messages, self._chat.live, engine_up=self._engine_up)

    def _follow_engine(self) -> None:
        if self._engine.ready != self._engine_up:
            self._engine_up = self._engine.ready
            if self._chat.failure is not None:
                self._bring_up()

    def _show_all(self) -> None:
        self._view.set_messages(self._messages())

    def _bring_up(self) -> None:
        wanted, there = self._messages(), self._view.ids()
        kept = _common([message.id for message in wanted], there)
        if kept < len(there):
            self._view.remove_after(there[kept - 1] if kept else None)
        for message in wanted[:kept]:
            self._update(message)
        for message in wanted[kept:]:
            self._view.append(message)

    def _update(self, message: TranscriptMessage) -> None:
        before = self._view.message(message.id)
        if changed := _changes(before, message):
            ended = before.state == "streaming" != message.state
            (self._view.finish if ended else self._view.update_message)(message.id, **changed)

    def _show_progress(self) -> None:
        """The chip and the words in the place of the text, as the reply gets on."""
        live = self._chat.live
        stored = next((m for m in self._chat.messages if live and m.id == live.answer), None)
        if live is None or stored is None or stored.id not in self._view.ids():
            return
        now = shown(stored, live)
        self._view.update_message(stored.id, chip=now.chip, progress=progress_of(live))

    def _stream(self, text: str) -> None:
        if self._chat.live is not None:
            self._view.stream(self._chat.live.answer, text)

    def _think(self, text: str) -> None:
        if self._chat.live is not None:
            self._view.stream(self._chat.live.answer, text, reasoning=True)


def _common(left: Sequence[object], right: Sequence[object]) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


def _changes(old: TranscriptMessage, new: TranscriptMessage) -> dict[str, Any]:
    return {name: getattr(new, name) for name in _FIELDS if getattr(new, name) != getattr(old, name)}
