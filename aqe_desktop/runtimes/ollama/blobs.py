"""Which files of this device hold a server's models, so that what they would take of its memory can be reckoned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aqe_desktop.core.models import Model
from aqe_desktop.machine.ollama_files import files_of


def with_files(models: Sequence[Model], store: Path) -> list[Model]:
    """The models with their files in the store, read only. Blocks."""
    return [_with_files(each, store) for each in models]


def _with_files(model: Model, store: Path) -> Model:
    """Only where the server named that very content: its store may be another than the one that is looked into."""
    found = None if model.remote or not model.sha256 else files_of(store, model.ref.model)
    if found is None or found.weights.name != f"sha256-{model.sha256}":
        return model
    return replace(model, file=found.weights, files=(found.weights, *found.projectors, *found.adapters))
