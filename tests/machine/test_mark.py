"""The same machine has the same mark, and the mark does not tell which machine it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.machine import mark


def test_the_mark_follows_the_system_s_identity_and_hides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "machine-id"
    monkeypatch.setattr(mark, "_IDENTITY", file)
    marks = []
    for identity in ("a" * 32, "b" * 32, "a" * 32):
        file.write_text(f"{identity}\n")
        marks.append(mark.machine_mark())
    assert marks[0] == marks[2] != marks[1]
    assert len(marks[0]) == 16
    assert "aaaa" not in marks[0]


def test_without_an_identity_the_mark_stays_the_same_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mark, "_IDENTITY", tmp_path / "none")
    first = mark.machine_mark()
    assert mark.machine_mark() == first
    monkeypatch.setattr("platform.node", lambda: "another-host")
    assert mark.machine_mark() != first
