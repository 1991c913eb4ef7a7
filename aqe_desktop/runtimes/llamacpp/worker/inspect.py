"""Reads the metadata of model files for the list of models, in a process whose memory and time are limited."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.machine import sandbox
from aqe_desktop.runtimes.llamacpp.gguf import read_metadata

_MEMORY_LIMIT = 768 * 1024**2
_SECONDS = 20


def run_inspection(job: dict[str, Any]) -> int:
    """One line of JSON per file of the job, in order; a file that is no model has only its `error`."""
    sandbox.no_core_dumps()
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT, _MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    for file in job["files"]:
        sys.stdout.write(json.dumps(_look_at(Path(file))) + "\n")
        sys.stdout.flush()
    return 0


def _look_at(file: Path) -> dict[str, Any]:
    try:
        metadata = read_metadata(file)
    except ModelBroken as error:
        return {"error": error.message}
    except MemoryError:
        return {"error": f"{file.name} cannot be used: its header is impossibly large."}
    return {"name": metadata.name, "quantization": metadata.quantization, "context": metadata.context}
