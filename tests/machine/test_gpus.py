"""GPUs as their drivers tell of them: NVIDIA's library and the kernel's files by stand-ins, their absence for real.

The stand-ins follow the documents: NVML's `nvmlMemory_t` holds total, free and used bytes; the kernel's amdgpu driver
gives bytes as decimal text in `mem_info_vram_total` and `mem_info_vram_used` of the card's device folder."""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pynvml
import pytest

from aqe_desktop.core.plan import Device
from aqe_desktop.machine import checks, gpus, hardware

_GIB = 1024**3


@dataclass(frozen=True)
class _Memory:
    total: int
    free: int
    used: int


class _Nvml(types.ModuleType):
    """What pynvml gives, with its own kinds of errors."""

    NVMLError = pynvml.NVMLError
    NVMLError_LibraryNotFound = pynvml.NVMLError_LibraryNotFound
    NVMLError_DriverNotLoaded = pynvml.NVMLError_DriverNotLoaded

    def __init__(self, *names: Any, fails: Callable[[], Any] | None = None, tells_memory: bool = True) -> None:
        super().__init__("pynvml")
        self._names, self._fails, self._tells_memory = names, fails, tells_memory
        self.open = 0

    def nvmlInit(self) -> None:  # noqa: N802 - the library's name
        if self._fails:
            self._fails()
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.open -= 1

    def nvmlSystemGetDriverVersion(self) -> str:  # noqa: N802
        return "580.65"

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return len(self._names)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:  # noqa: N802
        return index

    def nvmlDeviceGetName(self, handle: int) -> Any:  # noqa: N802
        return self._names[handle]

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> _Memory:  # noqa: N802
        if not self._tells_memory:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return _Memory(24 * _GIB, 20 * _GIB, 4 * _GIB)


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gpus, "_asked", gpus._Asked())
    monkeypatch.setattr(gpus, "_SYSFS", tmp_path / "drm")


def _raise(number: int) -> Callable[[], None]:
    def fail() -> None:
        raise pynvml.NVMLError(number)

    return fail


def _use(monkeypatch: pytest.MonkeyPatch, nvml: _Nvml) -> _Nvml:
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    return nvml


def test_the_stand_in_has_the_names_of_the_real_library() -> None:
    told = {name for name in vars(_Nvml) if name.startswith("nvml")}
    assert told
    assert all(callable(getattr(pynvml, name)) for name in told)
    assert {"total", "free", "used"} <= {name for name, _ in pynvml.c_nvmlMemory_t._fields_}


def test_nvidia_cards_are_told_with_their_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    nvml = _use(monkeypatch, _Nvml("RTX 4090", b"Tesla \x1b[31mT4"))
    found = gpus.find_gpus()
    assert found.devices == (
        Device("nvidia0", "RTX 4090", 24 * _GIB, 20 * _GIB, gpu=True),
        Device("nvidia1", "Tesla [31mT4", 24 * _GIB, 20 * _GIB, gpu=True),
    )
    assert found.notes == ("NVIDIA driver 580.65.",)
    assert nvml.open == 0


@pytest.mark.parametrize(
    ("number", "note"),
    [
        (pynvml.NVML_ERROR_LIBRARY_NOT_FOUND, "There is no NVIDIA driver."),
        (pynvml.NVML_ERROR_DRIVER_NOT_LOADED, "There is no NVIDIA driver."),
        (pynvml.NVML_ERROR_NO_PERMISSION, "The NVIDIA driver answers with an error: Insufficient Permissions."),
    ],
)
def test_a_driver_that_is_not_there_is_said_plainly(monkeypatch: pytest.MonkeyPatch, number: int, note: str) -> None:
    _use(monkeypatch, _Nvml(fails=_raise(number)))
    assert gpus.find_gpus() == gpus.Found((), (gpus.NONE_FOUND, note))


def test_a_card_that_shares_the_computers_memory_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, _Nvml("GB10", tells_memory=False))
    assert gpus.find_gpus().devices == (Device("nvidia0", "GB10", gpu=True, shared=True),)


def test_a_driver_that_hangs_holds_up_nothing_and_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        go_on.wait(60)

    _use(monkeypatch, _Nvml("RTX 4090", fails=hang))
    monkeypatch.setattr(gpus, "_PATIENCE_S", 0.05)
    try:
        for _ in range(3):
            assert gpus.find_gpus().notes == (gpus.NONE_FOUND, "The NVIDIA driver does not answer.")
        assert len(asked) == 1
    finally:
        go_on.set()
    thread = gpus._asked.thread
    assert thread is not None
    thread.join(10)
    assert len(gpus.find_gpus().devices) == 1


def _folder(root: Path, name: str, **files: str) -> None:
    device = root / name / "device"
    device.mkdir(parents=True)
    for file, text in files.items():
        (device / file).write_text(f"{text}\n")


def test_amd_and_intel_cards_are_read_from_the_kernels_files(tmp_path: Path) -> None:
    root = tmp_path / "drm"
    total, used = str(16 * _GIB), str(3 * _GIB)
    _folder(root, "card1", vendor="0x1002", mem_info_vram_total=total, mem_info_vram_used=used, product_name="RX 7800")
    _folder(root, "card0", vendor="0x8086")
    _folder(root, "card1-HDMI-A-1", vendor="0x1002")
    _folder(root, "card2", vendor="0x10de")
    _folder(root, "renderD128", vendor="0x1002")
    assert gpus.find_gpus().devices == (
        Device("card0", "Intel GPU", gpu=True, shared=True),
        Device("card1", "RX 7800", 16 * _GIB, 13 * _GIB, gpu=True),
    )


@pytest.mark.parametrize("text", ["", "-5", "many", "9" * 400])
def test_a_kernels_file_that_makes_no_sense_leaves_the_amount_unknown(tmp_path: Path, text: str) -> None:
    _folder(tmp_path / "drm", "card0", vendor="0x1002", mem_info_vram_total=text, mem_info_vram_used="1")
    assert gpus.find_gpus().devices == (Device("card0", "AMD GPU", None, None, gpu=True),)


def test_the_doctor_names_the_cards_with_their_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _use(monkeypatch, _Nvml("RTX 4090"))
    _folder(tmp_path / "drm", "card0", vendor="0x8086")
    assert checks.gpus() == (
        "RTX 4090 (21.5 GB free of 25.8 GB), Intel GPU (shares the computer's memory). NVIDIA driver 580.65."
    )


def test_the_doctor_says_plainly_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    _use(monkeypatch, _Nvml(fails=_raise(pynvml.NVML_ERROR_LIBRARY_NOT_FOUND)))
    assert checks.gpus() == "No GPU was found: the processor does the work. There is no NVIDIA driver."
    assert f"{hardware.cores()} cores" in checks.computer()


def test_this_computer_is_read_whole() -> None:
    found = hardware.read_hardware()
    assert found.processor
    assert found.cores == hardware.cores()
    assert found.memory.free is not None
    assert found.memory.total is not None
    assert 0 < found.memory.free < found.memory.total
    assert found.swap_total is not None
    assert found.gpus or found.notes[0] == gpus.NONE_FOUND
