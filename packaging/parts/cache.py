"""Where a part is kept, and how it gets there whole: built beside its place by one builder at a time, then moved in."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class PartError(Exception):
    """Why a part cannot be had here, with the one next step: a message for the person at the terminal."""


@dataclass(frozen=True)
class Bench:
    """The folders of one build: `ready` becomes the part, `work` is thrown away, `log` is kept for who asks why."""

    ready: Path
    work: Path
    log: Path


@dataclass(frozen=True)
class Part:
    """One real thing of one version; it is there when `file` is, for its folder appears only once it is complete."""

    name: str
    version: str
    file: str
    build: Callable[[Bench], None]

    @property
    def folder(self) -> Path:
        return root() / self.name / self.version

    @property
    def path(self) -> Path:
        return self.folder / self.file


def root() -> Path:
    """`$AQE_PARTS`, else a folder in the user's cache; absolute, as builds change their working folder."""
    if chosen := os.environ.get("AQE_PARTS"):
        return Path(chosen).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache).absolute() / "aqe-desktop-parts"


def provide(part: Part) -> bool:
    """Builds the part unless it is there; says whether it had to. Raises PartError."""
    if part.path.is_file():
        return False
    root().mkdir(parents=True, exist_ok=True)
    with _alone(part):
        if part.path.is_file():
            return False
        _build(part)
    return True


@contextmanager
def _alone(part: Part) -> Iterator[None]:
    """A lock that the kernel lets go of when its holder dies; the file stays, as removing it would let two in."""
    with (root() / f".{part.name}-{part.version}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(part: Part) -> None:
    """Its folder has a fixed name, so that what a killed build left is found and removed by the next one."""
    beside = root() / f".{part.name}-{part.version}.building"
    _remove(beside)
    bench = Bench(beside / "ready", beside / "work", root() / f"{part.name}-{part.version}.log")
    bench.ready.mkdir(parents=True)
    bench.work.mkdir()
    bench.log.unlink(missing_ok=True)
    try:
        part.build(bench)
        if not (bench.ready / part.file).is_file():
            raise PartError(f"The build of {part.name} {part.version} left no {part.file}. Its log: {bench.log}")
        _move_in(bench.ready, part.folder)
    finally:
        _remove(beside)


def _move_in(ready: Path, folder: Path) -> None:
    _remove(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    ready.rename(folder)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
