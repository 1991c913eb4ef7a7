"""A store of Ollama's made for tests: manifests, and blobs of a few bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WEIGHTS, PROJECTOR, ADAPTER = "a" * 64, "b" * 64, "c" * 64


def layer(kind: str, digest: str) -> dict[str, Any]:
    return {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}", "size": 3}


def put(store: Path, place: str, *layers: dict[str, Any]) -> Path:
    """A model in the store, its blobs with a little content."""
    manifest = store / "manifests" / place
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps({"schemaVersion": 2, "layers": layers}))
    (store / "blobs").mkdir(exist_ok=True)
    for each in layers:
        blob(store, each["digest"][7:]).write_bytes(b"GGUF")
    return manifest


def blob(store: Path, digest: str) -> Path:
    return store / "blobs" / f"sha256-{digest}"
