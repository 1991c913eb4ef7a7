"""A window with the chat over an open app: the real store, the real engine, the real model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.app import App, open_app
from aqe_desktop.core.chat import State
from aqe_desktop.ui.screens.chat.screen import ChatScreen
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.widgets.transcript.spots import spots
from tests.ui.screens.conftest import until

Play = Callable[[Coroutine[Any, Any, Any]], Any]
LONG = "Write a long story about a compiler, in twenty chapters."


class Scene:
    """A window with the chat over an open app."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.window = MainWindow()
        self.screen = ChatScreen(app, self.window)
        self.screen.connect_window(self.window)
        self.window.add_screen("chat", self.screen.panes)
        self.window.resize(1280, 800)
        self.window.show()
        self.window.show_screen("chat")
        self.screen.begin()
        # The likeliest words, each time: an answer to LONG is long, and does not end before it is stopped.
        self.screen.parameters.set_sampling(temperature=0.0)
        self.chat, self.view = self.screen.chat, self.screen.view
        self.editor = self.view.composer.editor

    def ask(self, text: str) -> None:
        self.editor.insertPlainText(text)
        QTest.keyClick(self.editor, Qt.Key.Key_Return)

    async def ready(self) -> None:
        await until(lambda: self.screen.engine.ready and self.screen.engine.place is not None)

    async def writing(self, tokens: int = 5) -> None:
        await until(lambda: self.chat.exchange is not None and self.chat.exchange.tokens >= tokens)

    async def ended(self) -> None:
        await until(lambda: self.chat.exchange is None and self.chat.live is None)
        await until(lambda: bool(self.chat.messages) and self.chat.messages[-1].state is not State.STREAMING)

    def press(self, label: str) -> None:
        """Click a button under the last message."""
        view, item = self.view.transcript, self.view.transcript.column.items[-1]
        spot = next(spot for spot in spots(item, actions=True, top=0, bottom=1e9) if spot.label == label)
        point = (spot.rect.center() + view.origin(item)).toPoint()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)

    def last(self) -> str:
        return self.view.transcript.message(self.view.transcript.ids()[-1]).text

    def titles(self) -> list[str]:
        return [row.title for row in self.screen.listed.conversations]


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    async with open_app() as app:
        made = Scene(app)
        try:
            yield made
        finally:
            await made.screen.aclose()
            for tasks in made.window.findChildren(Tasks):
                await tasks.aclose()
            made.window.close()
            made.window.deleteLater()
