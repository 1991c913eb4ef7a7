"""The built wheel in an environment of its own, no checkout in reach: what a user of `pip install` gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

_ROOT = Path(__file__).parent.parent
_LOOK = """
import json, pathlib, sys
import aqe_desktop
from aqe_desktop.resources import resource
package = pathlib.Path(aqe_desktop.__file__).parent
print(json.dumps({
    "package": str(package),
    "path": sys.path,
    "help": sorted(path.name for path in resource("help").glob("*.md")),
    "icons": len(list(resource("icons").glob("*.svg"))),
    "migrations": sorted(path.name for path in (package / "store").glob("*migrations/*.sql")),
    "runtimes": sorted(path.name for path in resource("runtimes").iterdir()),
    "script": resource("verify_ledger.py").read_text(),
}))
"""


def _run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, without this checkout in its environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from what git would commit, without the network: the build backend is in the environment."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", folder)
    _run(sys.executable, "-m", "pip", "wheel", *options, _ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a new environment with the wheel; its dependencies are borrowed from ours, without our .pth."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    scripts = folder / "bin"
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python", "install", "--no-deps", "--no-index", "--quiet")
    _run(*pip, wheel, cwd=folder)
    site = _run(scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    Path(site, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts


def test_the_wheel_says_its_version(installed: Path, tmp_path: Path) -> None:
    from aqe_desktop import __version__

    assert __version__ in _run(installed / "aqe", "--version", cwd=tmp_path)


def test_the_wheel_holds_resources_and_migrations(installed: Path, tmp_path: Path) -> None:
    seen = json.loads(_run(installed / "python", "-c", _LOOK, cwd=tmp_path))
    assert str(installed.parent) in seen["package"]
    assert str(_ROOT) not in seen["path"]
    assert seen["help"] == sorted(path.name for path in (_ROOT / "resources" / "help").glob("*.md"))
    assert seen["icons"] == len(list((_ROOT / "resources" / "icons").glob("*.svg")))
    assert seen["migrations"] == sorted(path.name for path in (_ROOT / "aqe_desktop/store").glob("*migrations/*.sql"))
    assert seen["runtimes"] == sorted(path.name for path in (_ROOT / "resources" / "runtimes").iterdir())
    assert seen["script"] == (_ROOT / "resources" / "verify_ledger.py").read_text()


def test_the_wheel_holds_no_tests_and_no_pictures(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in names if "tests/" in name or "screenshots" in name] == []


def test_the_wheel_answers_a_question(installed: Path, tmp_path: Path) -> None:
    answer = json.loads(_run(installed / "aqe", "chat", "Say hello.", "--max-output", "8", "--json", cwd=tmp_path))
    assert answer["text"]
    assert answer["route"]["zone"] == "device"
