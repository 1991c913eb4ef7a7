"""Load settings are kept per model; what cannot be read of them is left to the engine."""

from __future__ import annotations

import apsw
import pytest

from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.database import Database
from aqe_desktop.store.load_settings import LoadSettingsStore
from tests.core.test_load_checks import FULL

MODEL, ODD = ModelRef("llamacpp", "small"), ModelRef("llamacpp", "a\ud800")


async def test_settings_come_back_for_their_model_alone_after_a_restart(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = LoadSettingsStore(database)
    assert await store.get(MODEL) == LoadSettings()
    await store.save(MODEL, LoadSettings(context=512))
    await store.save(MODEL, FULL)
    await store.save(ODD, LoadSettings(mmap=False))
    await database.close()
    again = await Database.open(paths.database)
    store = LoadSettingsStore(again)
    assert await store.get(MODEL) == FULL
    assert await store.get(ODD) == LoadSettings(mmap=False)
    assert await store.get(ModelRef("ollama", "small")) == LoadSettings()
    await store.save(MODEL, LoadSettings())
    assert await store.get(MODEL) == LoadSettings()
    await again.close()


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("no JSON", LoadSettings()),
        ("[1]", LoadSettings()),
        ('{"context": 512, "speed": 9}', LoadSettings(context=512)),
        ('{"context": "long", "threads": 2}', LoadSettings(threads=2)),
        ('{"kv_type": null, "lora": "x", "slots": 3}', LoadSettings(slots=3)),
        ('{"tensor_split": [1, "2"], "mmap": 0, "batch": 8}', LoadSettings(batch=8)),
    ],
)
async def test_what_cannot_be_read_is_left_out_and_the_rest_holds(
    paths: Paths, stored: str, read: LoadSettings
) -> None:
    database = await Database.open(paths.database)

    def put(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO load_settings (model, settings) VALUES (?, ?)", (str(MODEL), stored))

    await database.write(put)
    assert await LoadSettingsStore(database).get(MODEL) == read
    await database.close()
