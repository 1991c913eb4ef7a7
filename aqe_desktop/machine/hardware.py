"""What this computer has, read when asked: a memory figure from start-up would be a lie an hour later."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from aqe_desktop.core.plan import MEMORY, Device, Hardware
from aqe_desktop.core.shown import shown
from aqe_desktop.machine.gpus import find_gpus

_CPUINFO = Path("/proc/cpuinfo")
_MEMINFO = Path("/proc/meminfo")


def cores() -> int:
    """CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def free_memory() -> int | None:
    """Bytes a new program can take without pushing others out (Linux: MemAvailable); None where not known."""
    return _meminfo("MemAvailable")


def total_memory() -> int | None:
    """Bytes of physical memory; None where not known."""
    known = _meminfo("MemTotal")
    if known is None and hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return known


def processor() -> str:
    """The processor's name as its maker writes it, or its kind where the system does not tell it."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return shown(next(named, ""), 80) or platform.processor() or platform.machine()


def read_hardware() -> Hardware:
    """This computer, read anew. Blocking, for a few seconds at the most where a GPU's driver hangs."""
    gpus = find_gpus()
    untested = () if sys.platform.startswith("linux") else ("This system was not tested by us.",)
    return Hardware(
        processor=processor(),
        cores=cores(),
        memory=Device(MEMORY, "Memory", total_memory(), free_memory()),
        swap_total=_meminfo("SwapTotal"),
        swap_free=_meminfo("SwapFree"),
        gpus=gpus.devices,
        notes=(*gpus.notes, *untested),
    )


def resident_memory(pid: int) -> int | None:
    """Bytes of memory a process holds now; None where it cannot be read."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def locked_memory(pid: int) -> int | None:
    """Bytes of a process that the system may not push out of memory; None where it does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmLck:")), None)
    except (OSError, ValueError, IndexError):
        return None


def _meminfo(name: str) -> int | None:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, rest = line.partition(":")
        if key == name:
            return int(rest.split()[0]) * 1024
    return None
