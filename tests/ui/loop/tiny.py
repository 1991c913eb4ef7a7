"""A small real app, run in a process of its own by the tests beside it: one window into which 1,000 tokens/s stream.

    python tiny.py SCENE FOLDER

It says "ready" on stdout once the scene stands and tokens flow, and one JSON line when its closing has run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import Any, TextIO

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QDrag, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu, QMessageBox, QPlainTextEdit, QWidget

from aqe_desktop.ui import dialogs, loop
from aqe_desktop.ui.application import Application
from aqe_desktop.ui.faults import Faults
from aqe_desktop.ui.tasks import Tasks

MORE = 400  # tokens that must arrive while something is open, and again after it


class Window(QPlainTextEdit):
    """The window; pressing and moving the mouse on it starts a drag, as a widget of Qt's own does: in the event."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setWindowTitle("AQE tiny")
        self.folder = folder
        self.received: list[str] = []
        self.dragging = False
        self.tasks = Tasks(self)
        self.tasks.failed.connect(lambda error: say(f"failed {error!r}"))

    async def stream(self) -> None:
        reader, writer = await asyncio.open_unix_connection(os.fspath(self.folder / "s"))
        try:
            while line := await reader.readline():
                self.received.append(line.decode())
                if len(self.received) % 33 == 0:
                    self.setPlainText("".join(self.received[-50:]))
        finally:
            writer.close()
            await asyncio.shield(asyncio.create_task(self.keep()))

    async def keep(self) -> None:
        await asyncio.to_thread((self.folder / "kept").write_text, "".join(self.received))

    async def more(self) -> None:
        """Tokens go on: also a second task's timers must, which a nested loop in a task would strand."""
        goal = len(self.received) + MORE
        await until(lambda: len(self.received) >= goal)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.dragging:
            return
        self.dragging = True
        drag = QDrag(self)
        data = QMimeData()
        data.setText("dragged")
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)
        self.dragging = False


class SignalledLoop(loop.Loop):
    """A signal comes after `run` was called and before the loop's own handlers are in place."""

    def __init__(self, application: QApplication, interrupted: Callable[[str], None]) -> None:
        super().__init__(application, interrupted)
        os.kill(os.getpid(), signal.SIGTERM)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    number = 0
    started = asyncio.get_running_loop().time()
    with contextlib.suppress(ConnectionError), contextlib.closing(writer):
        while True:
            due = int((asyncio.get_running_loop().time() - started) * 1000)
            writer.write(b"".join(b"token %d\n" % n for n in range(number, due)))
            number = due
            await writer.drain()
            await asyncio.sleep(0.005)


