"""The models this engine could load: the starter, and every GGUF file in the user's models folder."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.machine.processes import built_environment, worker_command
from aqe_desktop.runtimes.llamacpp import notes, starter

HOST = "llamacpp"
FACTS = "model-facts.json"
_SECONDS = 30
_END = ".gguf"
_NOT_READ = "This file could not be read within the limits."
_NO_TEXT = "Its file name is not text. Rename the file to use it."


def names(folder: Path) -> list[Model]:
    """Every model by name and size alone: no file is opened."""
    found = starter.find_starter()
    known = [_starter(found)] if found else []
    taken = {model.ref.model for model in known}
    return known + [_model(file) for file in _files(folder) if file.stem not in taken]


def list_models(folder: Path, known: Path) -> list[Model]:
    """Every model with what its file says of itself; `known` keeps that, so that a file is read once. Blocking: starts
    a short process for new files, for a model file is untrusted input."""
    models = names(folder)
    facts = _facts([model.file for model in models if model.file and not model.note], known)
    return [_described(model, facts.get(model.file)) for model in models]


def find_model(ref: ModelRef, folder: Path) -> Model:
    """The model of this reference, its file not yet read. Raises ModelBroken when there is no such file."""
    found = starter.find_starter()
    if found is not None and ref.model == found.stem:
        return _starter(found)
    file = folder / f"{ref.model}{_END}"
    if file.parent != folder or not _is_there(file):
        raise ModelBroken(
            f"The model {ref} is not on this device.", f"Put its GGUF file into {folder}, or choose another model."
        )
    model = _model(file)
    if model.note:
        raise ModelBroken(f"The model {ref} cannot be used. {model.note}", "Choose another model.")
    return model


def inspect(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Name, quantization and context of each file, or its `error`; read in a process with limited memory and time.
    Shorter than `files` where that process did not come to the end of them."""
    if not files:
        return []
    try:
        done = subprocess.run(
            worker_command(HOST, ["inspect"]),
            input=json.dumps({"files": [str(file) for file in files]}).encode() + b"\n",
            capture_output=True,
            env=built_environment(),
            timeout=_SECONDS,
            check=False,
        )
        said = done.stdout
    except subprocess.TimeoutExpired as expired:
        said = expired.stdout or b""
    except OSError:
        said = b""
    # The last line of a process that was ended may be half a line.
    return [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]


def _facts(files: Sequence[Path], known: Path) -> dict[Path | None, dict[str, Any]]:
    """What each file says, from the last look at it where it has not changed since."""
    kept = notes.read(known)
    marks = {file: _mark(file) for file in files}
    facts: dict[Path | None, dict[str, Any]] = {
        file: kept[file.name]["facts"]
        for file, mark in marks.items()
        if isinstance(kept.get(file.name), dict) and kept[file.name].get("mark") == mark
    }
    fresh = [file for file in files if file not in facts]
    facts |= zip(fresh, inspect(fresh), strict=False)
    if fresh:
        notes.write(
            known, {file.name: {"mark": mark, "facts": facts[file]} for file, mark in marks.items() if file in facts}
        )
    return facts


def _described(model: Model, facts: dict[str, Any] | None) -> Model:
    if model.note:
        return model
    told: dict[str, Any] = {"error": _NOT_READ} if facts is None else facts
    return replace(
        model,
        name=told.get("name") or model.name,
        quantization=told.get("quantization", ""),
        context=told.get("context", 0),
        note=told.get("error", ""),
    )


def _files(folder: Path) -> list[Path]:
    try:
        found = sorted(file for file in folder.iterdir() if file.name.endswith(_END) and file.name != _END)
    except OSError:
        return []
    return [file for file in found if _is_there(file)]


def _is_there(file: Path) -> bool:
    """A file, or a link to a place that cannot be looked at: that one is shown with the reason."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return os.path.islink(file)  # noqa: PTH114 - answers, where Path.is_symlink raises, for a name too long


def _mark(file: Path) -> list[int]:
    try:
        facts = file.stat()
    except OSError:
        return []
    return [facts.st_size, facts.st_mtime_ns, facts.st_ino]


def _starter(file: Path) -> Model:
    return Model(
        ref=ModelRef(HOST, file.stem),
        name=starter.NAME,
        size=starter.SIZE,
        quantization=starter.QUANTIZATION,
        context=starter.CONTEXT,
        note=starter.NOTE,
        file=file,
        sha256=starter.SHA256,
    )


def _model(file: Path) -> Model:
    """`note` holds the reason where the file cannot be used, and is empty else."""
    size, note = 0, "" if _is_text(file.name) else _NO_TEXT
    try:
        size = file.stat().st_size
    except OSError as error:
        note = f"This file cannot be read: {error.strerror}."
    return Model(ref=ModelRef(HOST, file.stem), name=file.stem, size=size, note=note, file=file)


def _is_text(name: str) -> bool:
    return name == name.encode("utf-8", "replace").decode("utf-8")
