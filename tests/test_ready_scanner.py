"""The compiled rules on disk: made once, loaded after that, and made again when they are damaged."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from aqe_desktop.machine import processes
from aqe_desktop.machine.paths import Paths
from aqe_desktop.privacy.scanner import Scanner
from aqe_desktop.upkeep import open_scanner, ready_scanner
from tests.rules import compiled_rules

REAL = processes.output_of_worker
TEXT = 'db_password = "Vq7#kT93mZpL2wX"'


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "home").mkdir(mode=0o700)
    return Paths(tmp_path / "home", tmp_path / "run")


@pytest.fixture
def stored() -> bytes:
    return compiled_rules()[1]


@pytest.fixture(autouse=True)
def compiled(monkeypatch: pytest.MonkeyPatch, stored: bytes) -> list[int]:
    """One entry for each compiling in this process, which is done where no worker can."""
    seen: list[int] = []

    def counted(self: Scanner) -> bytes:
        seen.append(1)
        assert self.load(stored)
        return stored

    monkeypatch.setattr(Scanner, "compile", counted)
    monkeypatch.setattr(processes, "output_of_worker", lambda name, seconds: b"")
    return seen


def test_rules_are_compiled_once_and_made_again_when_they_are_damaged(paths: Paths, compiled: list[int]) -> None:
    assert ready_scanner(paths, make=False) is None
    first = ready_scanner(paths)
    assert first is not None
    assert first.scan(TEXT)
    (file,) = (paths.home / "cache").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = ready_scanner(paths, make=False)
    assert second is not None
    assert second.scan(TEXT) == first.scan(TEXT)
    assert len(compiled) == 1
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1  # without the engine's checksum it would look sound, and might miss a rule
    for damaged in (b"", b"x", whole[:1000], bytes(reversed(whole)), bytes(flipped)):
        file.write_bytes(damaged)
        assert ready_scanner(paths, make=False) is None
    again = ready_scanner(paths)
    assert again is not None
    assert again.scan(TEXT) == first.scan(TEXT)
    assert len(compiled) == 2
    assert file.read_bytes() == whole


def test_where_nothing_can_be_kept_the_scanner_is_ready_all_the_same(paths: Paths) -> None:
    (paths.home / "cache").write_text("in the way")
    scanner = ready_scanner(paths)
    assert scanner is not None
    assert scanner.scan(TEXT)


def test_a_process_of_its_own_compiles_so_that_what_that_takes_goes_with_it(
    paths: Paths, compiled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "output_of_worker", REAL)
    scanner = ready_scanner(paths)
    assert scanner is not None
    assert scanner.scan(TEXT)
    assert compiled == []
    assert ready_scanner(paths, make=False) is not None


def test_what_a_worker_of_another_version_compiled_is_not_taken(
    paths: Paths, compiled: list[int], stored: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for told in (b"0" * 32 + b"\n" + stored, open_scanner().key.encode() + b"\n" + stored[:-1], stored):
        monkeypatch.setattr(processes, "output_of_worker", lambda name, seconds, told=told: told)
        before = len(compiled)
        assert ready_scanner(Paths(paths.home / str(before), paths.run)) is not None
        assert len(compiled) == before + 1


def test_a_worker_that_fails_or_takes_too_long_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert REAL("rules", 0.01) == b""
    for program in ("/nowhere/python", "/bin/false"):
        monkeypatch.setattr("sys.executable", program)
        assert REAL("rules", 60) == b""
