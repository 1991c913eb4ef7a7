"""Looks for what pip cannot bring; what is missing is installed as root on Debian, otherwise the command is said.

Run by the environment's own Python: system.py run | test | parts
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("system-deps.sh")
PROGRAMS = (
    *("Xvfb", "openbox", "xdotool", "import", "xdpyinfo", "setxkbmap", "fc-list", "git"),
    *("unshare", "nsenter", "ip", "mount", "openssl"),
    *("dbus-send", "dbus-run-session", "gnome-keyring-daemon"),
)
FONTS = ("Inter", "JetBrains Mono")
# What packaging/parts builds with, Go apart: Debian's is older than what Ollama asks for.
COMPILERS = ("c++", "cc", "cmake", "make")
HEADERS = ("nlohmann/json.hpp", "stb/stb_image.h")
# The screen readers' bus; Debian keeps it out of PATH.
READERS_BUS = Path("/usr/libexec/at-spi-bus-launcher")


def folder_of(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def libraries() -> list[Path]:
    """The files whose needs stand for all: Qt's X11 plugin, the Qt modules we import, and the engine."""
    found: list[Path] = []
    if qt := folder_of("PySide6"):
        found += [*qt.glob("Qt/plugins/platforms/libqxcb.so"), *qt.glob("QtWidgets.abi3.so"), *qt.glob("QtSvg.abi3.so")]
    if engine := folder_of("xllamacpp"):
        found += engine.glob("*.so")
    return found


def missing_libraries() -> set[str]:
    """Names of shared libraries that the loader does not find."""
    files = libraries()
    if not files or not shutil.which("ldd"):
        return set()
    output = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False).stdout
    return {line.split()[0] for line in output.splitlines() if line.endswith("=> not found")}


def missing_tools() -> set[str]:
    """Names of programs and fonts that the tests use and that are not there."""
    missing = {program for program in PROGRAMS if not shutil.which(program)}
    if not READERS_BUS.exists():
        missing.add(READERS_BUS.name)
    if "fc-list" in missing:
        return missing | set(FONTS)
    families = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    return missing | {font for font in FONTS if font not in families}


def missing_compilers() -> set[str]:
    """Names of programs and headers that a part is built with; the compiler itself is asked for the headers."""
    missing = {program for program in COMPILERS if not shutil.which(program)}
    return missing | {header for header in HEADERS if "c++" in missing or not finds(header)}


def finds(header: str) -> bool:
    command = ["c++", "-E", "-x", "c++", "-"]
    found = subprocess.run(command, input=f"#include <{header}>\n", capture_output=True, text=True, check=False)
    return found.returncode == 0


def missing_for(purpose: str) -> set[str]:
    if not sys.platform.startswith("linux"):
        return set()
    if purpose == "parts":
        return missing_compilers()
    return missing_libraries() | (missing_tools() if purpose == "test" else set())


def has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main(purpose: str) -> None:
    missing = missing_for(purpose)
    if not missing:
        return
    print("Missing on this system:", ", ".join(sorted(missing)), flush=True)
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing them with apt-get", flush=True)
        subprocess.run([SCRIPT, purpose], check=False)
        missing = missing_for(purpose)
    if missing & needed_now(purpose, missing):
        target = "system-deps" if purpose == "run" else f"system-deps-{purpose}"
        raise SystemExit(f"Install what is missing, then start again: sudo make {target}")


def needed_now(purpose: str, missing: set[str]) -> set[str]:
    """Without a display the chat runs in the terminal, which needs no library of the window."""
    if purpose != "run" or has_display():
        return missing
    return missing & {"libgomp.so.1", "libstdc++.so.6"}


if __name__ == "__main__":
    main(sys.argv[1])
