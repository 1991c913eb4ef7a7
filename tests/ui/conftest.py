"""The look that tests of widgets and screens stand on."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.theme import style
from aqe_desktop.ui.theme.current import theme

Look = Callable[..., None]
Stage = Callable[..., QWidget]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform warns of what it has no window manager for: least sizes, raising, grabbing keys."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore("^This plugin does not support", extend=True))


_tests = count(1)


@pytest.fixture(autouse=True)
def garbage() -> Iterator[None]:
    """Collected between tests only, as the program does between turns of its loop (aqe_desktop/ui/garbage.py): a
    widget that goes in the middle of what Qt does with all of them, or in a worker's thread, ends the process."""
    gc.disable()
    yield
    # What is to be deleted later waits for a loop, and until then every new look dresses it again.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect(1 if next(_tests) % 16 else 2)


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> QApplication:
    """Installed once, as in the program: every installation would listen to the theme again."""
    style.install(qapp, "light")
    return qapp


@pytest.fixture
def look(dressed: QApplication) -> Iterator[Look]:
    """`look("dark", 1.5)` dresses the application; the plain light look returns after the test."""
    theme().use_fonts("Inter", "JetBrains Mono")

    def dress(choice: str = "light", scale: float = 1.0, *, contrast: bool | None = None, rtl: bool = False) -> None:
        direction = Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
        dressed.setLayoutDirection(direction)
        theme().set_contrast(contrast)
        theme().apply(choice, scale)

    yield dress
    dress()
    theme().set_reduced_motion(False)


@pytest.fixture
def stage(look: Look, qtbot: QtBot) -> Iterator[Stage]:
    """`stage(one, two, width=300)`: these widgets under each other in a window that is shown and active."""
    shown: list[QWidget] = []

    def show(*widgets: QWidget, width: int = 0) -> QWidget:
        holder = QWidget()
        shown.append(holder)
        column = QVBoxLayout(holder)
        for widget in widgets:
            column.addWidget(widget)
        if width:
            holder.resize(width, max(column.totalHeightForWidth(width), holder.sizeHint().height()))
        with qtbot.waitActive(holder):
            holder.show()
            holder.activateWindow()
        return holder

    yield show
    for holder in shown:
        holder.close()
        holder.deleteLater()
