"""The list of a server's models: what each row says, what is asked, and how often."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.loading import ALL, NEVER, LoadSettings
from aqe_desktop.core.models import Capability
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama.capabilities import Facts, context_for, facts_from, facts_of, options_of
from aqe_desktop.runtimes.ollama.listing import FACTS, details_of, full_name, loaded, model_of
from aqe_desktop.runtimes.ollama.places import UNKNOWN
from aqe_desktop.runtimes.ollama.runtime import Ollama
from tests.runtimes.ollama.replay import Answer, Asked, Replay, of_json, recorded, recordings
from tests.runtimes.ollama.replayed import running


def _shown(name: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads("".join(recorded(name).chunks))
    return shown


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads("".join(recorded(name).chunks))["models"]
    return rows


def _many(count: int) -> Answer:
    (row,) = [each for each in _rows("0.17.4/tags") if each["name"] == "smol:latest"]
    return of_json({"models": [{**row, "name": f"m{n}:latest", "digest": f"{n:064x}"} for n in range(count)]})


@pytest.mark.parametrize("version", ["0.9.3", "0.17.4"])
async def test_a_row_tells_size_context_quantization_and_capabilities(version: str) -> None:
    replay = Replay()
    replay.answer("/api/tags", recorded(f"{version}/tags"))
    replay.answer("/api/show", recorded(f"{version}/show"))
    async with running(replay) as runtime:
        models = {each.ref.model: each for each in await runtime.models()}
    smol = models["smol:latest"]
    assert (smol.context, smol.quantization, smol.parameters) == (8192, "Q4_1", 134515008)
    assert (smol.capabilities, smol.architecture, smol.licence) == ((Capability.CHAT,), "llama", "apache-2.0")
    assert smol.size > 98_000_000
    assert smol.remote == ""
    assert smol.sha256.startswith("b179c9523d0e")
    assert smol.digest
    assert smol.modified > 1_790_000_000_000


async def test_two_hundred_models_are_asked_about_once_and_a_few_at_a_time() -> None:
    replay = Replay()
    shown = recorded("0.17.4/show").chunks

    async def moment(_: int) -> None:
        await asyncio.sleep(0.01)

    replay.answer("/api/tags", _many(200))
    replay.answer("/api/show", Answer(200, shown, after=moment))
    async with running(replay) as runtime:
        first = await runtime.models()
        again = await runtime.models()
    assert len(first) == 200
    assert again == first
    assert len(replay.bodies("/api/show")) == 200
    assert 1 < replay.most_at_once <= 4


async def test_what_was_shown_is_kept_for_the_next_start() -> None:
    replay = Replay()
    async with running(replay) as runtime:
        first = await runtime.models()
        shows = len(replay.bodies("/api/show"))
        paths, server = find_paths(), runtime._server
        assert await Ollama(paths, runtime._door, server).models() == first
    assert len(replay.bodies("/api/show")) == shows
    file = find_paths().home / FACTS
    assert file.stat().st_mode & 0o077 == 0
    assert len(json.loads(file.read_text())) == shows == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": {"remote": 7}}', "[" * 100_000])
async def test_a_damaged_note_is_read_anew(text: str) -> None:
    replay = Replay()
    async with running(replay) as runtime:
        (find_paths().home / FACTS).write_text(text)
        assert len(await runtime.models()) == 3
    assert len(replay.bodies("/api/show")) == 3


async def test_names_alone_ask_about_no_model() -> None:
    replay = Replay()
    async with running(replay) as runtime:
        names = [each.ref.model for each in await runtime.models(read=False)]
    assert "smol:latest" in names
    assert replay.bodies("/api/show") == []


async def test_a_cloud_model_names_its_machine_whatever_it_is_called() -> None:
    replay = Replay()

    def show(asked: Asked) -> Answer:
        name = asked.body["model"]
        return recorded("0.17.4/cloud-show") if "cloud" in name else recorded("0.17.4/show")

    replay.answer("/api/tags", recorded("0.17.4/cloud-tags"))
    replay.answer("/api/show", show)
    async with running(replay) as runtime:
        remote = {each.ref.model: each.remote for each in await runtime.models()}
    assert remote == {"info-cloud:latest": "{upstream}", "smol-cloud:latest": "{upstream}", "smol:latest": ""}


async def test_a_cloud_model_is_one_by_its_description_where_the_list_is_silent() -> None:
    replay = Replay()
    replay.answer("/api/show", recorded("0.17.4/cloud-pull-show"))
    async with running(replay) as runtime:
        assert {each.remote for each in await runtime.models()} == {"{upstream}"}


@pytest.mark.parametrize("name", ["0.17.4/cloud-alias-show", "0.17.4/no-cloud-show", "0.9.3/show-verbose-unknown"])
async def test_a_model_that_the_server_does_not_describe_counts_as_another_machines(name: str) -> None:
    replay = Replay()
    replay.answer("/api/show", recorded(name))
    async with running(replay) as runtime:
        models = await runtime.models()
    assert {each.remote for each in models} == {UNKNOWN}
    assert all(each.note for each in models)


async def test_a_list_of_cloud_models_stays_true_while_the_cloud_is_switched_off() -> None:
    replay = Replay()
    replay.answer("/api/tags", recorded("0.17.4/no-cloud-tags"))
    replay.answer("/api/show", recorded("0.17.4/no-cloud-show"))
    async with running(replay) as runtime:
        remote = {each.ref.model: each.remote for each in await runtime.models()}
    assert remote["smol-cloud:latest"] == "{upstream}"


@pytest.mark.parametrize("name", recordings("/api/tags"))
async def test_every_recorded_list_is_read(name: str) -> None:
    replay = Replay()
    replay.answer("/api/tags", recorded(name))
    async with running(replay) as runtime:
        models = await runtime.models()
    rows = _rows(name)
    assert [each.ref.model for each in models] == [row["name"] for row in rows]
    assert [bool(each.remote) for each in models] == ["remote_host" in row for row in rows]


@pytest.mark.parametrize("name", recordings("/api/ps"))
async def test_every_recorded_list_of_loaded_models_is_read(name: str) -> None:
    replay = Replay()
    replay.answer("/api/ps", recorded(name))
    async with running(replay) as runtime:
        status = await runtime.look()
    rows = _rows(name)
    assert [(each.model.model, each.memory, each.vram) for each in status.loaded] == [
        (row["name"], row["size"], row["size_vram"]) for row in rows
    ]
    assert [each.context for each in status.loaded] == [row.get("context_length", 0) for row in rows]


@pytest.mark.parametrize("name", recordings("/api/show"))
def test_every_recorded_description_is_read(name: str) -> None:
    shown = _shown(name)
    facts = facts_of(shown)
    has_weights = bool(shown.get("model_info")) and "remote_host" not in shown
    assert (facts.remote == "") is has_weights
    assert facts_from(json.loads(json.dumps(facts.as_json()))) == facts
    details = details_of(model_of({"name": "m"}, shown), shown)
    assert details.template == shown.get("template", "")


def test_thinking_and_tools_are_told() -> None:
    facts = facts_of({"capabilities": ["completion", "tools", "thinking", "vision", "embedding", "new"]})
    assert facts.capabilities == ("chat", "tools", "thinking", "vision", "embeddings")
    assert facts_of({}).capabilities == ("chat",)


def test_a_model_without_chat_says_so() -> None:
    shown = {**_shown("0.17.4/show"), "capabilities": ["embedding"]}
    model = model_of({"name": "e"}, shown)
    assert model.capabilities == ("embeddings",)
    assert "cannot chat" in model.note


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("smol", "smol:latest"),
        ("smol:1b", "smol:1b"),
        ("h:5000/a/b", "h:5000/a/b:latest"),
        ("h:5000/a/b:c", "h:5000/a/b:c"),
    ],
)
def test_a_name_without_a_tag_is_the_servers_latest(name: str, full: str) -> None:
    assert full_name(name) == full


_FACTS = Facts(remote="", context=131_072, cache=200_000)


@pytest.mark.parametrize(
    ("settings", "facts", "free", "context"),
    [
        (LoadSettings(), _FACTS, 64 << 30, 8192),
        (LoadSettings(context=65_536), _FACTS, 64 << 30, 65_536),
        (LoadSettings(context=1 << 20), _FACTS, 64 << 30, 131_072),
        (LoadSettings(), _FACTS, 3 << 30, 4096),
        (LoadSettings(), _FACTS, 0, 2048),
        (LoadSettings(), _FACTS, None, 32_768),
        (LoadSettings(), Facts(remote="x"), None, 8192),
        (LoadSettings(context=50_000), Facts(remote="x"), None, 50_000),
        (LoadSettings(), Facts(chosen=1024), 0, 1024),
        (LoadSettings(), Facts(context=512), 0, 512),
    ],
)
def test_the_context_is_what_was_chosen_or_what_fits(
    settings: LoadSettings, facts: Facts, free: int | None, context: int
) -> None:
    assert context_for(facts, settings, 1 << 30, free) == context


def test_what_nobody_chose_is_left_to_the_server() -> None:
    assert options_of(LoadSettings(), 4096) == {"num_ctx": 4096}


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
_INFO = st.dictionaries(
    st.sampled_from(
        [
            "general.architecture",
            "llama.context_length",
            "llama.attention.head_count",
            "llama.block_count",
            "general.name",
        ]
    ),
    _ANY | st.just("llama"),
)
_KEYS = ["capabilities", "license", "modelfile", "parameters", "details", "remote_host", "template", "model_info"]


_ROW = st.sampled_from(["size", "digest", "details", "modified_at", "remote_model"])


@given(st.dictionaries(st.sampled_from(_KEYS), _ANY | _INFO), st.dictionaries(_ROW, _ANY))
def test_any_description_is_read_without_a_fault_of_ours(shown: dict[str, Any], row: dict[str, Any]) -> None:
    facts = facts_of(shown)
    assert facts_from(json.loads(json.dumps(facts.as_json()))) == facts
    model = model_of({"name": "m", **row}, shown)
    details_of(model, shown)
    assert context_for(facts, LoadSettings(), 0, 1 << 30) > 0


@pytest.mark.parametrize(
    ("row", "confirmed"),
    [
        ({"size": 9, "size_vram": 0, "context_length": 4096}, {"context": 4096, "gpu_layers": 0}),
        ({"size": 9, "size_vram": 9, "expires_at": "2318-03-06T10:00:00Z"}, {"gpu_layers": ALL, "keep_alive_s": NEVER}),
        ({"size": 9, "size_vram": 4, "expires_at": "2026-03-06T10:00:00Z"}, {}),
        ({"size": 9, "expires_at": "soon"}, {}),
    ],
)
async def test_what_a_server_says_of_a_loaded_model_is_confirmed(
    row: dict[str, Any], confirmed: dict[str, Any]
) -> None:
    class Told:
        async def ask(self, *_question: object) -> dict[str, Any]:
            return {"models": [{"name": "a:latest", **row}]}

    (entry,) = await loaded(Told())
    assert entry.confirmed == confirmed
