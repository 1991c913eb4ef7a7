"""What loads took is kept by model, engine and way of loading; of several the largest counts."""

from __future__ import annotations

from aqe_desktop.core.plan import Measured
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.database import Database
from aqe_desktop.store.measured import MeasuredStore


async def test_what_was_measured_comes_back_for_its_model_and_engine_alone(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = MeasuredStore(database)
    assert await store.of("a/b:7", "engine 1") == []
    await store.keep("a/b:7", "engine 1", "plain", Measured(100, 120))
    await store.keep("a/b:7", "engine 1", "plain", Measured(101, 90))
    await store.keep("a/b:7", "engine 1", "wide", Measured(200, 210))
    await store.keep("a/b:7", "engine 2", "plain", Measured(1, 2))
    await store.keep("a/\ud800", "engine 1", "plain", Measured(3, 4))
    assert await store.of("a/b:7", "engine 1") == [Measured(101, 120), Measured(200, 210)]
    assert await store.of("a/\ud800", "engine 1") == [Measured(3, 4)]
    await database.close()
    again = await Database.open(paths.database)
    assert len(await MeasuredStore(again).of("a/b:7", "engine 1")) == 2
    await again.close()
