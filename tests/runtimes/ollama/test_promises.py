"""Where a model runs is read anew, and an answer from elsewhere is stopped: what was to stay goes nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from aqe_desktop.core.chat import ChatEvent, Sampling
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.errors import Offline, PrivacyRefused, ProviderFailed
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import ModelRef, Phase, Proof, Zone
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.runtimes.ollama import places
from aqe_desktop.runtimes.ollama.runtime import Ollama
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import always_offline
from tests.runtimes.ollama.replay import Answer, Replay, of_json, of_lines, recorded
from tests.runtimes.ollama.replayed import answered, gathered, running
from tests.runtimes.ollama.rows import CLOUD, QUESTION, SMOL, Rows, text_of


@pytest.fixture
def replay() -> Replay:
    return Replay()


async def test_a_model_of_this_device_that_answers_from_elsewhere_is_stopped_and_told_of(replay: Replay) -> None:
    replay.answer("/api/chat", recorded("0.17.4/cloud-chat-stream"))
    rows, seen = Rows(), list[ChatEvent]()
    async with running(replay, rows) as runtime:
        with pytest.raises(PrivacyRefused, match="upstream"):
            await gathered(runtime, seen)
    assert text_of(seen) == ""
    sent, ended = rows.entries
    assert (sent.kind, sent.zone, sent.host, sent.via) == (RowKind.SENT, Zone.CLOUD, "{upstream}", "ollama")
    assert sent.bytes == len(replay.asked[-1].content)
    assert ended.status == "privacy_refused"


async def test_what_was_to_stay_is_not_sent_where_the_model_has_gone_elsewhere_meanwhile(replay: Replay) -> None:
    async with running(replay) as runtime:
        assert (await runtime.place(SMOL)).proof is Proof.PROVED
        replay.answer("/api/show", recorded("0.17.4/cloud-show"))
        with pytest.raises(PrivacyRefused, match="nothing was sent"):
            await answered(runtime)
    assert replay.bodies("/api/chat") == []


async def test_the_connection_itself_is_looked_at_before_a_question_goes(
    replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port may change hands between the look at it and the connection."""

    def another(endpoint: object, known: object) -> object:
        async def look(event: str, info: dict[str, Any]) -> None:
            if event.endswith("connect_tcp.complete"):
                await info["return_value"].aclose()
                raise PrivacyRefused("Another server took it.")

        return look

    async with running(replay) as runtime:
        monkeypatch.setattr(places, "same_server", another)
        with pytest.raises(PrivacyRefused, match="Another server"):
            await answered(runtime)
    assert replay.bodies("/api/chat") == []


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (recorded("0.17.4/cloud-show"), "{upstream}"),
        (recorded("0.17.4/cloud-alias-show"), "does not show"),
        (recorded("0.17.4/no-cloud-show"), "does not show"),
        (of_json({"details": {"format": ""}, "model_info": {}}), "does not show"),
        (of_json({"details": {"format": "gguf"}, "model_info": {}}), "does not show"),
        (Answer(200, ["<html>"]), "does not show"),
        (Answer(500, ["{}"]), "does not show"),
    ],
)
async def test_what_show_does_not_prove_local_is_of_the_cloud(replay: Replay, shown: Answer, words: str) -> None:
    replay.answer("/api/show", shown)
    async with running(replay) as runtime:
        place = await runtime.place(SMOL)
    assert place.zone is Zone.CLOUD
    assert words in place.facts[0]


@pytest.mark.parametrize("version", ["0.9.3", "0.17.4"])
async def test_a_model_with_weights_on_a_proved_server_is_here(replay: Replay, version: str) -> None:
    replay.answer("/api/show", recorded(f"{version}/show"))
    async with running(replay) as runtime:
        place = await runtime.place(SMOL)
    assert (place.zone, place.proof) == (Zone.DEVICE, Proof.PROVED)


async def test_a_server_that_nothing_proves_is_of_the_cloud_and_each_request_has_its_row(replay: Replay) -> None:
    rows = Rows()
    async with running(replay, rows, here=False) as runtime:
        place = await runtime.place(SMOL)
        await answered(runtime, place=place)
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.UNPROVED)
    sent = [each for each in rows.entries if each.kind is RowKind.SENT]
    assert [each.purpose for each in sent] == [Purpose.MODELS, Purpose.CHAT]
    assert {each.zone for each in sent} == {Zone.CLOUD}


