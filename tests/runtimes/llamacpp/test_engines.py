"""Which engine is chosen, and what is known of it: with programs that answer as real ones were seen to."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.loading import ALL, SETTINGS
from aqe_desktop.core.models import Phase
from aqe_desktop.machine.door import Address
from aqe_desktop.runtimes.llamacpp import LoadOptions, engines, statuses
from aqe_desktop.runtimes.llamacpp.engines import Engine, Engines, Wanted
from aqe_desktop.runtimes.llamacpp.options import ENGINE, LLAMA_CPP_PYTHON, LLAMA_SERVER
from aqe_desktop.runtimes.llamacpp.worker.llama_server import LlamaServer
from aqe_desktop.runtimes.llamacpp.worker.server import Order

_NEW = """-c, --ctx-size N
-ngl, --gpu-layers, --n-gpu-layers N
-ctk, --cache-type-k TYPE
-ctv, --cache-type-v TYPE
-t, --threads N
-tb, --threads-batch N
-b, --batch-size N
-ub, --ubatch-size N
-np, --parallel N
-fa, --flash-attn [on|off|auto]
-lm, --load-mode MODE
-mg, --main-gpu INDEX
-ts, --tensor-split N0,N1
--rope-freq-base N
--rope-scale N
--lora FNAME
--spec-draft-model, -md, --model-draft FNAME
--spec-type none,draft-simple
--list-devices
--ui, --webui, --no-ui, --no-webui
--slots, --no-slots
--offline
--verbosity, --log-verbosity N
"""
_OLD = "-c, --ctx-size N\n-t, --threads N\n-np, --parallel N\n-fa, --flash-attn\n--no-mmap\n--mlock\n--no-webui\n"
_VERSION = "version: 0.6.0-dev (build 11434, commit unknown)"
_GPU = "  CUDA0: NVIDIA L4 (22563 MiB, 22320 MiB free)"


def _program(path: Path, answers: dict[str, str]) -> str:
    """Answers by its first word, and notes that it was asked."""
    cases = "".join(f"{word}) cat <<'END'\n{text}\nEND\n;;\n" for word, text in answers.items())
    path.write_text(f'#!/bin/sh\necho "$1" >> "{path}.asked"\ncase "$1" in\n{cases}esac\n')
    path.chmod(0o700)
    return str(path)


def _server(folder: Path, text: str = _NEW, device: str = "  (none)") -> str:
    said = {"--help": text, "--version": _VERSION, "--list-devices": f"Available devices:\n{device}"}
    return _program(folder / "llama-server", said)


def _python(folder: Path, devices: str = "{}") -> str:
    return _program(folder / "python", {"-I": f'{{"devices": {devices}, "version": "0.3.36"}}'})


def _order(options: LoadOptions) -> Order:
    settled = replace(options, n_ctx=options.n_ctx or 1024, n_threads=1, n_batch=64)
    return Order(Path("/m/a.gguf"), "a", Address(Path("/run/e.sock")), "secret-token", settled)


@pytest.fixture(autouse=True)
def _nothing_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)


def test_alone_the_built_in_engine_is_taken_and_nobody_is_asked(tmp_path: Path) -> None:
    chosen = Engines(Wanted(), tmp_path).chosen()
    assert (chosen.name, chosen.devices, chosen.why) == (ENGINE, None, "the only engine here")
    assert not (tmp_path / engines.FILE).exists()


def test_the_first_engine_that_can_use_an_accelerator_is_taken(tmp_path: Path) -> None:
    found = Engines(Wanted(server=_server(tmp_path, device=_GPU), python=_python(tmp_path)), tmp_path).chosen()
    assert (found.name, found.version) == (LLAMA_SERVER, "11434")
    assert found.devices == ("CUDA0: NVIDIA L4",)
    assert "accelerator" in found.why


def test_without_an_accelerator_the_built_in_engine_is_taken(tmp_path: Path) -> None:
    found = Engines(Wanted(server=_server(tmp_path), python=_python(tmp_path)), tmp_path).chosen()
    assert (found.name, found.devices) == (ENGINE, ())
    assert found.why == "no engine here can use an accelerator"


def test_the_user_s_word_counts_without_an_accelerator_too(tmp_path: Path) -> None:
    found = Engines(Wanted(LLAMA_CPP_PYTHON, python=_python(tmp_path)), tmp_path).chosen()
    assert (found.name, found.version, found.problem) == (LLAMA_CPP_PYTHON, "0.3.36", "")
    assert found.lacks == ("Parallel conversations", "Draft model")


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(LLAMA_SERVER), "llama-server is not installed"),
        (Wanted(LLAMA_SERVER, server="/nowhere/x"), "no program /nowhere/x"),
        (Wanted(LLAMA_CPP_PYTHON), "llama-cpp-python is not installed"),
        (Wanted(LLAMA_CPP_PYTHON, python="/bin/false"), "/bin/false has no usable llama-cpp-python"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_chosen_engine_that_is_missing_is_named_and_no_other_takes_its_place(
    tmp_path: Path, wanted: Wanted, said: str
) -> None:
    chosen = Engines(wanted, tmp_path).chosen()
    status = statuses.resting(chosen)
    assert said in chosen.problem
    assert (status.phase, status.message, bool(status.hint)) == (Phase.ABSENT, chosen.problem, True)
    with pytest.raises(ProviderFailed, match=said):
        chosen.require_usable()


def test_an_engine_is_asked_once_until_it_changes(tmp_path: Path) -> None:
    program = _server(tmp_path)
    wanted, asked = Wanted(LLAMA_SERVER, server=program), Path(f"{program}.asked")
    first = Engines(wanted, tmp_path).chosen()
    asked.unlink()
    assert Engines(wanted, tmp_path).chosen() == first
    assert Engines(wanted, tmp_path).takes == first.takes
    assert not asked.exists()
    os.utime(program, (1, 1))
    Engines(wanted, tmp_path).chosen()
    assert asked.exists()


def test_a_row_says_engine_version_reason_and_what_it_does_not_know() -> None:
    known = frozenset(each.name for each in SETTINGS) - {"slots", "draft"}
    status = statuses.resting(Engine(LLAMA_CPP_PYTHON, "/p", "0.3.36", (), known, why="chosen in the settings"))
    assert status.version == "0.3.36 (llama-cpp-python)"
    assert dict(status.details) == {
        "Engine": "llama-cpp-python 0.3.36",
        "Chosen because": "chosen in the settings",
        "Does not know": "Parallel conversations, Draft model",
    }


def test_the_doctor_hears_what_each_can_use(tmp_path: Path) -> None:
    here = Engines(Wanted(server=_server(tmp_path, _OLD + "--list-devices\n", _GPU)), tmp_path)
    assert here.require_chosen() == "llama-server 11434, the first engine that can use an accelerator"
    assert here.told(LLAMA_SERVER).startswith("11434 uses CUDA0: NVIDIA L4; it does not know: layers on the gpu")
    assert here.told(LLAMA_CPP_PYTHON).startswith("llama-cpp-python is not installed. Install the extra")


def test_what_a_build_of_llama_server_lacks_is_not_taken(tmp_path: Path) -> None:
    assert LlamaServer(Path(_server(tmp_path))).takes == frozenset(each.name for each in SETTINGS)
    old = LlamaServer(Path(_server(tmp_path, _OLD)))
    assert old.takes == {"context", "threads", "slots", "mmap", "mlock", "keep_alive_s"}
    assert old.devices() == {}


def test_every_setting_reaches_llama_server_as_a_flag_and_the_token_never(tmp_path: Path) -> None:
    options = LoadOptions(
        n_ctx=512, n_parallel=3, kv_type="q8_0", n_gpu_layers=ALL, flash_attention=False, mmap=False, mlock=True,
        main_gpu=1, tensor_split=(3.0, 1.0), rope_base=5e5, rope_scale=2.0, lora=("/l/a", "/l/b"), draft="/d.gguf",
    )  # fmt: skip
    words = LlamaServer(Path(_server(tmp_path)))._command(_order(options))
    line = " ".join(words)
    for flags in (
        "--host /run/e.sock", "--no-ui", "--no-slots", "--offline", "--ctx-size 1536", "--parallel 3",
        "--cache-type-k q8_0 --cache-type-v q8_0", "--n-gpu-layers 999", "--flash-attn off", "--load-mode mlock",
        "--main-gpu 1", "--tensor-split 3.0,1.0", "--rope-freq-base 500000.0", "--rope-scale 2.0",
        "--lora /l/a --lora /l/b", "--spec-draft-model /d.gguf --spec-type draft-simple",
    ):  # fmt: skip
        assert flags in line
    assert "secret-token" not in line


def test_an_older_llama_server_gets_its_own_words_and_none_that_it_does_not_know(tmp_path: Path) -> None:
    words = LlamaServer(Path(_server(tmp_path, _OLD)))._command(_order(LoadOptions(mmap=False, mlock=True)))
    flags = [word for word in words if word.startswith("--")]
    assert {"--no-mmap", "--mlock", "--no-webui", "--ctx-size"} <= set(flags)
    assert not {"--load-mode", "--offline", "--batch-size", "--flash-attn"} & set(flags)


def test_what_is_no_llama_server_is_named(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no program")
    with pytest.raises(ProviderFailed, match=r"notes\.txt cannot be run as llama-server"):
        LlamaServer(text)


@pytest.mark.parametrize("program", ["/bin/true", "/bin/cat"])
def test_a_program_that_runs_and_is_no_llama_server_is_named(program: str) -> None:
    with pytest.raises(ProviderFailed, match=f"{program} cannot be run as llama-server"):
        LlamaServer(Path(program))
