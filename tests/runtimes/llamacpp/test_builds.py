"""The lines that build an engine for a GPU: each a command that a shell takes as it stands."""

from __future__ import annotations

import shlex
import sys

import pytest

from aqe_desktop.core.plan import Device
from aqe_desktop.runtimes.llamacpp.builds import Build, fitting, reinstall_line, told

_NVIDIA = Device("nvidia0", "RTX 4090", gpu=True)
_AMD = Device("card0", "AMD GPU", 1, 1, gpu=True)
_INTEL = Device("card1", "Intel GPU", gpu=True, shared=True)
_APPLE = Device("apple", "Apple M3 GPU", gpu=True, shared=True)


@pytest.mark.parametrize(
    ("build", "option"),
    [
        (Build.CUDA, "-DGGML_CUDA=on"),
        (Build.METAL, "-DGGML_METAL=on"),
        (Build.ROCM, "-DGGML_HIP=on"),
        (Build.VULKAN, "-DGGML_VULKAN=on"),
    ],
)
def test_the_line_installs_with_the_option_into_this_python(
    build: Build, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/a b/python")
    words = shlex.split(reinstall_line(build, windows=False))
    assert words[:5] == [f"CMAKE_ARGS={option}", "/opt/a b/python", "-m", "pip", "install"]
    assert words[-1] == "llama-cpp-python>=0.3.36,<0.4"
    assert reinstall_line(build, windows=True).startswith(f"$env:CMAKE_ARGS = '{option}'; & '/opt/a b/python' -m pip")


@pytest.mark.parametrize(
    ("gpus", "builds"),
    [
        ([], tuple(Build)),
        ([_NVIDIA, _NVIDIA], (Build.CUDA, Build.VULKAN)),
        ([_AMD], (Build.ROCM, Build.VULKAN)),
        ([_INTEL], (Build.VULKAN,)),
        ([_APPLE], (Build.METAL,)),
    ],
)
def test_the_builds_are_those_for_the_cards(gpus: list[Device], builds: tuple[Build, ...]) -> None:
    assert fitting(gpus) == builds
    text = told(gpus)
    assert all((reinstall_line(build) in text) == (build in builds) for build in Build)
    assert "not tested by us" in text
