"""Whether a window could open here, found out without loading Qt, which ends the process where it cannot."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import sys
from pathlib import Path

_LOCAL = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")
_NEEDED = ("PySide6", "qasync")
_WITHOUT_SCREEN = ("offscreen", "minimal", "vnc")


def why_no_window() -> str:
    """One sentence that says why no window can open; empty where one can."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"The window's parts are not installed ({', '.join(missing)})."
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM", "").startswith(_WITHOUT_SCREEN):
        return ""
    if _wayland() or _x11():
        return ""
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return f"The display {display} does not answer." if display else "There is no display here."


def _wayland() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    return bool(name) and _answers(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/")) / str(name)))


def _x11() -> bool:
    """A display on another machine, or over ssh, is believed: asking could take long."""
    display = os.environ.get("DISPLAY", "")
    local = _LOCAL.fullmatch(display)
    if local is None:
        return bool(display)
    path = f"/tmp/.X11-unix/X{local[1]}"  # noqa: S108 - where every X server has its socket
    return _answers(path) or _answers(f"\0{path}")


def _answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