async def until(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - conditions of widgets, which know no asyncio.Event
        await asyncio.sleep(0.005)


def say(text: str, where: TextIO = sys.stdout) -> None:
    where.write(text + "\n")
    where.flush()


def ready() -> None:
    say("ready")


async def idle(window: Window) -> None:
    ready()


async def streaming(window: Window) -> None:
    await window.more()
    ready()
    await window.more()


async def menu(window: Window) -> None:
    for accept in (True, False):
        popup = QMenu(window)
        action = QAction("Copy", popup)
        popup.addAction(action)
        asked = asyncio.create_task(dialogs.choose(popup, window.mapToGlobal(QPoint(20, 20))))
        await until(popup.isVisible)
        await window.more()
        ready()
        key = Qt.Key.Key_Return if accept else Qt.Key.Key_Escape
        if accept:
            QTest.keyClick(popup, Qt.Key.Key_Down)
        QTest.keyClick(popup, key)
        chosen = await asked
        assert (chosen is action) is accept, chosen
    await window.more()


async def message(window: Window) -> None:
    box = QMessageBox(QMessageBox.Icon.Question, "Delete", "Delete it?", parent=window)
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    asked = asyncio.create_task(dialogs.ask(box))
    await until(box.isVisible)
    await window.more()
    ready()
    QTest.mouseClick(box.button(QMessageBox.StandardButton.Yes), Qt.MouseButton.LeftButton)
    assert await asked == QMessageBox.StandardButton.Yes.value
    await window.more()


async def files(window: Window) -> None:
    (window.folder / "a.py").write_text("a = 1\n")
    asked = asyncio.create_task(dialogs.open_files(window, "Attach", window.folder, ["Python (*.py)"]))
    dialog = await the_file_dialog()
    await window.more()
    ready()
    name = dialog.findChild(QLineEdit, "fileNameEdit")
    assert isinstance(name, QLineEdit)
    name.setText("a.py")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert await asked == [window.folder / "a.py"]
    await window.more()


async def folder(window: Window) -> None:
    asked = asyncio.create_task(dialogs.open_folder(window, "Open", window.folder))
    dialog = await the_file_dialog()
    await window.more()
    ready()
    dialog.accept()
    assert await asked == window.folder
    await window.more()


async def save_over(window: Window) -> None:
    """Qt's own question "replace?" is a nested loop in a slot: tokens must go on through it as well."""
    taken = window.folder / "out.md"
    taken.write_text("old\n")
    asked = asyncio.create_task(dialogs.save_file(window, "Save", taken, ["Markdown (*.md)"]))
    dialog = await the_file_dialog()
    QTimer.singleShot(0, dialog.accept)
    await until(lambda: isinstance(QApplication.activeModalWidget(), QMessageBox))
    await window.more()
    ready()
    box = QApplication.activeModalWidget()
    assert isinstance(box, QMessageBox)
    yes = box.button(QMessageBox.StandardButton.Yes)
    QTimer.singleShot(0, yes.click)
    assert await asked == taken
    await window.more()


async def drag(window: Window) -> None:
    """Waits for a real drag on a real screen: the test beside this moves the mouse."""
    await until(window.isActiveWindow)
    place = window.mapToGlobal(QPoint(40, 40))
    say(f"at {place.x()} {place.y()}")
    await until(lambda: window.dragging)
    await window.more()
    ready()
    await until(lambda: not window.dragging)
    await window.more()


async def cancelled(window: Window) -> None:
    """A cancelled question closes its dialog."""
    box = QMessageBox(QMessageBox.Icon.Question, "Delete", "Delete it?", parent=window)
    asked = window.tasks.start(dialogs.ask(box), name="question")
    await until(box.isVisible)
    asked.cancel()
    await asyncio.wait([asked])
    await until(lambda: not window.findChildren(QMessageBox))
    ready()
    await window.more()


async def dropped_generator(window: Window) -> None:
    """An async generator nobody closed is closed by the loop."""
    closed = asyncio.Event()

    async def numbers() -> AsyncGenerator[int]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(0)
            closed.set()

    async for _number in numbers():
        break
    await closed.wait()
    ready()


async def the_file_dialog() -> QFileDialog:
    def found() -> list[QFileDialog]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog) and w.isVisible()]

    await until(found)
    return found()[0]


async def body(leave: asyncio.Event, window: Window, scene: str) -> int:
    server = await asyncio.start_unix_server(serve, os.fspath(window.folder / "s"))
    played = window.tasks.start(SCENES[scene](window), name="scene")
    if scene != "idle":
        window.tasks.start(window.stream(), name="stream")
    if "--leave" in sys.argv:
        await asyncio.wait([played])
        window.close()
    if "--raise" in sys.argv:
        await asyncio.wait([played])
        say(str(1 // (scene == "nothing")))
    await leave.wait()
    await misbehave()
    await window.tasks.aclose()
    server.close()
    say(json.dumps({"received": len(window.received), "played": not played.cancelled()}))
    window.close()
    return 0


async def misbehave() -> None:
    if "--block" in sys.argv:
        time.sleep(600)  # noqa: ASYNC251 - the point
    if "--hang" in sys.argv:
        say("hanging")
        await asyncio.Event().wait()


SCENES: dict[str, Callable[[Window], Coroutine[Any, Any, None]]] = {
    f.__name__: f
    for f in (
        idle, streaming, menu, message, files, folder, save_over, drag, cancelled, dropped_generator,
    )
}  # fmt: skip


def main() -> int:
    scene, place = sys.argv[1], Path(sys.argv[2])
    faults = Faults()
    faults.install()
    faults.show_with(lambda text: say(text, sys.stderr))
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    application = Application(["tiny"])
    window = Window(place)
    window.resize(600, 400)
    window.show()
    if "--quit" in sys.argv:
        way = sys.argv[sys.argv.index("--quit") + 1]
        watch(application, window, place, way)

    if "--signal-first" in sys.argv:
        loop.Loop = SignalledLoop  # type: ignore[misc]

    async def live(leave: asyncio.Event) -> int:
        return await body(leave, window, scene)

    if "--grace" in sys.argv:
        loop.GRACE = float(sys.argv[sys.argv.index("--grace") + 1])
    return loop.run(application, live, faults)


def watch(application: Application, window: QWidget, place: Path, way: str) -> None:
    """Leave that way as soon as the file `go` appears: from a plain Qt timer, outside any task."""
    ways: dict[str, Callable[[], object]] = {
        "close": window.close,
        "quit": application.quit,
        "exit": lambda: application.exit(5),
    }

    def look() -> None:
        if (place / "go").exists():
            timer.stop()
            ways[way]()

    timer = QTimer(application)
    timer.timeout.connect(look)
    timer.start(5)


if __name__ == "__main__":
    sys.exit(main())
