"""`aqe models`, `runtimes`, `load`, `pull` and `rm` as a user runs them: real processes, a server on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.cli.box import Box, serving
from tests.cli.conftest import Command

STARTER = "llamacpp/SmolLM2-135M-Instruct.Q4_1"


@pytest.fixture
def box() -> Iterator[Box]:
    with serving() as box:
        yield box


def test_every_model_has_its_zone_and_proof(aqe: Command, box: Box) -> None:
    aqe("runtimes", "add", "box", "--url", box.url, "--zone", "lan")
    aqe("runtimes", "add", "far", "--url", box.url)
    told = aqe("models", "--json").json
    places = {each["ref"]: (each["zone"], each["proof"], each["runtime"]) for each in told["models"]}
    assert places == {
        STARTER: ("device", "proved", "llamacpp"),
        "box/org/coder": ("lan", "declared", "box"),
        "far/org/coder": ("cloud", "unproved", "far"),
    }
    assert all(each["facts"] for each in told["models"])
    assert [each["ref"] for each in told["models"] if each["default"]] == [STARTER]
    lines = aqe("models").out.splitlines()
    assert [line.split()[0] for line in lines] == ["MODEL", STARTER, "box/org/coder", "far/org/coder"]
    assert "this device" in lines[1]
    assert "local network, as you said" in lines[2]
    assert "cloud, not proved" in lines[3]


@pytest.mark.long
def test_a_server_that_hangs_costs_the_others_nothing_and_says_so(aqe: Command, box: Box) -> None:
    aqe("runtimes", "add", "box", "--url", box.url)
    aqe("models", "--json")
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        aqe("runtimes", "set", "box", "--url", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        told = aqe("models", "--json").json
    assert {each["ref"] for each in told["models"]} == {STARTER, "box/org/coder"}
    answered = {each["id"]: each["answered"] for each in told["runtimes"]}
    assert (answered["llamacpp"], answered["box"]) == (True, False)
    (silent,) = [each for each in told["runtimes"] if each["id"] == "box"]
    assert silent["message"]
    assert silent["hint"]


def test_a_server_is_added_set_and_removed(aqe: Command, box: Box) -> None:
    added = aqe("runtimes", "add", "box", "--url", box.url, "--json").json
    assert added == {"added": "box", "url": box.url, "zone": None, "program": None}
    assert aqe("runtimes", "set", "box", "--zone", "device", "--json").json["zone"] == "device"
    (row,) = [each for each in aqe("runtimes", "--json").json["runtimes"] if each["id"] == "box"]
    assert (row["phase"], row["zone"], row["proof"], row["address"]) == ("ready", "device", "declared", box.url)
    assert aqe("runtimes", "remove", "box", "--json").json == {"removed": "box"}
    assert "box" not in {each["id"] for each in aqe("runtimes", "--json").json["runtimes"]}


@pytest.mark.parametrize(
    "words",
    [
        ("runtimes", "start", "llamacpp"),
        ("runtimes", "stop", "nowhere"),
        ("runtimes", "logs", "ollama"),
        ("runtimes", "set", "llamacpp", "--url", "http://127.0.0.1:1"),
        ("runtimes", "set", "ollama"),
        ("runtimes", "add", "ollama", "--url", "http://127.0.0.1:1"),
        ("runtimes", "add", "box", "--url", "http://user:secret@127.0.0.1:1"),
        ("runtimes", "add", "box"),
        ("runtimes", "remove", "llamacpp"),
        ("pull", "nothing"),
        ("pull", "nowhere/nothing"),
        ("load", "llamacpp"),
        ("unload", "nowhere/x"),
        ("rm", "nowhere/x"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_in_words(aqe: Command, words: tuple[str, ...]) -> None:
    error = aqe(*words, "--json", code=2).json["error"]
    assert error["kind"] == "usage"
    assert error["hint"]


def test_starting_what_is_not_installed_says_what_to_install(aqe: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    aqe("runtimes", "set", "ollama", "--program", "/nowhere/ollama")
    error = aqe("runtimes", "start", "ollama", "--json", code=4).json["error"]
    assert "not installed" in error["message"]
    aqe("pull", "ollama/x", code=4)


def test_a_model_that_nobody_loaded_is_not_said_to_be_loaded(aqe: Command, box: Box) -> None:
    """Its server loads it when it is asked, and does not say what it holds."""
    aqe("runtimes", "add", "box", "--url", box.url, "--zone", "lan")
    told = aqe("load", "box/org/coder").out
    assert "box/org/coder is not known to be in memory" in told
    assert "is loaded." not in told
    loaded = aqe("load", "box/org/coder", "--json").json
    assert (loaded["loaded"], loaded["phase"], loaded["zone"]) == (None, "stopped", "lan")


def test_a_model_is_loaded_and_let_go(aqe: Command) -> None:
    loaded = aqe("load", STARTER, "--json").json
    assert (loaded["loaded"], loaded["phase"], loaded["zone"], loaded["proof"]) == (
        STARTER,
        "ready",
        "device",
        "proved",
    )
    assert aqe("unload", STARTER, "--json").json == {"unloaded": STARTER}
    assert aqe("load", "llamacpp/none", "--json", code=4).json["error"]["kind"] == "model_broken"
