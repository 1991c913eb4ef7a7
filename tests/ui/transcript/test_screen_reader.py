"""The real bridge: the conversation is read over the accessibility bus, as a screen reader does it.

Qt's own queries in test_accessible.py go another way than the bridge, which has killed the process before."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
_ACCESSIBLE, _TEXT = "org.a11y.atspi.Accessible", "org.a11y.atspi.Text"
_Found = TypeVar("_Found")
_ROOT = Path(__file__).parents[3]


class Bus:
    """Calls by dbus-send; answers as printed."""

    def __init__(self, address: str = "") -> None:
        self._bus = f"--bus={address}" if address else "--session"

    def call(self, name: str, path: str, method: str, *values: str) -> str:
        command = ["dbus-send", self._bus, "--print-reply", f"--dest={name}", path, method, *values]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout

    def read(self, name: str, path: str, interface: str, key: str) -> str:
        return self.call(name, path, "org.freedesktop.DBus.Properties.Get", f"string:{interface}", f"string:{key}")

    def children(self, name: str, path: str) -> list[tuple[str, str]]:
        printed = self.call(name, path, f"{_ACCESSIBLE}.GetChildren")
        return re.findall(r'string "(.*?)"\s+object path "(.*?)"', printed)


@pytest.fixture
def reader_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    """A session of its own with an accessibility bus."""
    launcher = next((path for path in _LAUNCHERS if Path(path).exists()), None)
    assert launcher, "at-spi2-core is missing: sudo make system-deps-test"
    assert shutil.which("dbus-daemon"), "dbus-daemon is missing: sudo make system-deps-test"
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert daemon.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", daemon.stdout.readline().strip())
    bus = subprocess.Popen([launcher, "--launch-immediately"], stderr=subprocess.DEVNULL)
    try:
        printed = until(lambda: Bus().call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress"))
        address = re.search(r'string "(.*?)"', printed)
        assert address is not None
        yield Bus(address[1])
    finally:
        for process in (bus, daemon):
            process.terminate()
            process.wait(10)
        daemon.stdout.close()


def until(look: Callable[[], _Found], seconds: float = 20) -> _Found:
    """What `look` returns, once it returns something."""
    ends = time.monotonic() + seconds
    while True:
        try:
            if found := look():
                return found
        except subprocess.CalledProcessError:
            pass
        assert time.monotonic() < ends, "nothing came"
        time.sleep(0.1)


@pytest.mark.window
def test_a_screen_reader_reads_names_text_caret_and_places(reader_bus: Bus) -> None:
    environment = {**os.environ, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "PYTHONPATH": str(_ROOT)}
    script = Path(__file__).with_name("reader_app.py")
    app = subprocess.Popen([sys.executable, str(script)], env=environment)
    try:
        root = until(lambda: reader_bus.children("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"))[0]
        conversation = until(lambda: reader_bus.children(*root))[0]
        first, second = until(lambda: reader_bus.children(*conversation))
        assert '"You: A first question"' in reader_bus.read(*first, _ACCESSIBLE, "Name")
        interfaces = reader_bus.call(*second, f"{_ACCESSIBLE}.GetInterfaces")
        assert _TEXT in interfaces
        assert "Action" not in interfaces
        spoken = reader_bus.call(*second, f"{_TEXT}.GetText", "int32:0", "int32:-1")
        assert "An answer with code.\n\u2022\tone\n\u2022\ttwo" in spoken
        word = reader_bus.call(*second, f"{_TEXT}.GetStringAtOffset", "int32:4", "uint32:1")
        assert '"answer' in word
        assert "true" in reader_bus.call(*second, f"{_TEXT}.SetCaretOffset", "int32:5")
        assert "int32 5" in reader_bus.read(*second, _TEXT, "CaretOffset")
        extents = re.findall(
            r"int32 (-?\d+)", reader_bus.call(*second, f"{_TEXT}.GetCharacterExtents", "int32:5", "uint32:0")
        )
        assert int(extents[2]) > 2
        assert int(extents[3]) > 10
        assert app.poll() is None
    finally:
        app.terminate()
        app.wait(20)
