"""The real start, stopped at its first paint: prints the modules that are loaded by then, and leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from aqe_desktop.ui import first_paint, main

_painted = first_paint.painted


def report(window: QWidget, _then: Callable[[], object]) -> None:
    _painted(window, leave)


def leave() -> None:
    sys.stdout.write("\n".join(sorted({name.partition(".")[0] for name in sys.modules})) + "\n")
    sys.stdout.flush()
    os._exit(0)


setattr(first_paint, "painted", report)  # noqa: B010 - the name is not exported
sys.exit(main.main([]))
