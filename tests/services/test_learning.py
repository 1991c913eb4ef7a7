"""The planner learns from what loads take, within bounds, and from a real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.app import open_app
from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.core.plan import MEMORY, Attention, Device, Hardware, Measured, Running, Shape
from aqe_desktop.services.planning import PlanningService
from aqe_desktop.services.planning.learning import factor_of
from aqe_desktop.services.planning.service import Sources

_SHAPE = Shape("x", 512, 2048, 32_000, 8, 8192, (Attention(4, 512, 512),), (100_000_000,) * 4, 1000, 1000)
_MODEL = Model(ModelRef("llamacpp", "m"), "The model", size=5, file=Path("/nowhere/m.gguf"))


class _Kept:
    def __init__(self, *, fails: bool = False) -> None:
        self.rows: dict[tuple[str, str, str], Measured] = {}
        self._fails = fails

    async def of(self, model: str, engine: str) -> Sequence[Measured]:
        if self._fails:
            raise StorageFailed("Broken.")
        return [found for key, found in self.rows.items() if key[:2] == (model, engine)]

    async def keep(self, model: str, engine: str, settings: str, found: Measured) -> None:
        if self._fails:
            raise StorageFailed("Broken.")
        self.rows[model, engine, settings] = found


def _service(kept: _Kept, running: Running | None) -> PlanningService:
    memory = Device(MEMORY, "Memory", 64 * 1024**3, 60 * 1024**3)
    return PlanningService(
        Sources(
            shape=lambda _: _SHAPE,
            hardware=lambda: Hardware(memory=memory),
            batch=lambda _: 64,
            recommended=lambda: "",
            engine=lambda _: "engine 1",
            running=lambda _: running,
            measured=kept,
        )
    )


@pytest.mark.parametrize(
    ("found", "factor"),
    [
        ([], 1.0),
        ([Measured(100, 101)], 1.0),
        ([Measured(100, 110)], 1.1),
        ([Measured(100, 110), Measured(100, 130), Measured(100, 120)], 1.2),
        ([Measured(100, 900)], 1.5),
        ([Measured(100, 10)], 0.95),
        ([Measured(0, 10), Measured(-1, 5), Measured(10, 0)], 1.0),
    ],
)
def test_the_median_is_believed_within_bounds(found: list[Measured], factor: float) -> None:
    assert factor_of(found) == factor


async def test_a_load_that_took_more_makes_the_next_plan_larger() -> None:
    kept = _Kept()
    before = await _service(kept, None).plan(_MODEL)
    running = Running("engine 1", 77, 8192, 3 * before.needed)
    after = await _service(kept, running).plan(_MODEL)
    assert (before.factor, after.factor) == (1.0, 1.5)
    assert after.needed > before.needed
    assert any("measured" in note for note in after.notes)
    other = await _service(kept, None).plan(replace(_MODEL, size=6))
    assert other.factor == 1.0


async def test_one_process_is_measured_once_for_all_plans() -> None:
    kept = _Kept()
    service = _service(kept, Running("engine 1", 77, 4096, 10**9))
    await service.plan(_MODEL)
    (first,) = kept.rows.values()
    kept.rows.clear()
    await service.plan(_MODEL, LoadSettings(context=2048))
    assert first.measured == 10**9
    assert kept.rows == {}


async def test_a_store_that_fails_costs_the_learning_and_not_the_plan() -> None:
    plan = await _service(_Kept(fails=True), Running("engine 1", 77, 4096, 10**9)).plan(_MODEL)
    assert plan.factor == 1.0
    assert plan.needed


async def test_a_real_load_is_measured_and_agrees(own_home: None, starter_model: Path) -> None:
    ref = ModelRef("llamacpp", starter_model.stem)
    async with open_app(process="test") as app:
        await app.models.load(ref)
        model = await app.models.choose(ref)
        plan = await app.planning.plan(model)
        kept = app.planning._sources.measured
        assert kept is not None
        (found,) = await kept.of(f"{ref}:{model.size}", f"llamacpp {app.models.statuses()[0].version}")
    assert 0.85 < found.measured / found.predicted < 1.15
    assert plan.factor == pytest.approx(1.0, abs=0.15)
