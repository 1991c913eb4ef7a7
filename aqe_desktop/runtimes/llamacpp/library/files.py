"""What a folder holds: GGUF files grouped into models, by their names alone.

Names of parts are those that llama.cpp's gguf-split gives, and companions have `mmproj` in theirs, as its converter
and the makers of models write it."""

from __future__ import annotations

import functools
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from aqe_desktop.machine import ollama_files
from aqe_desktop.runtimes.llamacpp.library.entries import Entry, Found, look_at

END = ".gguf"
_SPLIT = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE)
# Deeper than any program's own layout; and a folder with more names in it is no folder of models.
_DEEPEST, _MOST_NAMES, _MOST_PARTS = 8, 200_000, 1_000
_NO_NAME = re.compile(
    r"(?<![a-z0-9])(?:i?q[1-8](?:_[0-9a-z]{1,3})*|b?f16|f32|fp16|mxfp4|mmproj|model|ud)(?![a-z0-9])|[^a-z0-9]"
)


def entries_in(folder: Path, on_cut: Callable[[], None] = lambda: None) -> list[Entry]:
    """The models of a folder and those below it, in the order of their paths; of Ollama's, by its manifests. `on_cut`
    is called where it holds too much to be searched to its end."""
    if ollama_files.is_store(folder):
        return [each for model in ollama_files.models_in(folder) if (each := _of_ollama(model, folder))]
    by_place: dict[Path, list[Found]] = defaultdict(list)
    for path in _paths(folder, on_cut):
        if (found := look_at(path)) is not None:
            by_place[path.parent].append(found)
    return [entry for place in sorted(by_place) for entry in _models(by_place[place], folder)]


def parts_of(path: Path) -> tuple[Path, ...]:
    """All parts of the model that this file is of, in their order, by their names."""
    match = _SPLIT.fullmatch(path.name)
    if match is None:
        return (path,)
    count = min(int(match[3]), _MOST_PARTS)
    return tuple(_part(path, match[1], number, int(match[3])) for number in range(1, count + 1))


def is_of_kernel(folder: Path) -> bool:
    """Whether it lies in a file system that shows processes and devices as files; below the first, whole disks would
    be searched once more for each process."""
    return _device(folder) in _kernel_devices()


@functools.cache
def _kernel_devices() -> frozenset[int]:
    mounted = [_device(Path(name)) for name in ("/proc", "/sys", "/dev") if Path(name).is_mount()]
    return frozenset(each for each in mounted if each is not None)


def _device(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev
    except (OSError, ValueError):
        return None


def _paths(folder: Path, on_cut: Callable[[], None]) -> Iterator[Path]:
    """Links to folders are followed, each folder is entered once; what begins with a dot is other programs' own."""
    entered: set[tuple[int, int]] = set()
    waiting, names = [(folder, 0)], 0
    while waiting:
        place, depth = waiting.pop()
        for name, is_folder in _names(place, entered):
            names += 1
            if names > _MOST_NAMES:
                on_cut()
                return
            if is_folder:
                if depth < _DEEPEST and not name.startswith("."):
                    waiting.append((place / name, depth + 1))
            elif name.lower().endswith(END) and len(name) > len(END):
                yield place / name


def _names(place: Path, entered: set[tuple[int, int]]) -> list[tuple[str, bool]]:
    try:
        facts = place.stat()
        if (facts.st_dev, facts.st_ino) in entered or facts.st_dev in _kernel_devices():
            return []
        entered.add((facts.st_dev, facts.st_ino))
        with os.scandir(place) as found:
            return sorted((each.name, _is_folder(each)) for each in found)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _models(files: Sequence[Found], folder: Path) -> list[Entry]:
    """Those of one place, each with its parts and its companion."""
    projectors = [each for each in files if "mmproj" in each.path.name.lower()]
    groups: dict[tuple[str, int], list[Found]] = defaultdict(list)
    for each in sorted(files, key=lambda found: found.path):
        if each not in projectors:
            match = _SPLIT.fullmatch(each.path.name)
            groups[(match[1], int(match[3])) if match else (each.path.name[: -len(END)], 0)].append(each)
    models = [_entry(name, parts, folder, of) for (name, of), parts in groups.items()]
    if not projectors:
        return models
    alone = len({_plain(each.name) for each in models}) == 1
    return [replace(model, projector=_projector_of(model, projectors, alone=alone)) for model in models]


def _entry(name: str, parts: Sequence[Found], folder: Path, of: int) -> Entry:
    problem = next((each.problem for each in parts if each.problem), "")
    return Entry(name, folder, tuple(parts), problem=problem or (_missing(parts, name, of) if of else ""))


def _missing(parts: Sequence[Found], name: str, of: int) -> str:
    there = {each.path.name for each in parts}
    wanted = [_part(parts[0].path, name, number, of).name for number in range(1, min(of, _MOST_PARTS) + 1)]
    gone = [each for each in wanted if each not in there]
    if not gone:
        return "" if 0 < of <= _MOST_PARTS else "It claims an impossible number of parts."
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    return f"Of its {of} parts {gone[0]}{more} is missing. Download it again."


def _part(beside: Path, name: str, number: int, of: int) -> Path:
    return beside.with_name(f"{name}-{number:05}-of-{of:05}{beside.suffix}")


def _projector_of(model: Entry, projectors: Sequence[Found], *, alone: bool) -> Found | None:
    """One that bears the model's name, or no name where all models of its place have one; half precision first."""
    fitting = [each for each in projectors if not each.problem and _fits(each, model, alone=alone)]
    return min(fitting, key=lambda each: (not _is_half(each.path.name), each.path.name), default=None)


def _fits(projector: Found, model: Entry, *, alone: bool) -> bool:
    named, mine = _plain(projector.path.stem), _plain(model.name)
    if not (named and mine):
        return alone
    return mine.startswith(named) or named.startswith(mine)


def _is_half(name: str) -> bool:
    return "f16" in name.lower() and "bf16" not in name.lower()


def _plain(name: str) -> str:
    """What is left of a file's name without quantization, marks and words that say no name."""
    return _NO_NAME.sub("", name.lower())


def _of_ollama(model: ollama_files.OllamaFiles, folder: Path) -> Entry | None:
    """One with an adapter is another model without it, which this engine would not apply by itself."""
    weights = None if model.adapters else look_at(model.weights)
    if weights is None:
        return None
    projectors = [found for path in model.projectors[:1] if (found := look_at(path))]
    return Entry(model.name, folder, (weights,), projectors[0] if projectors else None, weights.problem)
