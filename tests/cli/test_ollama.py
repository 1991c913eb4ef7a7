"""A genuine Ollama from the command line, and a registry on loopback: long, for `make parts` builds its program."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import AQE, Command
from tests.parts import ollama_binary
from tests.runtimes.ollama.real import free_port

_REGISTRY = Path(__file__).parents[1] / "runtimes" / "ollama" / "registry.py"
_SLOW = "8000000"  # bytes a second
pytestmark = pytest.mark.long


@pytest.fixture
def ollama(aqe: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """With a port and models of the test's own; whatever was started is stopped."""
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "models"))
    port = free_port()
    aqe("runtimes", "set", "ollama", "--url", f"http://127.0.0.1:{port}", "--program", ollama_binary())
    yield aqe
    aqe("runtimes", "stop", "ollama")


@contextmanager
def registry(gguf: Path, a_second: str = "0") -> Iterator[str]:
    """The reference of its model."""
    words = [sys.executable, str(_REGISTRY), "0", str(gguf), a_second, "none"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield f"ollama/127.0.0.1:{int(process.stdout.readline())}/library/smol"
    finally:
        process.kill()
        process.communicate()


def test_a_server_that_was_started_stays_and_a_model_comes_answers_and_goes(
    ollama: Command, starter_model: Path
) -> None:
    (status,) = ollama("runtimes", "start", "ollama", "--json").json["runtimes"]
    assert (status["phase"], status["ours"]) == ("ready", True)
    with registry(starter_model) as ref:
        pulled = ollama("pull", ref, "--json")
        assert pulled.json["pulled"] == ref
        assert pulled.json["bytes"] > starter_model.stat().st_size
        assert "Done" in pulled.err
    told = {each["ref"]: each for each in ollama("models", "--json").json["models"]}
    listed = told[f"{ref}:latest"]
    assert (listed["zone"], listed["proof"], listed["loaded"]) == ("device", "proved", False)
    assert ollama("load", f"{ref}:latest", "--json").json["memory"] > 0
    assert {each["ref"]: each["loaded"] for each in ollama("models", "--json").json["models"]}[f"{ref}:latest"]
    answer = ollama("chat", "Say yes.", "--model", f"{ref}:latest", "--max-output", "8", "--json").json
    assert (answer["route"]["zone"], answer["route"]["proof"], answer["ledger_seq"]) == ("device", "proved", None)
    assert ollama("models", "--json").json["models"][-1]["speed"] is not None
    ollama("unload", f"{ref}:latest")
    assert ollama("rm", f"{ref}:latest", "--json").json == {"removed": f"{ref}:latest", "also_used_by": []}
    assert f"{ref}:latest" not in {each["ref"] for each in ollama("models", "--json").json["models"]}
    assert ollama("runtimes", "logs", "ollama", "--lines", "5", "--json").json["lines"]
    (status,) = ollama("runtimes", "stop", "ollama", "--json").json["runtimes"]
    assert status["phase"] == "stopped"


def test_ctrl_c_ends_a_download_and_a_later_one_goes_on(ollama: Command, starter_model: Path) -> None:
    ollama("runtimes", "start", "ollama")
    with registry(starter_model, _SLOW) as ref:
        pulling = subprocess.Popen([*AQE, "pull", ref, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert pulling.stderr is not None
        while b" 20%" not in pulling.stderr.readline():
            assert pulling.poll() is None
        pulling.send_signal(signal.SIGINT)
        out, _ = pulling.communicate(timeout=60)
        assert pulling.returncode == 130
        assert b"interrupted" in out
        time.sleep(1)
        first = ollama("pull", ref).err.splitlines()[0]
    rows = ollama("ledger", "show", "--json").json["rows"]
    assert {row["status"] for row in rows if row["kind"] == "ended" and row["via"] == "ollama"} == {"left", "200"}
    assert first


def test_a_model_is_made_of_a_file_copied_asked_for_vectors_and_removed(ollama: Command, starter_model: Path) -> None:
    made = ollama("create", "ollama/own", starter_model, "--json")
    assert made.json["created"] == "ollama/own"
    assert "no place for tools" in made.json["warnings"][0]
    assert "Reading the file" in made.err
    ollama("runtimes", "start", "ollama")
    assert ollama("copy", "ollama/own", "second", "--json").json == {
        "copied": "ollama/own",
        "copy": "ollama/second:latest",
    }
    taken = ollama("copy", "ollama/own", "second", "--json", code=2).json["error"]
    assert "has a model second:latest already" in taken["message"]
    told = {each["ref"]: each for each in ollama("models", "--json").json["models"]}
    assert told["ollama/own:latest"]["files"]
    assert ollama("plan", "ollama/own:latest", "--json").json["fit"] != "unknown"
    found = ollama("embed", "ollama/own", "A ship.", "--json")
    assert (len(found.json["vectors"]), found.json["dimensions"]) == (1, 576)
    tools = ollama.folder / "tools.json"
    tools.write_text('[{"type": "function", "function": {"name": "now"}}]')
    refused = ollama("chat", "Hi", "--model", "ollama/own", "--tools", tools, "--json", code=4).json["error"]
    assert "cannot call tools" in refused["message"]
    for name in ("own", "second"):
        ollama("rm", f"ollama/{name}")
    assert not {"ollama/own:latest", "ollama/second:latest"} & {
        each["ref"] for each in ollama("models", "--json").json["models"]
    }
