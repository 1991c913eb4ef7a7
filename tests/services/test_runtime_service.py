"""Servers are added, moved and removed in the real settings file, and what comes with the app is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.models import Zone
from aqe_desktop.services.runtimes import RuntimeService
from aqe_desktop.settings.file import SettingsFile

URL = "http://192.0.2.7:8000"


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.toml")


@pytest.fixture
def service(settings: SettingsFile) -> RuntimeService:
    return RuntimeService(settings, ("llamacpp", "ollama", "old"))


async def test_a_server_is_added_moved_declared_and_removed(service: RuntimeService, settings: SettingsFile) -> None:
    await service.add("box", f"{URL}/v1/", Zone.LAN, program="/opt/server")
    (row,) = settings.load().servers
    assert (row.id, row.url, row.zone, row.program) == ("box", URL, "lan", "/opt/server")
    await service.set_url("box", "https://box.test")
    await service.set_zone("box", None)
    await service.set_program("box", "")
    (row,) = settings.load().servers
    assert (row.url, row.zone, row.program) == ("https://box.test", "", "")
    await service.remove("box")
    assert list(settings.load().servers) == []


async def test_ollama_has_an_address_a_zone_and_a_program_of_its_own(
    service: RuntimeService, settings: SettingsFile
) -> None:
    await service.set_url("ollama", URL)
    await service.set_zone("ollama", Zone.LAN)
    await service.set_program("ollama", "/opt/ollama")
    ollama = settings.load().ollama
    assert (ollama.url, ollama.zone, ollama.program) == (URL, "lan", "/opt/ollama")
    await service.set_url("ollama", "")
    await service.set_zone("ollama", Zone.CLOUD)
    assert (settings.load().ollama.url, settings.load().ollama.zone) == ("", "")


async def test_what_cannot_be_is_refused_with_the_next_step(service: RuntimeService, settings: SettingsFile) -> None:
    for work in (
        service.add("ollama", URL),
        service.add("box", "ftp://box.test"),
        service.remove("llamacpp"),
        service.remove("box"),
        service.set_url("llamacpp", URL),
        service.set_url("box", URL),
        service.set_url("box", ""),
        service.set_zone("llamacpp", Zone.LAN),
        service.set_program("llamacpp", "/x"),
    ):
        with pytest.raises(UsageError) as refused:
            await work
        assert refused.value.hint
    assert not settings.path.exists()
