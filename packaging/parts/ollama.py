"""A genuine Ollama server, built by Go from its module: the judge of everything we say about Ollama."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from parts.cache import Bench, Part, PartError
from parts.tools import fetch_source, need_compilers, run

VERSION = "0.17.4"
_MODULE = "github.com/ollama/ollama"
# The module's hash as Go's checksum database has it: what a proxy serves is compared with it here too.
_SUM = "h1:X3KNm9x4BlHqk/AXMGtC7pBAFd46nmJmy8yDaBZLo9s="
_OLDEST_GO = (1, 24)
# Without these the CPU code is generic, and three times slower. Any x86-64 processor since 2015 has them.
_FLAGS = "-O3 -mavx2 -mfma -mf16c -mbmi2"


def build(bench: Bench) -> None:
    _need_go()
    need_compilers("c++", "cc")
    environment = _environment(bench)
    _check_module(bench, environment)
    # Without -X it would say that its version is 0.0.0.
    linker = f"-s -w -X={_MODULE}/version.Version={VERSION}"
    run(bench, ["go", "install", "-trimpath", "-ldflags", linker, f"{_MODULE}@v{VERSION}"], bench.work, environment)
    (bench.ready / "bin").mkdir()
    shutil.move(bench.work / "bin" / "ollama", bench.ready / "bin" / "ollama")


def _need_go() -> None:
    advice = (
        f"Install Go {_OLDEST_GO[0]}.{_OLDEST_GO[1]} or newer (go.dev/dl) so that `go version` works, then start again."
    )
    if not shutil.which("go"):
        raise PartError(f"Go is missing; Ollama {VERSION} is built with it. {advice}")
    spoken = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"go(\d+)\.(\d+)", spoken)
    if not found or (int(found[1]), int(found[2])) < _OLDEST_GO:
        raise PartError(f"{spoken or 'This Go'} is too old for Ollama {VERSION}. {advice}")


def _environment(bench: Bench) -> dict[str, str]:
    """Everything Go keeps goes into the build's own folder; where modules come from stays as the machine has it."""
    work = bench.work
    return {
        "GOPATH": str(work / "go"),
        "GOMODCACHE": str(work / "go" / "pkg" / "mod"),
        "GOCACHE": str(work / "go-cache"),
        "GOBIN": str(work / "bin"),
        # Else the modules are read-only, and their folders could not be removed.
        "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -modcacherw".strip(),
        "CGO_ENABLED": "1",
        "CGO_CFLAGS": _FLAGS,
        "CGO_CXXFLAGS": _FLAGS,
        "CGO_CPPFLAGS": f"-I {_headers(bench)}",
    }


def _headers(bench: Bench) -> Path:
    """A module's archive leaves out every folder named `vendor`; two of the three that this one needs are Debian's."""
    folder = bench.work / "include"
    (folder / "miniaudio").mkdir(parents=True)
    shutil.copy(fetch_source(bench, "miniaudio") / "miniaudio" / "miniaudio.h", folder / "miniaudio")
    return folder


def _check_module(bench: Bench, environment: dict[str, str]) -> None:
    command = ["go", "mod", "download", "-json", f"{_MODULE}@v{VERSION}"]
    variables = {**os.environ, **environment}
    result = subprocess.run(command, cwd=bench.work, env=variables, capture_output=True, text=True, check=False)
    try:
        answer = json.loads(result.stdout)
    except ValueError:
        answer = {"Error": result.stderr.strip()}
    if problem := answer.get("Error"):
        raise PartError(f"Go could not fetch {_MODULE} {VERSION}: {problem}")
    if answer.get("Sum") != _SUM:
        raise PartError(
            f"{_MODULE} {VERSION} has the hash {answer.get('Sum')}, not {_SUM}: it is not the source we know."
        )


OLLAMA = Part("ollama", VERSION, "bin/ollama", build)
