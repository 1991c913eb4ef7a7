"""Load settings are checked before they are kept: their bounds, what the engine takes, and the files they name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.places import regular_file
from aqe_desktop.services.load_settings import LoadSettingsService
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.database import MEMORY, Database
from aqe_desktop.store.load_settings import LoadSettingsStore
from tests.services.conftest import no_preference
from tests.services.engine_of_lines import MODEL, Lines


class Taking(Lines):
    """An engine that takes what is told."""

    known = frozenset({"context", "lora", "draft"})

    @property
    def takes(self) -> frozenset[str]:
        return self.known


@pytest.fixture
async def engine() -> Taking:
    return Taking()


@pytest.fixture
async def service(engine: Taking) -> AsyncIterator[LoadSettingsService]:
    database = await Database.open(MEMORY)
    models = ModelService([engine], no_preference)
    yield LoadSettingsService(LoadSettingsStore(database), models.runtime, regular_file)
    await database.close()


async def test_saved_settings_are_had_again(service: LoadSettingsService) -> None:
    assert service.takes(MODEL) == Taking.known
    assert await service.get(MODEL) == LoadSettings()
    await service.save(MODEL, LoadSettings(context=1024))
    assert await service.get(MODEL) == LoadSettings(context=1024)


async def test_what_makes_no_sense_is_refused_and_nothing_is_kept(service: LoadSettingsService) -> None:
    with pytest.raises(UsageError, match="Context length cannot be 3"):
        await service.save(MODEL, LoadSettings(context=3))
    with pytest.raises(UsageError, match="does not take the setting mlock") as refused:
        await service.save(MODEL, LoadSettings(mlock=True))
    assert refused.value.hint == "It takes: context, lora, draft."
    with pytest.raises(UsageError, match="no runtime “nobody”"):
        await service.save(ModelRef("nobody", "m"), LoadSettings())
    assert await service.get(MODEL) == LoadSettings()


async def test_files_must_be_there_and_are_kept_by_their_whole_path(
    service: LoadSettingsService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PWD", str(tmp_path))
    file, gone = tmp_path / "a.gguf", tmp_path / "gone.gguf"
    file.write_bytes(b"GGUF")
    await service.save(MODEL, LoadSettings(lora=("a.gguf",), draft=str(file)))
    assert await service.get(MODEL) == LoadSettings(lora=(str(file),), draft=str(file))
    for wrong, why in ((gone, "cannot be read"), (tmp_path, "is no file")):
        with pytest.raises(UsageError, match=f"{wrong} {why}"):
            await service.save(MODEL, LoadSettings(draft=str(wrong)))


async def test_a_file_or_an_engine_that_has_gone_does_not_keep_the_other_settings_from_being_changed(
    service: LoadSettingsService, engine: Taking, tmp_path: Path
) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(b"GGUF")
    await service.save(MODEL, LoadSettings(draft=str(file)))
    file.unlink()
    await service.save(MODEL, LoadSettings(draft=str(file), context=512))
    engine.known = frozenset({"context"})
    await service.save(MODEL, LoadSettings(draft=str(file), context=1024))
    assert await service.get(MODEL) == LoadSettings(draft=str(file), context=1024)
