"""What every build needs: programs that must be there, steps with their output in a log, a pip that checks hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from parts.cache import Bench, PartError

PINS = Path(__file__).with_name("pins")
COMPILERS = {"c++": "a C++ compiler (g++)", "cc": "a C compiler (gcc)", "cmake": "CMake", "make": "make"}


def jobs() -> int:
    """How many compilers at once: LLAMA_CPP_BUILD_JOBS, else one for each core this process may use."""
    return int(os.environ.get("LLAMA_CPP_BUILD_JOBS") or len(os.sched_getaffinity(0)))


def need_compilers(*programs: str) -> None:
    """Raises PartError with all that is missing, so that one command can install all."""
    missing = [COMPILERS[program] for program in programs if not shutil.which(program)]
    if missing:
        raise PartError(
            f"Missing: {', '.join(missing)}. Install what is missing, then start again: sudo make system-deps-parts"
        )


def run(bench: Bench, command: Sequence[str | Path], folder: Path, variables: Mapping[str, str] | None = None) -> None:
    """Runs one step of a build in `folder`, its output in the log. Raises PartError with the log's last lines."""
    environment = {**os.environ, "TMPDIR": str(bench.work), **(variables or {})}
    with bench.log.open("ab") as log:
        log.write(f"$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        start = partial(subprocess.run, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        status = start(command, cwd=folder, env=environment).returncode
    if status:
        end = "\n".join(bench.log.read_text(errors="replace").splitlines()[-20:])
        raise PartError(f"{command[0]} ended with status {status}:\n{end}\nThe whole output: {bench.log}")


def make_tools(bench: Bench) -> Path:
    """The Python of an environment with the pinned build backends: nothing that pip runs is resolved anew."""
    python = bench.work / "tools" / "bin" / "python"
    if not python.exists():
        run(bench, [sys.executable, "-m", "venv", bench.work / "tools"], bench.work)
        run(bench, [*pip(python), "install", "--only-binary", ":all:", *pinned("tools")], bench.work)
    return python


def pip(python: Path) -> list[str]:
    return [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]


def pinned(pins: str) -> list[str]:
    """pip's words for: exactly these versions with these hashes, and nothing else."""
    return ["--no-deps", "--require-hashes", "--requirement", str(PINS / f"{pins}.txt")]


def fetch_source(bench: Bench, package: str) -> Path:
    """The unpacked source of a package of pins/<package>.txt."""
    python, archives, folder = make_tools(bench), bench.work / "archives", bench.work / package
    # Not ":all:", and no isolation: pip would compile the build's own tools first, CMake among them.
    words = ["--no-build-isolation", "--no-binary", package, "--dest", str(archives)]
    run(bench, [*pip(python), "download", *words, *pinned(package)], bench.work)
    (archive,) = archives.glob(f"{package.replace('-', '_')}-*.tar.gz")
    folder.mkdir()
    run(bench, ["tar", "-xzf", archive, "-C", folder], bench.work)
    (inner,) = folder.iterdir()
    return inner
