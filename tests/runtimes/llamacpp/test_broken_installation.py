"""What is broken in the installation is told at once, by its own words, and not tried again and again."""

from __future__ import annotations

import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.models import ModelRef, Phase
from aqe_desktop.machine.paths import Paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from tests.runtimes.llamacpp.conversation import phase


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What lies here comes before the same in this environment, for the workers that the app starts."""
    folder, environment = tmp_path / "planted", tmp_path / "environment"
    folder.mkdir()
    venv.create(environment, symlinks=True)
    base = {"base": str(environment), "platbase": str(environment)}
    ours = sysconfig.get_path("purelib")
    (Path(sysconfig.get_path("purelib", "venv", base)) / "planted.pth").write_text(
        f"{folder}\nimport site; site.addsitedir({ours!r})\n"
    )
    monkeypatch.setattr(sys, "executable", str(Path(sysconfig.get_path("scripts", "venv", base)) / "python"))
    return folder


async def test_a_keeper_that_dies_at_its_start_is_told_with_its_last_words(
    runtime: LlamaCpp, starter: ModelRef, paths: Paths, planted: Path
) -> None:
    (planted / "aqe_desktop").mkdir()
    (planted / "aqe_desktop" / "__init__.py").write_text('raise ImportError("half of it is missing")\n')
    with pytest.raises(ProviderFailed, match=r"ended while it started \(status 1\): .*half of it is missing") as caught:
        await runtime.load(starter)
    assert "engine.log" in caught.value.hint
    assert phase(runtime) is Phase.FAILED
    assert (paths.logs / "engine.log").read_text().count("Traceback") == 1, "it was started again"


async def test_an_engine_that_cannot_be_imported_is_no_fault_of_the_models(
    runtime: LlamaCpp, starter: ModelRef, planted: Path
) -> None:
    (planted / "xllamacpp.py").write_text('raise ImportError("libgomp.so.1: cannot open shared object file")\n')
    with pytest.raises(ProviderFailed, match=r"The engine cannot be used here: libgomp\.so\.1") as caught:
        await runtime.load(starter)
    assert type(caught.value) is ProviderFailed
    assert phase(runtime) is Phase.FAILED


async def test_the_next_start_works_once_the_installation_does(
    runtime: LlamaCpp, starter: ModelRef, planted: Path
) -> None:
    (planted / "xllamacpp.py").write_text('raise ImportError("it is missing")\n')
    with pytest.raises(ProviderFailed):
        await runtime.load(starter)
    (planted / "xllamacpp.py").unlink()
    await runtime.load(starter)
    assert phase(runtime) is Phase.READY
