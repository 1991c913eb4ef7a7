"""The exact lines that build llama-cpp-python for a kind of GPU: its wheels compute on the processor alone.

The options are those of llama.cpp's own build (docs/build.md: GGML_CUDA, GGML_METAL, GGML_VULKAN, GGML_HIP), handed on
by the package's installer in CMAKE_ARGS. None of these builds was tested by us: no such GPU was at hand."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from enum import StrEnum

from aqe_desktop.core.plan import Device


class Build(StrEnum):
    """By the maker's own word for it."""

    CUDA = "CUDA"
    METAL = "Metal"
    ROCM = "ROCm"
    VULKAN = "Vulkan"


_OPTIONS = {
    Build.CUDA: "-DGGML_CUDA=on",
    Build.METAL: "-DGGML_METAL=on",
    Build.ROCM: "-DGGML_HIP=on",
    Build.VULKAN: "-DGGML_VULKAN=on",
}


def reinstall_line(build: Build, *, windows: bool | None = None) -> str:
    """To be pasted into a terminal: a POSIX shell, or PowerShell on Windows."""
    package = "--force-reinstall --no-cache-dir 'llama-cpp-python>=0.3.36,<0.4'"
    if sys.platform == "win32" if windows is None else windows:
        quoted = sys.executable.replace("'", "''")
        return f"$env:CMAKE_ARGS = '{_OPTIONS[build]}'; & '{quoted}' -m pip install {package}"
    return f"CMAKE_ARGS={_OPTIONS[build]} {shlex.quote(sys.executable)} -m pip install {package}"


def fitting(gpus: Sequence[Device]) -> tuple[Build, ...]:
    """The builds for these GPUs, the usual one first; all of them where none was found, for one may be there."""
    if not gpus:
        return tuple(Build)
    found: list[Build] = []
    for device in gpus:
        if device.id.startswith("nvidia"):
            found += [Build.CUDA, Build.VULKAN]
        elif device.id == "apple":
            found.append(Build.METAL)
        elif not device.shared:
            found += [Build.ROCM, Build.VULKAN]
        else:
            found.append(Build.VULKAN)
    return tuple(dict.fromkeys(found))


def told(gpus: Sequence[Device]) -> str:
    """For `aqe doctor`: the built-in engine's limit, the lines, and how what they build is used."""
    lines = [f"       {build}: {reinstall_line(build)}" for build in fitting(gpus)]
    found = "For the GPU" if gpus else "Should there be a GPU that was not found"
    use = (
        f"{found}, Ollama brings its own support. llama-cpp-python is built for it by one of these lines (not tested "
        "by us); it is then an engine of this app, which takes it by itself once it can use the GPU."
    )
    return "\n".join([use, *lines])
