"""What `--set` takes, and how `aqe load` tells what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.cli.load_settings import changes_of, lines_of
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.loading import LoadSettings
from tests.cli.conftest import Command
from tests.runtimes.llamacpp import gguf_files as gguf

_STARTER = "llamacpp/SmolLM2-135M-Instruct.Q4_1"


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ([], {}),
        (["context=4096", "mmap=no"], {"context": 4096, "mmap": False}),
        (["gpu_layers=-1", "kv_type=q4_0"], {"gpu_layers": -1, "kv_type": "q4_0"}),
        (["tensor_split=3,1", "rope_scale=0.5"], {"tensor_split": (3.0, 1.0), "rope_scale": 0.5}),
        (["lora=/a,/b", "flash_attention=on"], {"lora": ("/a", "/b"), "flash_attention": True}),
        (["context=", "lora=", "draft="], {"context": None, "lora": (), "draft": ""}),
    ],
)
def test_settings_are_read_as_their_kind(words: list[str], changes: dict[str, Any]) -> None:
    assert changes_of(words) == changes


@pytest.mark.parametrize(
    "word", ["context", "contxt=1", "context=many", "context=1", "kv_type=q9", "mmap=perhaps", "tensor_split=a,b", "=3"]
)
def test_a_setting_that_makes_no_sense_is_refused_with_what_would(word: str) -> None:
    with pytest.raises(UsageError) as refused:
        changes_of([word])
    assert refused.value.hint


def test_what_the_engine_says_of_each_setting_is_told() -> None:
    settings = LoadSettings(context=1000, mmap=False, rope_scale=2.5, lora=("/a", "/b"), threads=2)
    confirmed = {"context": 1024, "mmap": False, "rope_scale": 2.50001, "lora": ("/a", "/b"), "batch": 64}
    assert lines_of(settings, confirmed) == [
        "  context: 1024, not 1000 as asked",
        "  threads: 2 (unconfirmed: the engine does not say)",
        "  mmap: no (confirmed)",
        "  rope_scale: 2.5 (confirmed)",
        "  lora: /a, /b (confirmed)",
    ]


def test_a_plan_goes_by_what_is_saved_and_a_wrong_file_saves_nothing(aqe: Command) -> None:
    refused = aqe("load", _STARTER, "--set", "context=512", "--set", "draft=/gone.gguf", "--json", code=2)
    assert "/gone.gguf cannot be read" in refused.json["error"]["message"]
    assert aqe("plan", _STARTER, "--json").json["context"] == 8192


@pytest.mark.long
def test_settings_are_kept_applied_and_confirmed_and_the_model_stays_as_long_as_they_say(aqe: Command) -> None:
    words = ("--set", "context=1000", "--set", "kv_type=q8_0", "--set", "slots=1", "--set", "keep_alive_s=600")
    told = aqe("load", _STARTER, *words)
    try:
        assert told.out.splitlines() == [
            f"{_STARTER} is loaded.",
            "  context: 1024, not 1000 as asked",
            "  kv_type: q8_0 (confirmed)",
            "  slots: 1 (confirmed)",
            "  keep_alive_s: 600 (confirmed)",
        ]
        assert "It stays in memory for 600 s" in told.err
        assert aqe("plan", _STARTER, "--json").json["context"] == 1024
        listed = aqe("models", "--json").json["models"]
        assert next(each for each in listed if each["ref"] == _STARTER)["until"] > 0
        again = aqe("load", _STARTER, "--json").json
        assert again["settings"] == {"context": 1000, "kv_type": "q8_0", "slots": 1, "keep_alive_s": 600}
        assert again["confirmed"]["context"] == again["context"] == 1024
    finally:
        aqe("unload", _STARTER)
    listed = aqe("models", "--json").json["models"]
    assert not next(each for each in listed if each["ref"] == _STARTER)["loaded"]


@pytest.mark.long
def test_how_long_a_model_stays_is_said_of_one_that_was_loaded(aqe: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tiny.gguf").write_bytes(gguf.model())
    aqe("models", "folders", "add", tmp_path / "mine")
    told = aqe("load", "llamacpp/tiny", code=4).err
    assert "cannot be loaded" in told
    assert "An engine of this app ends" not in told
