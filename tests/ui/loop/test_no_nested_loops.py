"""No call in ui/ may open a nested Qt loop, or give a coroutine an owner other than Tasks and the one loop.

Under qasync a nested loop inside a task strands other tasks for ever, silently; so the text of the code is judged."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import aqe_desktop.ui

_UI = Path(str(aqe_desktop.ui.__file__)).parent

_STATICS = {
    "QMessageBox": {"about", "aboutQt", "critical", "information", "question", "warning"},
    "QFileDialog": {"get*"},
    "QInputDialog": {"get*"},
    "QColorDialog": {"get*"},
    "QFontDialog": {"get*"},
    "QErrorMessage": {"qtHandler"},
    "QTest": {"qWait*", "qSleep"},
}
_METHODS = {"exec", "exec_", "processEvents", "showMenu", "waitFor*"}
_QASYNC = {"asyncSlot", "asyncClose", "asyncWrap"}
_ASYNCIO = {"run", "get_event_loop", "ensure_future", "new_event_loop", "set_event_loop"}
# The loop itself is made in one place, the first paint comes before any task, and the gallery has no coroutines.
_KNOWN = {"loop.py": {"ensure_future"}, "first_paint.py": {"exec"}, "gallery/__init__.py": {"exec"}}
# Widgets start a drag in their mouse event, outside any task, where its loop is harmless (test_open_things.py).
_DRAG_HANDLERS = {"startDrag", "mouseMoveEvent"}


def offences(source: str) -> list[str]:
    """What in this source opens a nested loop or starts an unowned one, as "line: words"."""
    found: list[str] = []
    tree = ast.parse(source)
    allowed = {id(call) for call in _drags(tree)}
    for node in ast.walk(tree):
        words = _words(node)
        if words and id(node) not in allowed:
            found.append(f"{getattr(node, 'lineno', 0)}: {words}")
    return found


def _drags(tree: ast.AST) -> list[ast.AST]:
    """Calls `drag.exec(...)` by that name inside a plain drag handler."""
    handlers = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name in _DRAG_HANDLERS]
    attributes = [n for handler in handlers for n in ast.walk(handler) if isinstance(n, ast.Attribute)]
    return [n for n in attributes if n.attr == "exec" and isinstance(n.value, ast.Name) and n.value.id == "drag"]


def _words(node: ast.AST) -> str:
    """The offending words of one node, or nothing. References count as calls: `timer.timeout.connect(box.exec)`."""
    if isinstance(node, ast.ImportFrom):
        bad = {"qasync": _QASYNC, "asyncio": _ASYNCIO}.get(node.module or "", set())
        return ", ".join(name.name for name in node.names if name.name in bad)
    if not isinstance(node, ast.Attribute):
        return ""
    owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    if _matches(node.attr, _METHODS) or _matches(node.attr, _STATICS.get(owner, set())):
        return f"{owner}.{node.attr}"
    if (owner == "qasync" and node.attr in _QASYNC) or (owner == "asyncio" and node.attr in _ASYNCIO):
        return f"{owner}.{node.attr}"
    return ""


def _matches(name: str, patterns: set[str]) -> bool:
    return any(name.startswith(p[:-1]) if p.endswith("*") else name == p for p in patterns)


@pytest.mark.parametrize("path", sorted(_UI.rglob("*.py")), ids=lambda path: str(path.relative_to(_UI)))
def test_no_file_of_the_window_opens_a_nested_loop(path: Path) -> None:
    known = _KNOWN.get(str(path.relative_to(_UI)), set())
    found = [line for line in offences(path.read_text("utf-8")) if line.rpartition(".")[2] not in known]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "dialog.exec()",
        "menu.exec_(here)",
        "timer.timeout.connect(self.box.exec)",
        "QMessageBox.question(self, 'a', 'b')",
        "QtWidgets.QMessageBox.warning(self, 'a', 'b')",
        "QFileDialog.getOpenFileNames(self)",
        "QInputDialog.getText(self, 'a', 'b')",
        "QApplication.processEvents()",
        "QTest.qWait(5)",
        "QTest.qWaitForWindowExposed(w)",
        "socket.waitForReadyRead()",
        "process.waitForFinished()",
        "button.showMenu()",
        "from qasync import QEventLoop, asyncSlot",
        "@qasync.asyncClose\ndef f(): ...",
        "asyncio.run(main())",
        "asyncio.get_event_loop()",
        "from asyncio import ensure_future",
        "def mouseMoveEvent(self, e):\n    dialog.exec()",
        "async def mouseMoveEvent(self, e):\n    drag.exec()",
    ],
)
def test_the_judge_sees_it(source: str) -> None:
    assert offences(source)


@pytest.mark.parametrize(
    "source",
    [
        "dialog.open()",
        "await ask(dialog)",
        "menu.popup(here)",
        "asyncio.get_running_loop()",
        "runner.run(x)",
        "from qasync import QEventLoop",
        "def mouseMoveEvent(self, e):\n    drag.exec(Qt.CopyAction)",
    ],
)
def test_the_judge_lets_it_pass(source: str) -> None:
    assert not offences(source)
