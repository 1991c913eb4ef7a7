"""Looks at this machine for `aqe doctor`: each returns what it saw, or raises an AqeError with the next step."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence

from aqe_desktop.core.errors import AqeError, DiskFull, ReadOnlyData
from aqe_desktop.core.figures import size_text
from aqe_desktop.core.plan import Device
from aqe_desktop.machine import hardware, sandbox
from aqe_desktop.machine.display import why_no_window
from aqe_desktop.machine.gpus import find_gpus
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.machine.processes import built_environment, worker_command

OLDEST, NEWEST = (3, 11), (3, 14)
ENOUGH_BYTES = 500 * 1024 * 1024


def python() -> str:
    seen = f"{platform.python_implementation()} {platform.python_version()} at {sys.executable}"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise AqeError(f"{seen} is not supported.", "Use Python 3.11 to 3.14; `make run` makes an environment with it.")
    return seen


def system() -> str:
    untested = "" if sys.platform.startswith("linux") else " (not tested by us)"
    return f"{platform.platform()}, {platform.machine()}{untested}"


def computer() -> str:
    """The processor and memory, as they are now."""
    found = hardware.read_hardware()
    swap = f"; swap {_size(found.swap_free)} free of {_size(found.swap_total)}" if found.swap_total else ""
    memory = f"{_size(found.memory.free)} free of {_size(found.memory.total)}"
    return f"{found.processor}, {found.cores} cores for this app; memory {memory}{swap}"


def gpus() -> str:
    """No GPU is no fault: the processor does the work."""
    found = find_gpus()
    cards = [f"{each.name} ({_card_memory(each)})" for each in found.devices]
    return " ".join([*([", ".join(cards) + "."] if cards else []), *found.notes])


def _card_memory(card: Device) -> str:
    return "shares the computer's memory" if card.shared else f"{_size(card.free)} free of {_size(card.total)}"


def _size(amount: int | None) -> str:
    return "an unknown amount" if amount is None else size_text(amount)


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


def isolation() -> str:
    """Tried in a process of its own: it is this machine's kernel that allows or forbids it."""
    if not sandbox.has_means():
        return "This system has no network namespaces; the engine's socket is private all the same."
    reason = why_not_cut_off()
    if reason:
        raise AqeError(
            f"An engine cannot be cut off from the network here: {reason}.",
            "Allow unprivileged user namespaces (user.max_user_namespaces and user.max_net_namespaces, or the "
            "container's settings), or seccomp filters.",
        )
    return "An engine is cut off from every network by the kernel: it cannot send."


def why_not_cut_off() -> str:
    """Empty where a process could be cut off from every network, else the reason; a process of ours tries."""
    command, environment = worker_command("llamacpp", ["isolation"]), built_environment()
    try:
        done = subprocess.run(
            command, input="{}\n", capture_output=True, text=True, env=environment, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"the attempt failed ({type(error).__name__})"
    return done.stdout.strip()


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
