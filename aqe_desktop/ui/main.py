"""The start of the window: what the first paint needs and nothing more, then the loop, then the rest of the app."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
from collections.abc import Sequence

from aqe_desktop.core.errors import AqeError
from aqe_desktop.machine.paths import Paths, find_paths
from aqe_desktop.settings.boot import read_boot
from aqe_desktop.ui import instance


def main(argv: Sequence[str]) -> int:
    """Open the window and return the exit status: 0 also when another window of this profile was raised instead.

    `argv` are words for Qt (-style, -platform ...); 4 where the profile could not be used and the user left."""
    # What the start makes stays; to look through all of it for garbage again and again takes a tenth of the time.
    gc.disable()
    # Until the loop takes the signals over there is nothing to keep, and no reason for a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    paths = find_paths()
    seat = instance.take(paths)
    return 0 if seat is None else _open_window(argv, paths, seat)


def _open_window(argv: Sequence[str], paths: Paths, seat: instance.Seat | AqeError) -> int:
    from aqe_desktop.ui.application import Application, log_qt_messages
    from aqe_desktop.ui.faults import Faults
    from aqe_desktop.ui.first_paint import paint_and_prepare
    from aqe_desktop.ui.screens.chat.front import Front
    from aqe_desktop.ui.shell.window import MainWindow
    from aqe_desktop.ui.theme import style
    from aqe_desktop.ui.theme.current import theme

    faults = Faults()
    faults.install()
    log_qt_messages()
    application = Application([sys.argv[0], *argv])
    leaving: list[str] = []
    application.leave_asked.connect(leaving.append)
    boot = read_boot(paths.settings)
    style.install(application, boot.theme, boot.font_scale, based=True)
    theme().set_reduced_motion(boot.reduced_motion)
    window = MainWindow(boot.window)
    front = Front(boot.send_key)
    window.show_front("chat", front.panes())
    # Qt tells of its last window only from inside the application's own loop, which comes later.
    window.closed.connect(lambda: application.leave_asked.emit("the window was closed"))
    window.show()
    paint_and_prepare(window, _import_loop)
    gc.freeze()
    gc.enable()
    from aqe_desktop.ui import loop
    from aqe_desktop.ui.session import Session

    return loop.run(application, Session(window, front, paths, seat, faults).run, faults, leaving)


def _import_loop() -> None:
    """What runs the app from the first paint on: asyncio alone takes a third of the time to that paint."""
    for name in ("loop", "session"):
        importlib.import_module(f"aqe_desktop.ui.{name}")
