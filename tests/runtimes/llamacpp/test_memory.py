"""An engine refuses by the planner's own figures what would not fit, and says them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.errors import NotEnoughMemory
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.plan import Hardware, Use
from aqe_desktop.runtimes.llamacpp.gguf import read_metadata
from aqe_desktop.runtimes.llamacpp.memory import Need, need_of, require
from aqe_desktop.runtimes.llamacpp.options import LoadOptions
from aqe_desktop.runtimes.llamacpp.shape import read_shape
from aqe_desktop.services.planning.deciding import planned
from tests.runtimes.llamacpp import gguf_files

_OPTIONS = LoadOptions(n_ctx=4096, n_parallel=2, n_batch=64)


def test_an_engine_needs_what_the_plan_says(starter_model: Path) -> None:
    metadata = read_metadata(starter_model)
    for options, settings in (
        (_OPTIONS, LoadSettings(context=4096, slots=2, batch=64)),
        (
            replace(_OPTIONS, kv_type="q8_0", mmap=False, flash_attention=False),
            LoadSettings(context=4096, slots=2, batch=64, kv_type="q8_0", mmap=False, flash_attention=False),
        ),
    ):
        plan = planned("starter", read_shape([starter_model]), settings, Hardware())
        margin = sum(part.bytes for part in plan.parts if part.use is Use.MARGIN)
        spare = sum(part.bytes for part in plan.parts if part.use is Use.SPARE)
        need = need_of([starter_model], metadata, options, beside=0)
        assert need == Need(plan.needed, plan.needed - margin + spare)
        assert need_of([starter_model], metadata, options, beside=7).counted == need.counted + 7


def test_a_header_without_a_shape_is_reckoned_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    gguf_files.sparse(file, gguf_files.model(), 10_000_000_000)
    assert need_of([file], read_metadata(file), _OPTIONS, beside=0).counted > 10_000_000_000


def test_a_refusal_has_the_figures_and_an_unknown_amount_refuses_nothing() -> None:
    require(Need(5 * 1024**3, 0), None, "large")
    require(Need(5 * 1024**3, 0), 5 * 1024**3, "large")
    with pytest.raises(NotEnoughMemory, match=r"large needs about 5\.4 GB of memory, and 4\.3 GB are free"):
        require(Need(5 * 1024**3, 0), 4 * 1024**3, "large")
