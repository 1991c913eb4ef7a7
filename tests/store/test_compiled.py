"""Compiled privacy rules on disk: a cache, so nothing about it may end anything."""

from __future__ import annotations

import stat
from pathlib import Path

from aqe_desktop.store.compiled import CompiledRules


def test_what_was_put_is_there_and_private(tmp_path: Path) -> None:
    rules = CompiledRules(tmp_path / "cache")
    assert rules.get("a") is None
    rules.put("a", b"bytes")
    assert rules.get("a") == b"bytes"
    (path,) = (tmp_path / "cache").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_versions_before_the_last_two_go(tmp_path: Path) -> None:
    rules = CompiledRules(tmp_path / "cache")
    for key in "abcd":
        rules.put(key, key.encode())
    assert [key for key in "abcd" if rules.get(key)] == ["c", "d"]


def test_a_place_that_cannot_be_written_costs_the_next_start_its_time_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the way")
    rules = CompiledRules(tmp_path / "cache")
    rules.put("a", b"bytes")
    assert rules.get("a") is None