async def test_the_body_that_a_yes_is_bound_to_is_the_body_that_is_sent(replay: Replay) -> None:
    async with running(replay, here=False) as runtime:
        await runtime.place(SMOL)
        body = await runtime.body(SMOL, (QUESTION,), Sampling(temperature=0.5))
        assert body is not None
        consent = str(Consent(SMOL, body.host, body.sha256))
        await answered(runtime, place=CLOUD, consent=consent, sampling=Sampling(temperature=0.5))
        assert replay.asked[-1].content == body.content
        with pytest.raises(PrivacyRefused, match="yes to"):
            await answered(runtime, place=CLOUD, consent=consent, sampling=Sampling(temperature=0.6))
    assert len(replay.bodies("/api/chat")) == 1


async def test_nothing_leaves_this_device_so_there_is_no_body_to_agree_to(replay: Replay) -> None:
    async with running(replay) as runtime:
        assert await runtime.body(SMOL, (QUESTION,), Sampling()) is None


async def test_a_cloud_model_may_answer_from_where_it_was_said_to_run_and_nowhere_else(replay: Replay) -> None:
    replay.answer("/api/show", recorded("0.17.4/cloud-show"))
    replay.answer("/api/chat", recorded("0.17.4/cloud-chat-stream"))
    async with running(replay) as runtime:
        place = await runtime.place(SMOL)
        assert text_of(await answered(runtime, place=place))
        replay.answer(
            "/api/chat", of_lines({"remote_host": "http://b:1", "remote_model": "m", "message": {"content": "x"}})
        )
        with pytest.raises(PrivacyRefused, match="b:1"):
            await answered(runtime, place=place)


async def test_a_redirect_is_not_followed(replay: Replay) -> None:
    other = Replay()
    async with other.listening() as port, running(replay) as runtime:
        replay.answer("/api/chat", Answer(307, ["x"], headers={"Location": f"http://127.0.0.1:{port}/api/chat"}))
        with pytest.raises(ProviderFailed, match="307"):
            await answered(runtime)
    assert other.asked == []


@pytest.mark.parametrize("shown", ["0.17.4/cloud-show", "0.17.4/cloud-alias-show"])
async def test_a_model_of_another_machine_is_not_loaded_for_nothing_may_go_there_yet(
    replay: Replay, shown: str
) -> None:
    replay.answer("/api/show", recorded(shown))
    replay.answer("/api/ps", of_json({"models": []}))
    async with running(replay) as runtime:
        await runtime.load(SMOL)
    assert replay.bodies("/api/chat") == []


async def test_a_model_of_an_unproved_server_is_not_asked_about_more_than_need_be(replay: Replay) -> None:
    rows = Rows()
    async with running(replay, rows, here=False) as runtime:
        await runtime.load(SMOL)
        before = len(rows.entries)
        await runtime.load(SMOL)
    assert replay.bodies("/api/chat") == []
    assert runtime.status.value.phase is Phase.READY
    assert len(rows.entries) - before == 2  # the description, and its end


async def test_the_place_of_the_server_is_not_told_as_that_of_a_model_it_passes_on(replay: Replay) -> None:
    replay.answer("/api/show", recorded("0.17.4/cloud-show"))
    replay.answer("/api/ps", recorded("0.17.4/cloud-ps"))
    cloud = ModelRef("ollama", "smol-cloud:latest")
    async with running(replay) as runtime:
        await runtime.load(cloud)
        status = runtime.status.value
        assert (status.phase, status.model, status.place) == (Phase.READY, cloud, None)
        replay.answer("/api/ps", recorded("0.17.4/ps"))
        assert (await runtime.look()).place is None


async def test_offline_asks_a_server_that_is_not_proved_nothing(replay: Replay) -> None:
    paths = find_paths()
    prepare(paths)
    async with replay.listening() as port:
        door = Door(Rows(), always_offline)
        runtime = Ollama(paths, door, Server(paths, door, Options(url=f"http://127.0.0.1:{port}"), {"PATH": ""}))
        assert await runtime.models() == []
        assert (await runtime.look()).phase is Phase.FAILED
        assert (await runtime.place(SMOL)).zone is Zone.CLOUD
        with pytest.raises(Offline):
            await answered(runtime, place=CLOUD)
    assert replay.asked == []
