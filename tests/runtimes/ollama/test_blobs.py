"""A server's models are files of this device where its store can be read, and only then."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.runtimes.ollama.blobs import with_files

_WEIGHTS, _PROJECTOR = "a" * 64, "b" * 64
_SMOL = Model(ModelRef("ollama", "smol:latest"), "smol:latest", sha256=_WEIGHTS)


def _store(folder: Path) -> Path:
    manifest = folder / "manifests" / "registry.ollama.ai" / "library" / "smol" / "latest"
    manifest.parent.mkdir(parents=True)
    (folder / "blobs").mkdir()
    layers = []
    for kind, digest in (("model", _WEIGHTS), ("projector", _PROJECTOR)):
        (folder / "blobs" / f"sha256-{digest}").write_bytes(b"GGUF")
        layers.append({"mediaType": f"application/vnd.ollama.image.{kind}", "digest": f"sha256:{digest}"})
    manifest.write_text(json.dumps({"layers": layers}))
    return folder


def test_a_model_of_the_store_has_its_weights_and_what_belongs_to_them(tmp_path: Path) -> None:
    store = _store(tmp_path)
    (found,) = with_files([_SMOL], store)
    weights = store / "blobs" / f"sha256-{_WEIGHTS}"
    assert (found.file, found.files) == (weights, (weights, store / "blobs" / f"sha256-{_PROJECTOR}"))


def test_what_the_server_did_not_name_so_is_no_file_of_its_model(tmp_path: Path) -> None:
    """Another store, another content, another machine's model."""
    others = [replace(_SMOL, sha256="c" * 64), replace(_SMOL, sha256=""), replace(_SMOL, remote="https://ollama.com")]
    assert with_files(others, _store(tmp_path / "one")) == others
    assert with_files([_SMOL], tmp_path / "nowhere") == [_SMOL]
