"""Makes one of the project's environments from a lock: hashes checked, nothing compiled, nothing resolved anew."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "packaging" / "locks"


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def works(folder: Path) -> bool:
    """Whether the environment can be used: its Python may have been removed, be too old, or lack pip."""
    python = python_of(folder)
    question = "import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))"
    return (
        python.exists() and subprocess.run([python, "-c", question], capture_output=True, check=False).returncode == 0
    )


def provide_ensurepip() -> None:
    """Debian ships venv's pip apart: installed as root, otherwise the command is said. Ends the script if missing."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if shutil.which("apt-get") is None:
        raise SystemExit(f"{sys.executable} lacks ensurepip. Install your system's package for Python's venv module.")
    if os.geteuid() != 0:
        raise SystemExit(f"{sys.executable} lacks ensurepip. Run: sudo apt-get install {package}")
    print(f"Installing the system package {package}", flush=True)
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    subprocess.run([*apt, "update"], check=False)
    install = [*apt, "install", "--yes", "--no-install-recommends", package]
    if subprocess.run(install, stdout=subprocess.DEVNULL, check=False).returncode != 0:
        raise SystemExit(f"{package} could not be installed; see above. Then run make again.")


def create(folder: Path) -> None:
    provide_ensurepip()
    print(f"Making {folder} with Python {sys.version.split()[0]}", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)


def install(folder: Path, locks: list[str]) -> None:
    """First the locked requirements, then the project itself, whose build needs nothing from outside any more."""
    pip = [str(python_of(folder)), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    if not sys.stdout.isatty():
        pip.append("--quiet")
    pinned = ["--require-hashes", "--only-binary", ":all:"]
    for lock in locks:
        pinned += ["-r", str(LOCKS / f"{lock}.txt")]
    subprocess.run([*pip, *pinned], check=True)
    subprocess.run([*pip, "--no-build-isolation", "--no-index", "--editable", str(ROOT)], check=True)
    # As pip does with everything else: where Python may write no caches, every start would compile us anew.
    subprocess.run([python_of(folder), "-m", "compileall", "-q", str(ROOT / "aqe_desktop")], check=True)


def main(folder: str, *locks: str) -> None:
    environment = ROOT / folder
    if not works(environment):
        create(environment)
    print(f"Installing {', '.join(locks)} into {environment}", flush=True)
    try:
        install(environment, list(locks))
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"pip ended with status {error.returncode}; see above. Nothing else was changed.") from error


if __name__ == "__main__":
    main(*sys.argv[1:])
