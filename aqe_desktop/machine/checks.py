"""Looks at this machine for `aqe doctor`: each returns what it saw and whether that is enough."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass

from aqe_desktop.core.errors import AqeError
from aqe_desktop.machine.display import why_no_window
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.machine.processes import built_environment

OLDEST, NEWEST = (3, 11), (3, 14)
ENOUGH_BYTES = 500 * 1024 * 1024
_ISOLATE = "from aqe_desktop.machine.sandbox import enter_empty_network as enter; print(enter())"


@dataclass(frozen=True, slots=True)
class Seen:
    """One look. `hint` is the next step where it is not `ok`."""

    ok: bool
    detail: str
    hint: str = ""


def python() -> Seen:
    version = f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}"
    ok = OLDEST <= sys.version_info[:2] <= NEWEST
    return Seen(ok, version, "" if ok else "Use Python 3.11 to 3.14; `make run` makes an environment with it.")


def system() -> Seen:
    tested = sys.platform.startswith("linux")
    return Seen(True, f"{platform.platform()}, {platform.machine()}" + ("" if tested else " (not tested by us)"))


def data_folder(paths: Paths) -> Seen:
    """Written to for real, for permissions alone do not tell. The detail names the folder."""
    try:
        prepare(paths)
        probe = paths.home / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except AqeError as error:
        return Seen(False, error.message, error.hint)
    except OSError as error:
        return Seen(False, f"{paths.home} cannot be written: {error.strerror}.", "Make the folder writable.")
    free = shutil.disk_usage(paths.home).free
    enough = free > ENOUGH_BYTES
    detail = f"{paths.home}, {free / 1e9:.1f} GB free; models go to {paths.models}"
    return Seen(enough, detail, "" if enough else "Free some disk space: conversations are kept in this folder.")


def package(name: str, purpose: str, hint: str) -> Seen:
    """Whether a Python package is installed, and its version."""
    try:
        return Seen(True, f"{name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        return Seen(False, f"{name} is not installed: {purpose}.", hint)


def isolation() -> Seen:
    """Tried in a process of its own: it is this machine's kernel that allows or forbids it."""
    if not sys.platform.startswith("linux"):
        return Seen(True, "This system has no network namespaces; the engine's socket is private all the same.")
    command = [sys.executable, "-I", "-c", _ISOLATE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=built_environment(), timeout=30, check=True)
        reason = done.stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        reason = f"the attempt failed ({type(error).__name__})"
    if not reason:
        return Seen(True, "An engine runs in an empty network namespace: it cannot send.")
    return Seen(
        False,
        f"No empty network namespace can be made here: {reason}.",
        "Allow unprivileged user namespaces (kernel.unprivileged_userns_clone, or the container's settings).",
    )


def window() -> Seen:
    """No display is no fault: the terminal has the same chat."""
    reason = why_no_window()
    return Seen(True, f"{reason} `aqe chat` works in the terminal." if reason else "A window can open.")
