"""Every exchange with a real Ollama server that lies in a folder of `recorded/ollama`, replayed through our reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import ChatEvent, ReasoningDelta, TextDelta, ToolCalled
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ModelBroken, PrivacyRefused, ProviderFailed
from aqe_desktop.wires.ndjson import NdjsonParser
from aqe_desktop.wires.ollama import Decoder, Promise, object_of, remote_of
from aqe_desktop.wires.ollama_failures import failure

_FOLDER = Path(__file__).parent / "recorded" / "ollama"
_ALL = sorted(_FOLDER.glob("*/*.json"))


def _read(path: Path) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return exchange


def _named(name: str) -> dict[str, Any]:
    return _read(_FOLDER / f"{name}.json")


def _body(exchange: dict[str, Any]) -> bytes:
    response = exchange["response"]
    pieces = [text for _, text in response["chunks"]] if response.get("chunks") else [response.get("body") or ""]
    return "".join(pieces).encode()


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _chats(*, answered: bool) -> list[Path]:
    chats = [path for path in _ALL if _read(path)["request"]["path"] == "/api/chat"]
    return [path for path in chats if (_read(path)["response"]["status"] == 200) is answered]


def _objects(body: bytes, piece: int) -> list[dict[str, Any]]:
    parser, lines = NdjsonParser(), list[str]()
    for at in range(0, len(body), piece):
        lines += parser.feed(body[at : at + piece])
    return [object_of(line) for line in [*lines, *parser.end()]]


def _told(exchange: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines as a reader that knows nothing of ours sees them."""
    return [json.loads(line) for line in _body(exchange).decode().split("\n") if line.strip()]


def _decoder(exchange: dict[str, Any], promise: Promise | None = None) -> Decoder:
    request = exchange["request"]["body"]
    options = request.get("options") or {} if isinstance(request, dict) else {}
    least = sum(len(str(each["content"]).split()) for each in request.get("messages") or ())
    kept = Promise(remote_of(_told(exchange)[0])) if promise is None else promise
    return Decoder(kept, str(request["model"]), int(options.get("num_ctx", 0)), least)


def _replay(exchange: dict[str, Any], piece: int = 1 << 20) -> tuple[Decoder, list[ChatEvent], ProviderFailed | None]:
    decoder, events = _decoder(exchange), list[ChatEvent]()
    try:
        for told in _objects(_body(exchange), piece):
            events += decoder.feed(told)
    except ProviderFailed as error:
        return decoder, events, error
    return decoder, events, None


def _text(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_both_versions_are_there() -> None:
    assert {path.parent.name for path in _ALL} >= {"0.9.3", "0.17.4"}
    assert len(_chats(answered=True)) > 40


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
@pytest.mark.parametrize("path", _chats(answered=True), ids=_id)
def test_an_answer_is_read_as_it_was_sent(path: Path, piece: int) -> None:
    exchange = _read(path)
    decoder, events, error = _replay(exchange, piece)
    told = _told(exchange)
    messages = [each["message"] for each in told if "message" in each]
    assert _text(events) == "".join(each.get("content", "") for each in messages)
    thoughts = "".join(event.text for event in events if isinstance(event, ReasoningDelta))
    assert thoughts == "".join(each.get("thinking", "") for each in messages)
    assert decoder.tools == [call["function"]["name"] for each in messages for call in each.get("tool_calls") or ()]
    assert (error is not None) is ("error" in told[-1])
    assert decoder.ended is bool(told[-1].get("done"))


@pytest.mark.parametrize("path", _chats(answered=True), ids=_id)
def test_a_whole_answer_tells_its_reason_counts_and_speed(path: Path) -> None:
    exchange = _read(path)
    decoder, _, error = _replay(exchange)
    last = _told(exchange)[-1]
    if not last.get("done"):
        assert error is not None or isinstance(decoder.broken_off(), ProviderFailed)
        return
    finished = decoder.finish(ttft_s=0.1, total_s=1.0)
    assert finished.reason == last.get("done_reason", "stop")
    assert finished.usage.prompt == last.get("prompt_eval_count", 0)
    assert finished.usage.output == last.get("eval_count", 0)
    if last.get("eval_count"):
        assert finished.timing.tokens_per_s == pytest.approx(last["eval_count"] / last["eval_duration"] * 1e9)


@pytest.mark.parametrize("path", _chats(answered=False), ids=_id)
def test_a_refused_request_is_explained_in_our_words(path: Path) -> None:
    exchange = _read(path)
    body = _body(exchange).decode()
    error = failure(exchange["response"]["status"], body, "smol")
    assert error.message
    assert error.hint
    assert "does not know" not in error.message
    for native in (json.loads(body)["error"] if body.startswith("{") else body, "http", "connect?", "Go struct"):
        assert native not in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("0.17.4/chat-num-ctx-truncate-false-stream", ContextTooLong, "Nothing was cut"),
        ("0.17.4/error-unknown-model", ModelBroken, "is not on the server"),
        ("0.9.3/error-unknown-model", ModelBroken, "is not on the server"),
        ("0.17.4/error-think-level", ProviderFailed, "levels of thinking"),
        ("0.17.4/error-think-unsupported", ProviderFailed, "cannot think"),
        ("0.9.3/error-think-unsupported", ProviderFailed, "cannot think"),
        ("0.17.4/error-json-schema-bad", ProviderFailed, "JSON schema"),
        ("0.17.4/error-model-file-cut", ModelBroken, "damaged"),
        ("0.17.4/error-model-file-gone", ModelBroken, "cannot chat"),
        ("0.17.4/error-temperature-string", ProviderFailed, "temperature"),
        ("0.17.4/queue-overflow", ProviderFailed, "too many requests"),
        ("0.17.4/cloud-unauthorized", ProviderFailed, "not signed in"),
        ("0.17.4/cloud-upstream-down", ProviderFailed, "does not answer"),
        ("0.17.4/cloud-remote-not-allowed", ProviderFailed, "may not use"),
        ("0.17.4/no-cloud-chat", ProviderFailed, "cloud switch is off"),
        ("0.9.3/error-wrong-method", ProviderFailed, "does not speak Ollama"),
    ],
)
def test_each_refusal_has_its_own_words(name: str, kind: type[ProviderFailed], words: str) -> None:
    exchange = _named(name)
    error = failure(exchange["response"]["status"], _body(exchange).decode(), "smol")
    assert type(error) in (kind, *kind.__subclasses__())
    assert words in error.message


