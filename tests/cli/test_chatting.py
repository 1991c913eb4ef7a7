"""`aqe chat` against the real model: streamed, piped, continued, and as one object."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from aqe_desktop.cli.history import _row
from aqe_desktop.core.history import Conversation
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from tests.cli.conftest import Command

SHORT = ("--max-output", "16", "--temperature", "0")
LONG = ("chat", "Write a very long story about a dragon and a knight.", "--temperature", "0")
ZERO_USD = "0.000000000000"


def test_a_question_gets_an_answer_and_nothing_else_on_standard_output(aqe: Command) -> None:
    done = aqe("chat", "What is 2+2?", *SHORT)
    assert "4" in done.out
    assert done.out.endswith("\n")
    assert (done.err, "\x1b" in done.out) == ("", False)


def test_the_json_object_has_what_is_promised(aqe: Command) -> None:
    told = aqe("chat", "What is 2+2?", "--json", *SHORT).json
    assert "4" in told["text"]
    route = told["route"]
    assert (route["zone"], route["proof"], route["provider"], route["task"]) == ("device", "proved", "llamacpp", "chat")
    assert route["rule"] == "device.only"
    assert any("network namespace" in fact for fact in route["why"])
    assert told["cost"] == {"usd": ZERO_USD, "basis": "free"}
    assert 0 < told["usage"]["output"] <= 16
    assert told["timing"]["tokens_per_s"] > 0
    assert (told["conversation"], told["ledger_seq"]) == (1, None)


def test_the_prompt_can_come_from_standard_input_and_go_on_later(aqe: Command) -> None:
    aqe("chat", "-", *SHORT, given="My name is Ada.\n")
    aqe("chat", "--continue", "What is my name?", *SHORT)
    aqe("chat", "--continue", "1", "And once more?", *SHORT)
    shown = aqe("history", "show", "1", "--json").json
    asked = [message["text"] for message in shown["messages"] if message["role"] == "user"]
    assert asked == ["My name is Ada.\n", "What is my name?", "And once more?"]


def test_a_file_is_attached_by_its_text(aqe: Command) -> None:
    path = aqe.folder / "secret.txt"
    path.write_text("The word is xylophone.\n")
    told = aqe("chat", "Repeat the file.", "--file", path, "--json", *SHORT).json
    shown = aqe("history", "show", str(told["conversation"]), "--json").json
    (kept,) = shown["messages"][0]["attachments"]
    assert (kept["name"], kept["text"], kept["size"]) == ("secret.txt", "The word is xylophone.\n", 23)


def test_sampling_reaches_the_engine_and_is_read_back(aqe: Command) -> None:
    flags = ("--temperature", "0.3", "--top-p", "0.8", "--top-k", "7", "--min-p", "0.1", "--seed", "42")
    told = aqe("chat", "Hi", "--json", *flags, "--stop", "zzz", "--max-output", "5", "--system", "Be kind.").json
    (_, answer) = aqe("history", "show", str(told["conversation"]), "--json").json["messages"]
    received = answer["reply"]["received"]
    assert received["temperature"] == pytest.approx(0.3)
    assert received["top_p"] == pytest.approx(0.8)
    assert received["min_p"] == pytest.approx(0.1)
    assert (received["top_k"], received["seed"]) == (7, 42)
    assert answer["reply"]["finish"] in ("length", "stop")


def test_an_answer_fits_the_schema_that_is_given(aqe: Command) -> None:
    schema = aqe.folder / "year.json"
    schema.write_text('{"type": "object", "properties": {"year": {"type": "integer"}}, "required": ["year"]}')
    flags = ("--schema", schema, "--temperature", "0", "--max-output", "200")
    assert isinstance(json.loads(aqe("chat", "When was it built?", *flags).out)["year"], int)


def test_a_preset_is_the_base_that_flags_change(aqe: Command) -> None:
    told = aqe("chat", "Hi", "--json", "--preset", "Precise", "--max-output", "5").json
    answer = aqe("history", "show", str(told["conversation"]), "--json").json["messages"][1]
    assert answer["reply"]["received"]["temperature"] == pytest.approx(0.2)
    assert aqe("chat", "Hi", "--preset", "none such", code=2).err.startswith("aqe: There is no preset")


def test_the_same_seed_gives_the_same_answer(aqe: Command) -> None:
    flags = ("--seed", "7", "--temperature", "1", "--max-output", "12")
    assert aqe("chat", "Tell me a story.", *flags).out == aqe("chat", "Tell me a story.", *flags).out


def test_the_conversation_knows_the_project_it_was_asked_in(aqe: Command) -> None:
    inner = aqe.folder / "src" / "deep"
    inner.mkdir(parents=True)
    (aqe.folder / ".git").mkdir()
    aqe.folder, root = inner, aqe.folder
    aqe("chat", "Hi", *SHORT)
    aqe("chat", "Hi", "--project", inner, *SHORT)
    projects = [each["project"] for each in aqe("history", "--json").json["conversations"]]
    assert projects == [str(inner), str(root)]


def test_a_reader_that_leaves_ends_it_quietly(aqe: Command) -> None:
    process = aqe.start(*LONG, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(5)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141
    (_, answer) = aqe("history", "show", "1", "--json").json["messages"]
    assert answer["state"] == "stopped"
    assert answer["text"]


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_keeps_what_arrived(aqe: Command, name: str, code: int) -> None:
    process = aqe.start(*LONG, stderr=subprocess.PIPE)
    assert process.stdout is not None
    begun = process.stdout.read(20)
    process.send_signal(getattr(signal, name))
    rest, error = process.communicate(timeout=60)
    assert process.returncode == code, error
    assert b"Traceback" not in error
    (_, answer) = aqe("history", "show", "1", "--json").json["messages"]
    assert answer["state"] == "stopped"
    assert answer["text"].encode().startswith(begun)
    assert (begun + rest).rstrip(b"\n") == answer["text"].encode().rstrip(b"\n")


def test_what_a_kill_cut_off_is_kept_and_said_at_the_next_start(aqe: Command) -> None:
    process = aqe.start(*LONG)
    assert process.stdout is not None
    begun = process.stdout.read(100)
    _wait_until_kept(begun)
    process.kill()
    process.communicate()
    first = aqe("history")
    assert "An answer was cut off when the app ended unexpectedly." in first.err
    assert "`aqe history show 1`" in first.err
    shown = aqe("history", "show", "1", "--json")
    assert shown.err == ""
    (_, answer) = shown.json["messages"]
    assert answer["state"] == "cut"
    assert answer["text"].encode().startswith(begun)


def _wait_until_kept(begun: bytes) -> None:
    """Until the database holds what was seen, as another program reads it."""

    async def kept() -> str:
        database = await Database.open(find_paths().database)
        try:
            return (await ConversationStore(database).message(2)).text
        finally:
            await database.close()

    deadline = time.monotonic() + 60
    while not asyncio.run(kept()).encode().startswith(begun):
        assert time.monotonic() < deadline, "it was never written"
        time.sleep(0.05)


def test_history_lists_searches_shows_deletes_and_restores(aqe: Command) -> None:
    aqe("chat", "Tell me about violins", *SHORT)
    aqe("chat", "Tell me about kites", *SHORT)
    assert aqe("history").out.splitlines()[0].endswith("Tell me about kites")
    (found,) = aqe("history", "--search", "violin", "--json").json["conversations"]
    assert (found["id"], found["zone"]) == (1, "device")
    assert "Tell me about violins" in aqe("history", "show", "1").out
    gone = aqe("history", "rm", "1")
    assert "aqe history restore 1" in gone.out
    assert [each["id"] for each in aqe("history", "--json").json["conversations"]] == [2]
    assert aqe("history", "restore", "1", "--json").json == {"restored": 1}
    assert len(aqe("history", "--json").json["conversations"]) == 2
    assert aqe("history", "show", "99", "--json", code=2).json["error"]["kind"] == "usage"


def test_models_and_runtimes_say_what_there_is(aqe: Command) -> None:
    (model,) = aqe("models", "--json").json["models"]
    assert model["ref"] == "llamacpp/SmolLM2-135M-Instruct.Q4_1"
    assert (model["default"], model["phase"], model["size"]) == (True, "stopped", 98_362_432)
    assert "not for real work" in model["note"]
    assert model["ref"] in aqe("models").out
    runtime = next(each for each in aqe("runtimes", "--json").json["runtimes"] if each["id"] == "llamacpp")
    assert (runtime["id"], runtime["phase"]) == ("llamacpp", "stopped")
    assert "llamacpp" in aqe("runtimes").out


def test_a_model_can_be_named(aqe: Command) -> None:
    ref = "llamacpp/SmolLM2-135M-Instruct.Q4_1"
    told = aqe("chat", "Hi", "--model", ref, "--json", *SHORT).json
    assert f"{told['route']['provider']}/{told['route']['model']}" == ref


def test_two_at_once_share_one_engine_and_both_answer(aqe: Command) -> None:
    both = [aqe.start("chat", f"Say {word}.", *SHORT) for word in ("one", "two")]
    outs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert all(outs)
    assert len(aqe("history", "--json").json["conversations"]) == 2


def test_the_answer_is_streamed_as_it_comes(aqe: Command) -> None:
    process = aqe.start(*LONG, "--max-output", "40")
    assert process.stdout is not None
    pieces = []
    while piece := os.read(process.stdout.fileno(), 65536):
        pieces.append(piece)
    process.communicate()
    assert len(pieces) > 1


def test_diagnostics_show_before_they_save(aqe: Command, tmp_path: Path) -> None:
    aqe("chat", "My secret word is xylophone", *SHORT)
    path = tmp_path / "report.zip"
    shown = aqe("diagnostics", "--save", path)
    assert "--- doctor.json ---" in shown.out
    assert "xylophone" not in shown.out
    saved = path.read_bytes()
    refused = aqe("diagnostics", "--json", "--save", path, code=2).json["error"]
    assert "exists already" in refused["message"]
    assert path.read_bytes() == saved
    assert aqe("diagnostics", "--json").json["saved"] is None


def test_the_list_has_no_blank_title() -> None:
    assert _row(Conversation(7, "\u200b", 0, 0)).endswith("  Untitled chat")
