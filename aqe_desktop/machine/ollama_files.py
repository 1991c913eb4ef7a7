"""Ollama's store of models as files: which blob a name stands for, by its manifests. Read only, never changed.

A manifest is `manifests/HOST/NAMESPACE/MODEL/TAG` in the store's folder, and names each layer by its digest and media
type; the layer's content is `blobs/sha256-HEX` (Ollama's manifest/paths.go and its documentation of the registry)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TYPE = "application/vnd.ollama.image."
_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_USUAL_HOST, _USUAL_SPACE, _USUAL_TAG = "registry.ollama.ai", "library", "latest"
_LARGEST, _MOST, _DEPTH = 1 << 20, 10_000, 4


@dataclass(frozen=True, slots=True)
class OllamaFiles:
    """A model by the name that Ollama's tools show, and its blobs; each of them is there."""

    name: str
    weights: Path
    projectors: tuple[Path, ...] = ()
    adapters: tuple[Path, ...] = ()


def usual_store(environ: Mapping[str, str]) -> Path:
    """Where a server of this user keeps its models."""
    named = environ.get("OLLAMA_MODELS", "").strip()
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    return Path(named) if named else home / ".ollama" / "models"


def is_store(folder: Path) -> bool:
    return os.path.isdir(folder / "manifests") and os.path.isdir(folder / "blobs")  # noqa: PTH112 - never raises


def files_of(folder: Path, name: str) -> OllamaFiles | None:
    """The files of a model in the store; None where it has none of that name, or not whole, or its weights lie
    elsewhere. Blocking."""
    place = _place(name)
    return None if place is None else _read(folder, folder.joinpath("manifests", *place), place)


def models_in(folder: Path) -> list[OllamaFiles]:
    """Every model of the store that has its weights there, by name. Blocking."""
    found = (_read(folder, manifest, manifest.parts[-_DEPTH:]) for manifest in _manifests(folder))
    return sorted((each for each in found if each is not None), key=lambda each: each.name)


def _manifests(folder: Path) -> list[Path]:
    places = [folder / "manifests"]
    for _ in range(_DEPTH):
        places = [below for place in places for below in _below(place)][:_MOST]
    return places


def _below(place: Path) -> list[Path]:
    try:
        return [place / name for name in sorted(os.listdir(place)) if _is_word(name)]  # noqa: PTH208
    except OSError:
        return []


def _place(name: str) -> tuple[str, ...] | None:
    """Host, namespace, model and tag, the usual ones added; None for what is no name."""
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        path, tag = name, _USUAL_TAG
    parts = path.split("/")
    whole = (*(_USUAL_HOST, _USUAL_SPACE)[: max(0, 3 - len(parts))], *parts, tag)
    return whole if len(whole) == _DEPTH and all(map(_is_word, whole)) else None


def _is_word(name: str) -> bool:
    """A host may have a port, which is in the manifest's path as it is."""
    return _WORD.fullmatch(name.replace(":", "_")) is not None


def _read(folder: Path, manifest: Path, place: tuple[str, ...]) -> OllamaFiles | None:
    layers = _layers(manifest)
    weights = _blobs(folder, layers, "model")
    if len(weights) != 1:  # none: another machine's; several: one that is not of one GGUF file
        return None
    return OllamaFiles(
        _shown(place), weights[0], _blobs(folder, layers, "projector"), _blobs(folder, layers, "adapter")
    )


def _layers(manifest: Path) -> list[dict[str, Any]]:
    try:
        with manifest.open("rb") as file:
            told = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return []
    layers = told.get("layers") if isinstance(told, dict) else None
    return [each for each in layers if isinstance(each, dict)] if isinstance(layers, list) else []


def _blobs(folder: Path, layers: list[dict[str, Any]], kind: str) -> tuple[Path, ...]:
    """Only of digests: a manifest's own path would lead anywhere."""
    digests = [_DIGEST.fullmatch(str(each.get("digest"))) for each in layers if each.get("mediaType") == _TYPE + kind]
    paths = (folder / "blobs" / f"sha256-{digest[1]}" for digest in digests if digest)
    return tuple(path for path in paths if os.path.isfile(path))  # noqa: PTH113 - never raises


def _shown(place: tuple[str, ...]) -> str:
    host, space, model, tag = place
    shown = [] if host == _USUAL_HOST else [host]
    return "/".join([*shown, *([] if not shown and space == _USUAL_SPACE else [space]), f"{model}:{tag}"])
