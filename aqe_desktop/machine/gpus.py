"""The GPUs of this computer with their free memory, as their drivers tell it; and, plainly, what was not found.

NVIDIA by the driver's own library (NVML, through nvidia-ml-py: nvmlDeviceGetMemoryInfo, bytes). AMD by sysfs
(`mem_info_vram_total` and `mem_info_vram_used` of the kernel's amdgpu driver, bytes). An Intel or Apple GPU takes the
computer's own memory. Of these only their absence was tested on a real computer; the rest against stand-ins."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aqe_desktop.core.plan import Device
from aqe_desktop.core.shown import shown

NONE_FOUND = "No GPU was found: the processor does the work."
_SYSFS = Path("/sys/class/drm")
_AMD, _INTEL = "0x1002", "0x8086"
# A driver that hangs (a card that fell off the bus) must not hold up the reading of the rest.
_PATIENCE_S = 3.0
_SYSCTL = "/usr/sbin/sysctl"


@dataclass(frozen=True, slots=True)
class Found:
    """GPUs in their drivers' order, and one sentence for each thing that was not there or did not answer."""

    devices: tuple[Device, ...] = ()
    notes: tuple[str, ...] = ()


def find_gpus() -> Found:
    """Blocking, for a few seconds at the most."""
    if sys.platform == "darwin":
        return _apple()
    nvidia, note = _nvidia()
    cards = tuple(_cards(_SYSFS))
    devices = (*nvidia, *cards)
    return Found(devices, (note,) if devices else (NONE_FOUND, note))


@dataclass
class _Asked:
    """An answer that may never come. One question at a time is under way: a driver that hangs keeps one thread, not
    one more for each look."""

    thread: threading.Thread | None = None
    answer: list[tuple[list[Device], str]] = field(default_factory=list)


_asked = _Asked()
_asking = threading.Lock()


def _nvidia() -> tuple[tuple[Device, ...], str]:
    with _asking:
        if _asked.thread is None or not _asked.thread.is_alive():
            _asked.answer = []
            _asked.thread = threading.Thread(
                target=lambda into: into.append(_ask_nvidia()), args=(_asked.answer,), name="NVML", daemon=True
            )
            _asked.thread.start()
        thread, answer = _asked.thread, _asked.answer
    thread.join(_PATIENCE_S)
    if not answer:
        return (), "The NVIDIA driver does not answer."
    devices, note = answer[0]
    return tuple(devices), note


def _ask_nvidia() -> tuple[list[Device], str]:
    try:
        import pynvml
    except ImportError:
        return [], "NVIDIA GPUs cannot be looked for: nvidia-ml-py is not installed."
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError as error:
        absent = (pynvml.NVMLError_LibraryNotFound, pynvml.NVMLError_DriverNotLoaded)
        return [], "There is no NVIDIA driver." if isinstance(error, absent) else _trouble(error)
    try:
        version = _text(pynvml.nvmlSystemGetDriverVersion())
        return [_card(pynvml, number) for number in range(pynvml.nvmlDeviceGetCount())], f"NVIDIA driver {version}."
    except pynvml.NVMLError as error:
        return [], _trouble(error)
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _card(pynvml: Any, number: int) -> Device:
    handle = pynvml.nvmlDeviceGetHandleByIndex(number)
    name = shown(_text(pynvml.nvmlDeviceGetName(handle)), 80)
    try:
        memory = pynvml.nvmlDeviceGetMemoryInfo(handle)
    except pynvml.NVMLError:  # some share the computer's memory and tell nothing of their own
        return Device(f"nvidia{number}", name, gpu=True, shared=True)
    return Device(f"nvidia{number}", name, int(memory.total), int(memory.free), gpu=True)


def _text(value: Any) -> str:
    """Older versions of the package give bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _trouble(error: Exception) -> str:
    return f"The NVIDIA driver answers with an error: {shown(str(error), 120)}."


def _cards(sysfs: Path) -> Iterator[Device]:
    """AMD and Intel cards; an NVIDIA card is its own driver's to tell."""
    found = sorted(path for path in _entries(sysfs) if path.name.startswith("card") and path.name[4:].isdecimal())
    for path in found:
        device = path / "device"
        vendor = _read(device / "vendor")
        if vendor == _AMD:
            yield _amd(path.name, device)
        elif vendor == _INTEL:
            yield Device(path.name, "Intel GPU", gpu=True, shared=True)


def _amd(name: str, device: Path) -> Device:
    total, used = _number(device / "mem_info_vram_total"), _number(device / "mem_info_vram_used")
    free = None if total is None or used is None else max(0, total - used)
    return Device(name, shown(_read(device / "product_name"), 80) or "AMD GPU", total, free, gpu=True)


def _apple() -> Found:
    """All Apple silicon has one memory for processor and GPU."""
    try:
        done = subprocess.run(
            [_SYSCTL, "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, timeout=_PATIENCE_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return Found((), (NONE_FOUND,))
    chip = shown(done.stdout.strip(), 80)
    if not chip.startswith("Apple"):
        return Found((), (NONE_FOUND,))
    return Found((Device("apple", f"{chip} GPU", gpu=True, shared=True),))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _read(path)
    return int(text) if text.isdecimal() and len(text) < 20 else None
