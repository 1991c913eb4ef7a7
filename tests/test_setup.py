"""What a newcomer meets on a machine that lacks something: each time the one next step, and never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_SETUP = _ROOT / "packaging" / "setup"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: a shell and what every system has, and no more."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "cat", "dirname", "grep", "id", "sed"):
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return folder


def _shim(folder: Path, name: str, script: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def _run(command: Sequence[str | Path], path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(path), "HOME": os.environ["HOME"], **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_supported_python_is_found_by_its_own_name(bare: Path) -> None:
    (bare / "python3.12").symlink_to(sys.executable)
    assert _run([_SETUP / "find-python.sh"], bare).stdout.strip() == str(bare / "python3.12")


def test_a_python_of_pyenv_is_found_without_its_shims(bare: Path, tmp_path: Path) -> None:
    python = tmp_path / "pyenv" / "versions" / "3.12.9" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert _run([_SETUP / "find-python.sh"], bare, PYENV_ROOT=str(tmp_path / "pyenv")).stdout.strip() == str(python)


def test_a_python_that_is_too_old_is_named_with_the_way_to_another(bare: Path) -> None:
    _shim(bare, "python3", 'case "$1" in --version) echo "Python 3.9.18";; *) exit 1;; esac')
    result = _run([_SETUP / "find-python.sh"], bare)
    assert result.returncode == 1
    assert "needs Python 3.11, 3.12, 3.13 or 3.14; found: Python 3.9.18" in result.stderr
    assert "apt-get install python3 python3-venv" in result.stderr


@pytest.mark.parametrize(
    ("purpose", "command"), [("run", "system-deps"), ("test", "system-deps-test"), ("parts", "system-deps-parts")]
)
def test_who_is_not_root_is_told_the_one_command(bare: Path, purpose: str, command: str) -> None:
    _shim(bare, "id", "echo 1000")
    _shim(bare, "apt-get", "exit 99")
    result = _run([_SETUP / "system-deps.sh", purpose], bare)
    assert result.returncode == 1
    assert result.stderr.strip().endswith(f"sudo make {command}")


@pytest.mark.parametrize(
    ("purpose", "packages"),
    [("test", {"libxcb-cursor0", "libgomp1", "xvfb", "fonts-inter"}), ("parts", {"libgomp1", "cmake", "libstb-dev"})],
)
def test_root_on_debian_gets_the_listed_packages(bare: Path, tmp_path: Path, purpose: str, packages: set[str]) -> None:
    _shim(bare, "id", "echo 0")
    _shim(bare, "apt-get", f'echo "$@" >> {tmp_path / "asked"}')
    assert _run([_SETUP / "system-deps.sh", purpose], bare).returncode == 0
    asked = (tmp_path / "asked").read_text().split()
    assert {"update", *packages} <= set(asked)


def test_a_system_without_apt_is_told_what_to_look_for(bare: Path) -> None:
    result = _run([_SETUP / "system-deps.sh", "run"], bare)
    assert result.returncode == 1
    assert "libxcb-cursor0" in result.stderr


def test_missing_programs_are_named_with_the_one_command(bare: Path) -> None:
    result = _run([sys.executable, _SETUP / "system.py", "test"], bare)
    assert result.returncode == 1
    assert "Xvfb" in result.stdout
    assert result.stderr.strip().endswith("sudo make system-deps-test")


def test_missing_compilers_and_headers_are_named_with_the_one_command(bare: Path) -> None:
    result = _run([sys.executable, _SETUP / "system.py", "parts"], bare)
    assert result.returncode == 1
    assert "c++, cc, cmake, make, nlohmann/json.hpp, stb/stb_image.h" in result.stdout
    assert result.stderr.strip().endswith("sudo make system-deps-parts")


def test_a_python_without_ensurepip_is_helped_or_told(bare: Path, tmp_path: Path) -> None:
    """Debian ships it apart. Hidden here by a site module, so that the real one is what meets its absence."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    _shim(bare, "apt-get", "exit 1")
    script = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(_SETUP)!r}); import environment as e;"]
    script[-1] += " e.provide_ensurepip()"
    result = _run(script, bare, PYTHONPATH=str(hidden))
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    assert package in result.stderr
    assert "Traceback" not in result.stderr
    assert result.returncode == 1


def test_nothing_is_missing_where_these_tests_run() -> None:
    result = _run([sys.executable, _SETUP / "system.py", "run"], Path(os.defpath.split(os.pathsep)[0]))
    assert (result.returncode, result.stdout) == (0, "")
