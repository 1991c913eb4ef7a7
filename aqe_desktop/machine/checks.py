"""Looks at this machine for `aqe doctor`: each returns what it saw, or raises an AqeError with the next step."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence

from aqe_desktop.core.errors import AqeError, DiskFull, ReadOnlyData
from aqe_desktop.machine.display import why_no_window
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.machine.processes import built_environment

OLDEST, NEWEST = (3, 11), (3, 14)
ENOUGH_BYTES = 500 * 1024 * 1024
_ISOLATE = "import sys; from aqe_desktop.machine.sandbox import enter_empty_network as e; sys.stdout.write(e())"


def python() -> str:
    seen = f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise AqeError(f"{seen} is not supported.", "Use Python 3.11 to 3.14; `make run` makes an environment with it.")
    return seen


def system() -> str:
    untested = "" if sys.platform.startswith("linux") else " (not tested by us)"
    return f"{platform.platform()}, {platform.machine()}{untested}"


def data_folder(paths: Paths) -> str:
    """Written to for real, for permissions alone do not tell."""
    prepare(paths)
    probe = paths.home / ".doctor"
    try:
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise ReadOnlyData(f"{paths.home} cannot be written: {error.strerror}.") from error
    free = shutil.disk_usage(paths.home).free
    if free < ENOUGH_BYTES:
        raise DiskFull(
            f"{paths.home} has {free / 1e6:.0f} MB left.", "Free some disk space: conversations are kept here."
        )
    return f"{paths.home}, {free / 1e9:.1f} GB free; models go to {paths.models}"


def package(name: str, without: str, hint: str) -> str:
    """The version of a Python package; `without` says what cannot be done where it is missing."""
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        raise AqeError(f"{name} is not installed: {without}.", hint) from None


def isolation() -> str:
    """Tried in a process of its own: it is this machine's kernel that allows or forbids it."""
    if not sys.platform.startswith("linux"):
        return "This system has no network namespaces; the engine's socket is private all the same."
    reason = _isolated()
    if reason:
        raise AqeError(
            f"No empty network namespace can be made here: {reason}.",
            "Allow unprivileged user namespaces (kernel.unprivileged_userns_clone, or the container's settings).",
        )
    return "An engine runs in an empty network namespace: it cannot send."


def window() -> str:
    """No display is no fault: the terminal has the same chat."""
    reason = why_no_window()
    return f"{reason} `aqe chat` works in the terminal." if reason else "A window can open."


def versions(names: Sequence[str]) -> dict[str, str]:
    """Versions of what is installed of these packages, and of the platform under them."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _isolated() -> str:
    """Empty where it worked, else the reason."""
    command = [sys.executable, "-I", "-c", _ISOLATE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=built_environment(), timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"the attempt failed ({type(error).__name__})"
    return done.stdout.strip()
