"""A real Secret Service on a session bus of its own, unlocked without a prompt, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon", "dbus-send")
_KEYS = ("gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground")
_ASK = ("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus")
_OWNED = (*_ASK, "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")


@contextmanager
def secret_service() -> Iterator[str]:
    """The bus's address, for DBUS_SESSION_BUS_ADDRESS. What was stored is gone at the end."""
    for program in _PROGRAMS:
        assert shutil.which(program), f"{program} is missing: sudo make system-deps-test"
    with tempfile.TemporaryDirectory(prefix="aqe-bus-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        address = f"unix:path={folder}/bus"
        places = {"HOME": folder, "XDG_RUNTIME_DIR": folder, "XDG_DATA_HOME": folder}
        environment = {**os.environ, **places, "DBUS_SESSION_BUS_ADDRESS": address}
        quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        bus = subprocess.Popen(("dbus-daemon", "--session", "--nofork", f"--address={address}"), **quiet)  # type: ignore[call-overload]
        _wait(lambda: Path(folder, "bus").exists())
        keys = subprocess.Popen(_KEYS, stdin=subprocess.PIPE, **quiet)  # type: ignore[call-overload]
        keys.stdin.write(b"ci")
        keys.stdin.close()
        try:
            _wait(lambda: b"boolean true" in subprocess.run(_OWNED, env=environment, capture_output=True).stdout)
            yield address
        finally:
            for process in (keys, bus):
                process.kill()
                process.wait(10)


def _wait(done: object) -> None:
    assert callable(done)
    deadline = time.monotonic() + 30
    while not done():
        assert time.monotonic() < deadline, "the session bus or its keyring did not come up"
        time.sleep(0.05)
