"""Files read for their fingerprints: only regular ones, only text, never more than was asked for."""

from __future__ import annotations

import os
from pathlib import Path

from aqe_desktop.machine.texts import stamp_of, text_of


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("one")
    before = stamp_of(path)
    assert before is not None
    assert before.size == 3
    os.utime(path, ns=(1, 1))
    after = stamp_of(path)
    assert after is not None
    assert (after.changed, after.size) == (1, 3)


def test_what_is_no_regular_file_has_no_stamp_and_no_text(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("gone")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "gone", tmp_path / "link", tmp_path / "nul\0"):
        assert stamp_of(path) is None
        assert text_of(path, 100) == ""


def test_text_is_read_up_to_a_limit_and_bytes_that_are_no_text_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("größer".encode())
    assert text_of(path, 100) == "größer"
    assert text_of(path, 2) == "gr"
    path.write_bytes(b"\x7fELF\0\0")
    assert text_of(path, 100) == ""
    path.write_bytes(b"caf\xe9")
    assert text_of(path, 100) == "caf\ufffd"
