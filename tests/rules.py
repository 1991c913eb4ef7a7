"""The privacy rules compiled once for all tests and runs: that takes seconds, and no test but a few is about them."""

from __future__ import annotations

import hashlib
import shutil
from functools import cache
from pathlib import Path

from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.privacy import database
from aqe_desktop.privacy.scanner import Scanner
from aqe_desktop.store.compiled import CompiledRules
from aqe_desktop.upkeep import open_scanner

# The rules' key tells of the rules and the engine; what compiles them is ours, and may be changed between two runs.
_COMPILER = hashlib.sha256(Path(database.__file__).read_bytes()).hexdigest()[:16]
_KEPT = Path(__file__).parents[1] / ".pytest_cache" / "rules" / _COMPILER


@cache
def compiled_scanner() -> Scanner:
    """Ready. Threads may use one scanner at once, so tests do."""
    scanner = open_scanner()
    assert scanner.load(compiled_rules()[1])
    return scanner


@cache
def compiled_rules() -> tuple[str, bytes]:
    """Their key, and the compiled bytes."""
    scanner, kept = open_scanner(), CompiledRules(_KEPT)
    stored = kept.get(scanner.key)
    if stored is None or not scanner.load(stored):
        stored = scanner.compile()
        kept.put(scanner.key, stored)
    return scanner.key, stored


def keep_rules(home: Path | None = None) -> None:
    """In this profile, else in the test's own: as at every start but the first."""
    paths = find_paths()
    if home is None:
        prepare(paths)
    CompiledRules((home or paths.home) / "cache").put(*compiled_rules())


def forget_rules() -> None:
    """As before the first start of all."""
    shutil.rmtree(find_paths().home / "cache")
