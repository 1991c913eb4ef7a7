"""A contract that was never seen to fail proves nothing: each meets a planted violation in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_CONTRACTS = tomllib.loads((_ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
_NAMES = {contract["id"]: contract["name"] for contract in _CONTRACTS}

# contract, planted file below aqe_desktop/, what it imports
_PLANTS = [
    ("floors", "stranger.py", "json"),
    ("floors", "core/planted.py", "aqe_desktop.resources"),
    ("floors", "machine/planted.py", "aqe_desktop.services"),
    ("floors", "machine/planted.py", "aqe_desktop.wires"),
    ("floors", "runtimes/planted.py", "aqe_desktop.store"),
    ("floors", "store/planted.py", "aqe_desktop.services"),
    ("floors", "services/planted.py", "aqe_desktop.cli"),
    ("floors", "cli/planted.py", "aqe_desktop.ui"),
    ("floors", "ui/planted.py", "aqe_desktop.cli"),
    ("qt-in-ui", "services/planted.py", "PySide6.QtCore"),
    ("qt-in-ui", "cli/planted.py", "qasync"),
    ("qt-in-ui", "planted/__init__.py", "shiboken6"),
    ("front-doors", "cli/planted.py", "aqe_desktop.store"),
    ("front-doors", "ui/planted.py", "aqe_desktop.runtimes"),
    ("core-is-pure", "core/planted.py", "pydantic"),
    ("core-is-pure", "core/planted.py", "socket"),
    ("no-io", "services/planted.py", "httpx"),
    ("no-io", "services/planted.py", "aqe_desktop.machine.door"),
    ("no-io", "routing/planted.py", "subprocess"),
    ("no-io", "privacy/planted.py", "socket"),
    ("screens", "ui/screens/planted/__init__.py", "aqe_desktop.ui.screens.chat"),
    ("view-models", "ui/screens/planted/view_model.py", "aqe_desktop.ui.widgets"),
]
# A file in a place without a floor breaks the picture as well as the contract under test.
_NO_FLOOR = {"planted/__init__.py"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources and the configuration, so that nothing is ever planted in the checkout."""
    copy = tmp_path_factory.mktemp("contracts")
    shutil.copytree(_ROOT / "aqe_desktop", copy / "aqe_desktop", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(_ROOT / "pyproject.toml", copy)
    return copy


def _broken(copy: Path) -> set[str]:
    """The names of the contracts that do not hold there."""
    lint = str(Path(sys.executable).with_name("lint-imports"))
    environment = {**os.environ, "COLUMNS": "200"}
    command = [lint, "--no-cache", "--no-logo"]
    result = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=60, check=False)
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)", result.stdout, re.MULTILINE))
    assert verdicts.keys() == set(_NAMES.values()), result.stdout + result.stderr
    return {name for name, verdict in verdicts.items() if verdict == "BROKEN"}


def test_the_package_as_it_is_keeps_every_contract(package: Path) -> None:
    assert _broken(package) == set()


@pytest.mark.parametrize(("contract", "where", "imported"), _PLANTS)
def test_a_planted_violation_breaks_its_contract(package: Path, contract: str, where: str, imported: str) -> None:
    planted = package / "aqe_desktop" / where
    fresh = not planted.parent.exists()
    planted.parent.mkdir(parents=True, exist_ok=True)
    (planted.parent / "__init__.py").touch()
    planted.write_text(f"import {imported}\n")
    expected = {_NAMES[contract]} | ({_NAMES["floors"]} if where in _NO_FLOOR else set())
    try:
        assert _broken(package) == expected
    finally:
        shutil.rmtree(planted.parent) if fresh else planted.unlink()


def test_every_contract_was_seen_to_fail() -> None:
    assert {contract for contract, _, _ in _PLANTS} == _NAMES.keys()
