"""How long the window stands still when megabytes are pasted into the composer: real clipboard, engine and store.

    AQE_HOME=EMPTY_FOLDER python tests/bench/paste_stall.py [--megabytes 5] [--words ascii|umlaut]

Needs a display (Xvfb will do). Measured from the key to the end of the count; prints one JSON object, milliseconds."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from aqe_desktop.app import open_app
from aqe_desktop.ui.application import Application
from aqe_desktop.ui.loop import Loop
from aqe_desktop.ui.screens.chat.screen import ChatScreen
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.tasks import Tasks
from aqe_desktop.ui.theme import style
from tests.bench.beat import Heartbeat

LINES = {"ascii": "def add(a, b):\n    return a + b\n\n", "umlaut": "größer = straße(übermäßig)\n"}


async def measure(size: int, line: str) -> dict[str, object]:
    async with open_app() as app:
        window = MainWindow()
        screen = ChatScreen(app, window)
        screen.connect_window(window)
        window.add_screen("chat", screen.panes)
        window.resize(1280, 800)
        window.show()
        window.show_screen("chat")
        screen.begin()
        await _until(screen.engine.changed, lambda: screen.engine.ready and screen.engine.place is not None)
        try:
            return await _paste(screen, line * (size // len(line)))
        finally:
            await screen.aclose()
            for tasks in window.findChildren(Tasks):
                await tasks.aclose()
            window.close()


async def _until(signal: Any, holds: Callable[[], object]) -> None:
    came = asyncio.Event()
    signal.connect(came.set)
    while not holds():
        came.clear()
        await came.wait()


async def _paste(screen: ChatScreen, text: str) -> dict[str, object]:
    beat, editor = Heartbeat(), screen.view.composer.editor
    beat.start()
    idle = await beat.idle()
    QApplication.clipboard().setText(text)
    await asyncio.sleep(0.3)
    start = time.perf_counter()
    QTest.keyClick(editor, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    pasted = time.perf_counter()
    await _until(screen.state.files_changed, lambda: screen.state.files and screen.state.files[0].tokens is not None)
    counted = time.perf_counter()
    await asyncio.sleep(1.5)
    end = time.perf_counter()
    await beat.stop()
    return {
        "characters": len(text),
        "tokens": screen.state.files[0].tokens,
        "key": round((pasted - start) * 1000, 1),
        "counted after": round((counted - start) * 1000),
        "idle": idle,
        "stalls": beat.between(start, end),
        "longest": beat.longest(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--words", choices=tuple(LINES), default="ascii")
    wanted = parser.parse_args()
    application = Application(sys.argv[:1])
    style.install(application, "light")
    with asyncio.Runner(loop_factory=lambda: Loop(application, lambda _why: None)) as runner:
        print(json.dumps(runner.run(measure(round(wanted.megabytes * 1e6), LINES[wanted.words]))))


if __name__ == "__main__":
    main()
