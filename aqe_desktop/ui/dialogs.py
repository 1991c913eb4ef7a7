"""Questions to the user that a coroutine can await: a nested Qt loop under qasync would strand other tasks for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QWidget
from shiboken6 import isValid

T = TypeVar("T")


async def ask(dialog: QDialog) -> int:
    """Open the dialog and return its result code: QDialog.Accepted or Rejected, or a message box's button.

    The dialog is deleted when control next returns to the loop: read its fields before another await. Cancelling
    closes it. A dialog that goes with its parent answers Rejected."""
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    dialog.finished.connect(lambda code: _settle(answer, code))
    dialog.destroyed.connect(lambda _gone=None: _settle(answer, int(QDialog.DialogCode.Rejected.value)))
    dialog.open()
    try:
        return await answer
    finally:
        _dismiss(dialog)


async def choose(menu: QMenu, position: QPoint) -> QAction | None:
    """Pop the menu up at a global position; None when it was left. A menu is for one use, deleted like a dialog."""
    answer: asyncio.Future[QAction | None] = asyncio.get_running_loop().create_future()
    menu.triggered.connect(lambda action: _settle(answer, action))
    # Hiding is announced before the choice, so "nothing chosen" waits one turn of the loop.
    menu.aboutToHide.connect(lambda: QTimer.singleShot(0, lambda: _settle(answer, None)))
    menu.destroyed.connect(lambda _gone=None: _settle(answer, None))
    menu.popup(position)
    try:
        return await answer
    finally:
        _dismiss(menu)


async def open_files(
    parent: QWidget | None, title: str, folder: Path | None = None, filters: Sequence[str] = ()
) -> list[Path]:
    """Existing files; empty when left. `filters` as in "Python files (*.py)"."""
    dialog = _file_dialog(parent, title, folder, filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return await _chosen(dialog)


async def open_folder(parent: QWidget | None, title: str, folder: Path | None = None) -> Path | None:
    """An existing folder, or None when left."""
    dialog = _file_dialog(parent, title, folder, ())
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    return next(iter(await _chosen(dialog)), None)


async def save_file(
    parent: QWidget | None, title: str, suggested: Path | None = None, filters: Sequence[str] = ()
) -> Path | None:
    """Where to write, or None when left; the dialog itself asks before an existing file is replaced."""
    dialog = _file_dialog(parent, title, suggested.parent if suggested else None, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if suggested:
        dialog.selectFile(suggested.name)
        dialog.setDefaultSuffix(suggested.suffix.removeprefix("."))
    return next(iter(await _chosen(dialog)), None)


def _file_dialog(parent: QWidget | None, title: str, folder: Path | None, filters: Sequence[str]) -> QFileDialog:
    """Native where the platform has one: Qt decides, and AA_DontUseNativeDialogs (tests) is obeyed."""
    dialog = QFileDialog(parent, title, str(folder or Path.home()))
    if filters:
        dialog.setNameFilters(list(filters))
    return dialog


async def _chosen(dialog: QFileDialog) -> list[Path]:
    if await ask(dialog) != QDialog.DialogCode.Accepted.value:
        return []
    return [Path(name) for name in dialog.selectedFiles()]


def _settle(answer: asyncio.Future[T], value: T) -> None:
    if not answer.done():
        answer.set_result(value)


def _dismiss(window: QDialog | QMenu) -> None:
    if isValid(window):
        window.close()
        window.deleteLater()
