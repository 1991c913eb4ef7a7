"""The real start by a user who types into the first frame and closes the window at once, before anything is open."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from aqe_desktop.ui import first_paint, main

_painted = first_paint.painted


def type_and_leave(window: QWidget, then: Callable[[], object]) -> None:
    def act() -> None:
        editor = window.findChild(QPlainTextEdit, "composer-text")
        assert isinstance(editor, QPlainTextEdit)
        editor.insertPlainText(sys.argv[1])
        window.close()
        then()

    setattr(first_paint, "painted", _painted)  # noqa: B010 - the next one is the chat's
    _painted(window, act)


setattr(first_paint, "painted", type_and_leave)  # noqa: B010 - the name is not exported
sys.exit(main.main([]))
