"""The models this engine could load: the starter, and every GGUF file in the user's models folder."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.machine.processes import built_environment, worker_command
from aqe_desktop.runtimes.llamacpp import starter

HOST = "llamacpp"
_SECONDS = 30


def list_models(folder: Path) -> list[Model]:
    """Blocking: starts a short process when the folder holds files, for a model file is untrusted input."""
    files = sorted(path for path in folder.glob("*.gguf") if path.is_file()) if folder.is_dir() else []
    found = starter.find_starter()
    known = [_starter(found)] if found else []
    taken = {model.ref.model for model in known}
    files = [file for file in files if file.stem not in taken]
    return known + [_model(file, facts) for file, facts in zip(files, inspect(files), strict=True)]


def find_model(ref: ModelRef, folder: Path) -> Model:
    """The model of this reference, its file not yet read. Raises ModelBroken when there is no such file."""
    found = starter.find_starter()
    if found is not None and ref.model == found.stem:
        return _starter(found)
    file = folder / f"{ref.model}.gguf"
    if file.parent != folder or not file.is_file():
        raise ModelBroken(
            f"The model {ref} is not on this device.", f"Put its GGUF file into {folder}, or choose another model."
        )
    return _model(file, {})


def inspect(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Name, quantization and context of each file, or its `error`; read in a process with limited memory and time."""
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
        lines = done.stdout.splitlines()
    except subprocess.TimeoutExpired as expired:
        lines = (expired.stdout or b"").splitlines()
    seen = [json.loads(line) for line in lines]
    return seen + [{"error": "This file could not be read within the limits."}] * (len(files) - len(seen))


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


def _model(file: Path, facts: dict[str, Any]) -> Model:
    return Model(
        ref=ModelRef(HOST, file.stem),
        name=facts.get("name") or file.stem,
        size=file.stat().st_size,
        quantization=facts.get("quantization", ""),
        context=facts.get("context", 0),
        note=facts.get("error", ""),
        file=file,
    )