@pytest.mark.parametrize("version", ["0.9.3", "0.17.4"])
def test_a_runner_that_dies_is_an_error_after_the_text_that_had_come(version: str) -> None:
    _, events, error = _replay(_named(f"{version}/runner-killed-mid-stream"))
    assert _text(events).startswith("The night")
    assert isinstance(error, EngineCrashed)


@pytest.mark.parametrize(
    "name",
    ["0.9.3/server-killed-mid-stream", "0.17.4/server-killed-mid-stream", "0.17.4/cloud-upstream-killed-mid-stream"],
)
def test_a_stream_without_an_end_is_a_failure_whatever_its_status(name: str) -> None:
    decoder, events, error = _replay(_named(name))
    assert _text(events)
    assert error is None
    assert not decoder.ended
    assert isinstance(decoder.broken_off(), EngineCrashed)


def test_an_error_without_a_line_end_is_read() -> None:
    exchange = _named("0.17.4/cloud-upstream-runner-killed-mid-stream")
    assert not _body(exchange).endswith(b"\n")
    assert isinstance(_replay(exchange)[2], EngineCrashed)


def test_an_answer_that_the_server_ended_for_its_repetition_says_so() -> None:
    decoder, events, error = _replay(_named("0.17.4/chat-repeat-abort-stream"))
    assert error is None
    assert _text(events).endswith("ha ha")
    assert "repeated itself" in decoder.broken_off().message


@pytest.mark.parametrize(
    "name", ["0.9.3/chat-num-ctx-truncated", "0.17.4/chat-num-ctx-truncated", "0.9.3/chat-history-truncated"]
)
def test_a_prompt_that_was_cut_in_silence_is_told_of(name: str) -> None:
    decoder, _, _ = _replay(_named(name))
    assert decoder.was_cut
    assert "cut the prompt" in decoder.notes()[0].text


def test_a_prompt_that_was_read_whole_is_not_called_cut() -> None:
    cut = {
        path.stem for path in _chats(answered=True) if (replayed := _replay(_read(path))[0]).ended and replayed.was_cut
    }
    assert cut == {"chat-num-ctx-truncated", "chat-history-truncated"}


def test_an_answer_that_ran_over_its_context_is_told_of() -> None:
    decoder, _, _ = _replay(_named("0.9.3/chat-stream-fills-context"))
    assert "lost sight of the beginning" in decoder.notes()[0].text
    ended, _, _ = _replay(_named("0.17.4/chat-stream-shift-false"))
    assert ended.reason == "length"
    assert ended.notes() == []


def test_thoughts_without_an_answer_are_told_of() -> None:
    decoder, events, _ = _replay(_named("0.17.4/chat-think-default-unclosed-stream"))
    assert _text(events) == ""
    assert [note.text for note in decoder.notes()] == ["The model only thought, and gave no answer."]


def test_a_tool_call_that_nobody_offered_is_told_of() -> None:
    decoder, _, _ = _replay(_named("0.17.4/chat-tools-call-stream"))
    assert "get_weather" in decoder.notes()[0].text


@pytest.mark.parametrize(
    "name", ["0.9.3/chat-tools-call-stream", "0.9.3/chat-tools-call", "0.17.4/chat-tools-call-stream"]
)
def test_a_call_of_a_tool_that_was_offered_is_one(name: str) -> None:
    decoder = _decoder(_named(name))
    decoder.offered = frozenset({"get_weather"})
    events = [event for told in _told(_named(name)) for event in decoder.feed(told)]
    (call,) = [each for each in events if isinstance(each, ToolCalled)]
    assert call.name == "get_weather"
    assert json.loads(call.arguments) == {"city": "Paris", "unit": "celsius"}
    assert call.id.startswith("call_") is name.startswith("0.17.4")
    assert decoder.notes() == []


@pytest.mark.parametrize("remote", ["", "another.example"])
def test_an_answer_from_elsewhere_is_stopped_before_a_word_of_it(remote: str) -> None:
    exchange = _named("0.17.4/cloud-chat-stream")
    decoder = _decoder(exchange, Promise(remote))
    with pytest.raises(PrivacyRefused, match="upstream"):
        decoder.feed(_told(exchange)[0])
    assert decoder.strayed == "{upstream}"


def test_an_error_from_elsewhere_breaks_the_promise_too() -> None:
    decoder = Decoder(Promise(""), "smol")
    with pytest.raises(PrivacyRefused):
        decoder.feed({"error": "x", "remote_host": "https://ollama.com", "remote_model": "m"})


@pytest.mark.parametrize("path", [path for path in _ALL if path.stem.startswith("cloud-chat")], ids=_id)
def test_an_answer_from_where_it_was_promised_is_shown(path: Path) -> None:
    decoder, events, error = _replay(_read(path))
    assert error is None
    assert _text(events)
    assert decoder.ended
