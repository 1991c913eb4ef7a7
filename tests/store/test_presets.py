"""Presets are rows like any other: the shipped three can be changed and removed."""

from __future__ import annotations

import pytest

from aqe_desktop.core.chat import Origin, Parameters, Sampling
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ports import Presets
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.presets import PresetStore

FILE = Origin("/projects/vault/form.json", "It is in vault.")


async def test_three_come_with_the_first_start(database: Database) -> None:
    presets: Presets = PresetStore(database)
    assert await presets.list() == {
        "Precise": Parameters(sampling=Sampling(temperature=0.2, top_p=0.95)),
        "Balanced": Parameters(sampling=Sampling(temperature=0.7)),
        "Creative": Parameters(sampling=Sampling(temperature=1.0)),
    }


async def test_changes_and_removals_outlive_a_restart(paths: Paths) -> None:
    mine = Parameters(
        "You review tests.",
        Sampling(temperature=0.1, stop=("###",), think="low", schema='{"type": "object"}', schema_from=FILE),
    )
    database = await Database.open(paths.database)
    presets = PresetStore(database)
    await presets.save(" Prüfer ", mine)
    await presets.save("precise", mine)
    await presets.remove("Creative")
    await presets.remove("Creative")
    await database.close()
    database = await Database.open(paths.database)
    kept = await PresetStore(database).list()
    assert list(kept) == ["precise", "Balanced", "Prüfer"]
    assert kept["Prüfer"] == kept["precise"] == mine
    assert kept["Prüfer"].sampling.schema_from == FILE
    await database.close()


@pytest.mark.parametrize("name", ["", "  \n"])
async def test_a_preset_needs_a_name(database: Database, name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        await PresetStore(database).save(name, Parameters())


async def test_a_chat_knows_the_preset_it_was_set_by_though_all_is_default(database: Database) -> None:
    store = await ConversationStore.open(database)
    chat = await store.create("one", parameters=Parameters(preset="Plain"))
    assert (await store.get(chat.id)).parameters.preset == "Plain"
    await store.set_parameters(chat.id, Parameters())
    assert (await store.get(chat.id)).parameters.preset == ""
