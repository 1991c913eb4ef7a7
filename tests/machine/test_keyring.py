"""A real Secret Service is used, a keyring that keeps nothing secret is refused, and one that hangs holds up nobody."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.errors import KeyringUnusable
from aqe_desktop.core.ledger import Anchor
from aqe_desktop.machine import keyring as ours
from aqe_desktop.machine.anchors import KeyringAnchors
from aqe_desktop.machine.keyring import Keyring
from tests.machine.secret_service import secret_service

_ROOT = Path(__file__).parents[2]
_PROVE = """
import asyncio, json
from aqe_desktop.core.errors import KeyringUnusable
from aqe_desktop.machine.keyring import Keyring
async def main():
    keyring = Keyring()
    try:
        name = await keyring.prove()
        await keyring.set("canary", "kept")
        print(json.dumps({"name": name, "kept": await keyring.get("canary")}))
    except KeyringUnusable as error:
        print(json.dumps({"error": error.message, "hint": error.hint}))
asyncio.run(main())
"""
_PLAIN = """
import base64, pathlib
from keyring.backend import KeyringBackend
class PlaintextKeyring(KeyringBackend):
    priority = 50
    def get_password(self, service, name):
        return None
    def set_password(self, service, name, value):
        pathlib.Path(__file__).with_name("leak").write_text(value)
    def delete_password(self, service, name):
        pass
