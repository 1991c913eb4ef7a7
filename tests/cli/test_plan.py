"""`aqe plan` for a real model in a real profile."""

from __future__ import annotations

from aqe_desktop.cli.plan import lines_of
from aqe_desktop.core.plan import MEMORY, Device, Fit, Part, Plan, Use
from aqe_desktop.machine.paths import find_paths
from tests.cli.conftest import Command

_STARTER = "llamacpp/SmolLM2-135M-Instruct.Q4_1"
_GIB = 1024**3


def test_a_model_is_planned_without_being_loaded(aqe: Command) -> None:
    told = aqe("plan", _STARTER, "--json").json
    assert told["ref"] == _STARTER
    assert told["fit"] in ("fits", "not")
    assert told["layers"] == 30
    assert told["context"] == 8192
    parts: dict[str, int] = {}
    for part in told["parts"]:
        parts[part["use"]] = parts.get(part["use"], 0) + part["bytes"]
    assert parts["cache"] == 2 * 8192 * 30 * 192 * 2 * 2
    assert told["devices"][0]["needed"] == told["needed"] == sum(parts.values())
    assert aqe("runtimes", "--json").json["runtimes"][0]["phase"] == "stopped"


def test_another_setting_plans_anew(aqe: Command) -> None:
    told = aqe("plan", _STARTER, "--set", "context=2048", "--set", "slots=1", "--set", "kv_type=q8_0", "--json").json
    assert told["context"] == 2048
    assert sum(e["bytes"] for e in told["parts"] if e["use"] == "cache") == 2048 * 30 * (192 * 34 // 32) * 2


def test_the_human_form_has_the_sentence_and_a_bar(aqe: Command) -> None:
    lines = aqe("plan", _STARTER).out.splitlines()
    assert "MB for a context of 8 192 tokens" in lines[0]
    assert any(line.startswith("Memory [#") for line in lines)


def test_a_file_that_is_no_model_is_told_as_a_plan_that_cannot_be(aqe: Command) -> None:
    models = find_paths().models
    models.mkdir(parents=True, exist_ok=True)
    (models / "cut.gguf").write_bytes(b"GGUF\x03\x00")
    told = aqe("plan", "llamacpp/cut", "--json").json
    assert told["fit"] == "unknown"
    assert "cannot be planned" in told["sentence"]


def test_a_model_that_is_not_here_is_an_error(aqe: Command) -> None:
    assert aqe("plan", "llamacpp/none", "--json", code=None).json["error"]["kind"] == "model_broken"


def test_the_bar_is_full_and_says_so_where_it_is_too_much() -> None:
    devices = (
        Device(MEMORY, "Memory", 4 * _GIB, 2 * _GIB),
        Device("nvidia0", "Card \x1b[2J", 8 * _GIB, None, gpu=True),
    )
    parts = (Part(MEMORY, Use.WEIGHTS, 3 * _GIB), Part("nvidia0", Use.CACHE, _GIB))
    lines = lines_of(Plan(Fit.NOT, "It does not fit.", devices, parts, 4 * _GIB))
    assert f"Memory [{'#' * 32}] 3.2 GB of 2.1 GB free (more than there is)" in lines
    assert "Card [2J: 1.1 GB needed, how much is free is not known" in lines


def test_an_unknown_plan_is_its_sentence_alone() -> None:
    unknown = Plan(Fit.UNKNOWN, "It cannot be planned: nobody knows.", (Device(MEMORY, "Memory", 1, 1),))
    assert lines_of(unknown) == ["It cannot be planned: nobody knows."]
