"""llama-cpp-python in an environment of its own, with the wheel built once and the wheels it needs beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from parts.cache import Bench, Part
from parts.tools import fetch_source, jobs, make_tools, need_compilers, pinned, pip, run

VERSION = "0.3.36"
_PINS = "llama-cpp-python"


def build(bench: Bench) -> None:
    need_compilers("c++", "cc", "cmake", "make")
    wheels = bench.ready / "wheels"
    _build_wheel(bench, wheels)
    download = ["download", "--only-binary", ":all:", "--dest", str(wheels), *pinned(f"{_PINS}-needs")]
    run(bench, [*pip(make_tools(bench)), *download], bench.work)
    _make_environment(bench, sorted(wheels.glob("*.whl")))


def _build_wheel(bench: Bench, wheels: Path) -> None:
    source = fetch_source(bench, _PINS)
    # Native code dies with SIGILL on the next machine that a cache is copied to.
    variables = {"CMAKE_ARGS": "-DGGML_NATIVE=OFF", "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs())}
    words = ["wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(wheels), str(source)]
    run(bench, [*pip(make_tools(bench)), *words], bench.work, variables)


def _make_environment(bench: Bench, wheels: list[Path]) -> None:
    """It is moved when it is complete, which an environment without scripts of its own bears."""
    python = bench.ready / "venv" / "bin" / "python"
    run(bench, [sys.executable, "-m", "venv", "--without-pip", bench.ready / "venv"], bench.work)
    words = ["install", "--no-deps", "--no-index", *map(str, wheels)]
    run(bench, [*pip(make_tools(bench)), "--python", python, *words], bench.work)


# The environment serves one Python only, so each has its own.
LLAMA_CPP_PYTHON = Part("llama-cpp-python", f"{VERSION}-{sys.implementation.cache_tag}", "venv/bin/python", build)