"""


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    with secret_service() as address:
        yield address


@pytest.fixture
def service(bus: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The backend that talks to the real service; the library's own choice is made once per process."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    from keyring.backends import SecretService

    make: Any = SecretService.Keyring
    return make()


def proved(**environment: str) -> Any:
    """What a process of its own makes of the library's own choice."""
    clean = {**os.environ, "PYTHONPATH": str(_ROOT), **environment}
    done = subprocess.run([sys.executable, "-c", _PROVE], env=clean, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A package that brings a backend which writes keys to a file, found as an installed one is."""
    package = tmp_path / "site" / "keyrings" / "alt"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "file.py").write_text(_PLAIN)
    facts = tmp_path / "site" / "keyrings.alt-5.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: keyrings.alt\nVersion: 5.0\n")
    (facts / "entry_points.txt").write_text("[keyring.backends]\nfile = keyrings.alt.file\n")
    return package


def test_the_library_s_own_choice_is_proved_and_used(bus: str) -> None:
    assert proved(DBUS_SESSION_BUS_ADDRESS=bus) == {"name": "Secret Service", "kept": "kept"}


def test_without_a_bus_there_is_no_keyring_and_the_next_step_is_said() -> None:
    told = proved()
    assert "no keyring that keeps a secret" in told["error"]
    assert told["hint"]


def test_a_keyring_in_a_plain_file_is_refused_and_gets_nothing(plain: Path) -> None:
    told = proved(PYTHONPATH=f"{_ROOT}{os.pathsep}{plain.parents[1]}")
    assert "keyrings.alt.file.PlaintextKeyring" in told["error"]
    assert not (plain / "leak").exists()


@pytest.mark.parametrize("named", [{}, {"PYTHON_KEYRING_BACKEND": "keyring.backends.chainer.ChainerBackend"}])
def test_beside_a_plain_file_the_real_one_is_taken(bus: str, plain: Path, named: dict[str, str]) -> None:
    path = f"{_ROOT}{os.pathsep}{plain.parents[1]}"
    assert proved(PYTHONPATH=path, DBUS_SESSION_BUS_ADDRESS=bus, **named)["name"] == "Secret Service"
    assert not (plain / "leak").exists()


@pytest.mark.parametrize("backend", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"])
def test_a_backend_that_its_owner_chose_to_keep_nothing_is_respected(bus: str, backend: str) -> None:
    told = proved(DBUS_SESSION_BUS_ADDRESS=bus, PYTHON_KEYRING_BACKEND=backend)
    assert backend in told["error"]


async def test_values_come_back_and_go(service: Any) -> None:
    keyring = Keyring(lambda: service)
    assert await keyring.prove() == "Secret Service"
    await keyring.set("name", "ein Schlüssel")
    assert await keyring.get("name") == "ein Schlüssel"
    await keyring.delete("name")
    await keyring.delete("name")
    assert await keyring.get("name") is None


async def test_the_proof_leaves_no_entry_behind(service: Any) -> None:
    await Keyring(lambda: service).prove()
    import secretstorage

    connection = secretstorage.dbus_init()
    items = secretstorage.get_default_collection(connection).search_items({"service": ours.SERVICE})
    names = [item.get_attributes().get("username", "") for item in items]
    connection.close()
    assert [name for name in names if name.startswith("test-")] == []


async def test_a_service_that_went_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with secret_service() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        from keyring.backends import SecretService

        keyring = Keyring(SecretService.Keyring)
        await keyring.prove()
    with pytest.raises(KeyringUnusable, match="The keyring failed: "):
        await keyring.get("name")


class _Trusted:
    """A backend under a name that is trusted, which does what a test wants to see."""

    def __init__(self, **does: Any) -> None:
        self.kept: dict[str, str] = {}
        self.does = does

    def get_password(self, service: str, name: str) -> str | None:
        return self.does["get"](self, name) if "get" in self.does else self.kept.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self.kept[name] = value

    def delete_password(self, service: str, name: str) -> None:
        if "delete" not in self.does:
            del self.kept[name]


@pytest.fixture(autouse=True)
def trust_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ours.TRUSTED, f"{__name__}._Trusted", "Stand-in")


async def test_a_backend_that_loses_or_keeps_the_test_entry_is_refused() -> None:
    with pytest.raises(KeyringUnusable, match="did not give back"):
        await Keyring(lambda: _Trusted(get=lambda backend, name: None)).prove()
    with pytest.raises(KeyringUnusable, match="did not delete"):
        await Keyring(lambda: _Trusted(delete=None)).prove()


async def test_a_value_is_read_back_before_set_returns() -> None:
    backend = _Trusted()
    keyring = Keyring(lambda: backend)
    await keyring.prove()
    backend.does["get"] = lambda self, name: "another"
    with pytest.raises(KeyringUnusable, match="did not give back"):
        await keyring.set("name", "value")


async def test_a_backend_that_hangs_holds_up_nobody_and_is_asked_no_more_until_it_answers() -> None:
    hangs, asked = threading.Event(), []

    def get(backend: _Trusted, name: str) -> str | None:
        asked.append(name)
        hangs.wait(30)
        return backend.kept.get(name)

    keyring = Keyring(lambda: _Trusted(get=get), patience=0.1)
    for _ in range(3):
        with pytest.raises(KeyringUnusable, match=r"did not answer within 0\.1 seconds"):
            await keyring.prove()
    assert len(asked) == 1
    (thread,) = [each for each in threading.enumerate() if each.name == "aqe-keyring"]
    assert thread.daemon
    hangs.set()
    await asyncio.to_thread(thread.join)
    assert await keyring.prove() == "Stand-in"


async def test_who_asks_after_one_that_went_away_waits_for_its_answer() -> None:
    answers, asked = threading.Event(), threading.Event()

    def get(backend: _Trusted, name: str) -> str | None:
        if name == "slow":
            asked.set()
            answers.wait(30)
        return backend.kept.get(name)

    keyring = Keyring(lambda: _Trusted(get=get))
    await keyring.set("name", "value")
    gone = asyncio.create_task(keyring.get("slow"))
    await asyncio.to_thread(asked.wait)
    gone.cancel()
    next_one = asyncio.create_task(keyring.get("name"))
    await asyncio.sleep(0.05)
    assert not next_one.done()
    answers.set()
    assert await next_one == "value"


async def test_an_anchor_comes_back_and_another_folder_has_its_own(service: Any, tmp_path: Path) -> None:
    keyring = Keyring(lambda: service)
    anchor = Anchor("a ledger", 17, "ab" * 32)
    await KeyringAnchors(keyring, tmp_path).write(anchor)
    assert await KeyringAnchors(keyring, tmp_path).read() == anchor
    assert await KeyringAnchors(keyring, tmp_path / "other").read() is None


async def test_an_anchor_that_is_none_is_said_and_kept(service: Any, tmp_path: Path) -> None:
    keyring = Keyring(lambda: service)
    anchors = KeyringAnchors(keyring, tmp_path)
    for told in ("not json", "[]", '{"ledger": "x"}', '{"ledger": "x", "seq": "many", "hash": ""}'):
        await keyring.set(anchors._name, told)
        with pytest.raises(KeyringUnusable, match="cannot be read") as caught:
            await anchors.read()
        assert anchors._name in caught.value.hint
