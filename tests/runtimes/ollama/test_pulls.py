from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.errors import AqeError, ModelBroken, ProviderFailed, Unreachable, UsageError
from aqe_desktop.core.transfers import Part, Transfer
from aqe_desktop.runtimes.ollama import pulls
from aqe_desktop.runtimes.ollama.pulls import Progress, explained, is_here, registry_of, shown

_RECORDED = Path(__file__).parent / "recorded"
_STREAMS = sorted(path.relative_to(_RECORDED).with_suffix("").as_posix() for path in _RECORDED.glob("*/*.json"))
_WEIGHTS = "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
# How a recorded stream ends that does not end with success.
_ENDS: dict[str, type[AqeError]] = {
    "create-missing-blob": ProviderFailed,
    "create-not-gguf": ModelBroken,
    "create-truncated-gguf": ModelBroken,
    "create-unknown-from": Unreachable,
    "pull-corrupt-layer": ProviderFailed,
    "pull-registry-down": Unreachable,
    "pull-registry-killed": Unreachable,
    "pull-unknown": ModelBroken,
}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _lines(stream: str) -> list[tuple[float, dict[str, Any]]]:
    """(seconds, object) of each line."""
    response = json.loads((_RECORDED / f"{stream}.json").read_text(encoding="utf-8"))["response"]
    return [(ms / 1000, json.loads(line)) for ms, text in response["chunks"] for line in text.splitlines()]


def _falls(transfers: list[Transfer]) -> bool:
    return any(
        later.done < earlier.done or later.share < earlier.share or later.total < earlier.total
        for earlier, later in itertools.pairwise(transfers)
    )


def _layer(done: int, total: int = 100, digest: str = "sha256:aa") -> dict[str, Any]:
    return {"status": f"pulling {digest[7:]}", "digest": digest, "total": total, "completed": done}


@pytest.mark.parametrize("stream", _STREAMS)
def test_a_recorded_transfer_never_goes_backwards(stream: str) -> None:
    clock, seen = Clock(), list[Transfer]()
    progress = Progress(clock)
    for at, told in _lines(stream):
        clock.now = 1000.0 + at
        if "error" not in told:
            progress.take(told)
            seen.append(progress.look())
    assert not _falls(seen)
    errors = [told["error"] for _, told in _lines(stream) if "error" in told]
    name = stream.rpartition("/")[2]
    if errors:
        error = explained(errors[0], "smol", "registry.example")
        assert type(error) is _ENDS[name]
        assert error.hint
        assert errors[0] not in error.message
    elif name != "pull-progress-cancelled":
        assert progress.succeeded
        assert (seen[-1].what, seen[-1].done, seen[-1].share) == ("Done", seen[-1].total, 1.0)


def test_bytes_are_told_for_each_layer_and_in_all() -> None:
    *_, last = [told for _, told in _lines("0.17.4/pull-progress-resumed")]
    progress = Progress(Clock())
    for _, told in _lines("0.17.4/pull-progress-resumed"):
        progress.take(told)
    looked = progress.look()
    assert last == {"status": "success"}
    assert looked.parts[0] == Part("b179c9523d0e", 98_362_432, 98_362_432)
    assert looked.total == sum(part.total for part in looked.parts) > 98_362_432


def test_a_speed_counts_what_came_now_and_not_what_was_there() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.take(_layer(600, 1000))
    assert progress.look().speed is None
    for second in range(1, 4):
        clock.now += 1
        progress.take(_layer(600 + 50 * second, 1000))
        looked = progress.look()
    assert looked.speed == pytest.approx(50)
    assert looked.left_s == pytest.approx(250 / 50)


def test_a_speed_is_that_of_the_last_seconds() -> None:
    clock = Clock()
    progress = Progress(clock)
    done = 0
    for rate in [100] * 10 + [10] * 10:
        progress.take(_layer(done, 10_000))
        progress.look()
        done += rate
        clock.now += 1
    progress.take(_layer(done, 10_000))
    assert progress.look().speed == pytest.approx(10)


def test_a_layer_that_begins_again_moves_nothing_back() -> None:
    progress = Progress(Clock())
    seen = []
    for told in (_layer(80), _layer(20), _layer(50), _layer(90)):
        progress.take(told)
        seen.append(progress.look())
    assert [each.done for each in seen] == [80, 80, 80, 90]


def test_a_layer_that_turns_up_late_holds_the_bar_and_moves_it_not_back() -> None:
    progress = Progress(Clock())
    progress.take(_layer(100))
    first = progress.look()
    progress.take(_layer(0, 300, "sha256:bb"))
    second = progress.look()
    progress.take(_layer(300, 300, "sha256:bb"))
    assert (first.share, second.share, progress.look().share) == (1.0, 1.0, 1.0)
    assert (second.done, second.total) == (100, 400)


def test_repeated_lines_are_no_sign_of_life() -> None:
    """As a server sends them for a minute after its registry died."""
    clock = Clock()
    progress = Progress(clock)
    progress.take(_layer(10))
    for _ in range(9):
        clock.now += 1
        progress.take(_layer(10))
        assert progress.look().what == "Downloading"
    clock.now += 2
    progress.take(_layer(10))
    assert progress.look().what == "Waiting: no bytes for 11 s"
    progress.take(_layer(11))
    assert progress.look().what == "Downloading"


def test_a_registry_that_does_not_answer_is_said_and_a_long_check_is_not() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.take({"status": "pulling manifest"})
    clock.now += 15
    assert progress.look().what == "Waiting: no answer for 15 s"
    progress.take({"status": "verifying sha256 digest"})
    clock.now += 60
    assert progress.look().what == "Checking"


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["status", "digest", "total", "completed"]),
            _VALUES | st.sampled_from(["pulling manifest", "pulling x", "success", "sha256:a", "sha256:b", 5, 10, 100]),
        )
    )
)
def test_whatever_a_server_says_nothing_falls(lines: list[dict[str, Any]]) -> None:
    progress, seen = Progress(Clock()), []
    for told in lines:
        progress.take(told)
        seen.append(progress.look())
    assert not _falls(seen)
    assert all(0 <= each.done <= max(each.total, each.done) and 0 <= each.share <= 1 for each in seen)


async def _said(*lines: dict[str, Any], then: float = 0.0) -> AsyncGenerator[dict[str, Any]]:
    for line in lines:
        yield line
    await asyncio.sleep(then)


async def _all(lines: AsyncGenerator[dict[str, Any]]) -> list[Transfer]:
    async with aclosing(lines), aclosing(shown(lines, "smol", "registry.example")) as transfers:
        return [each async for each in transfers]


async def test_a_stream_without_success_is_a_failure() -> None:
    with pytest.raises(ProviderFailed, match="stopped before smol was complete"):
        await _all(_said({"status": "pulling manifest"}, _layer(100)))


async def test_an_error_line_ends_it() -> None:
    with pytest.raises(ModelBroken, match="has no model “smol”"):
        await _all(_said({"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}))


async def test_a_server_that_is_silent_is_shown_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulls, "STALLED_S", 0.05)
    monkeypatch.setattr(pulls, "_TICK_S", 0.1)
    seen = []
    async with aclosing(_said(_layer(10), then=30)) as lines, aclosing(shown(lines, "smol", "x")) as transfers:
        async for each in transfers:
            seen.append(each.what)
            if each.what.startswith("Waiting"):
                break
    assert seen[-1] == "Waiting: no bytes for 0 s"


async def test_closing_it_closes_the_servers_stream() -> None:
    closed = asyncio.Event()

    async def lines() -> AsyncGenerator[dict[str, Any]]:
        try:
            yield _layer(10)
            await asyncio.sleep(60)
        finally:
            closed.set()

    async with aclosing(shown(lines(), "smol", "x")) as transfers:
        await anext(transfers)
    assert closed.is_set()


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("smol", "registry.ollama.ai"),
        ("qwen2.5-coder:7b", "registry.ollama.ai"),
        ("someone/model:tag", "registry.ollama.ai"),
        ("hf.co/someone/model:Q4_K_M", "hf.co"),
        ("127.0.0.1:5000/library/smol", "127.0.0.1:5000"),
        ("http://127.0.0.1:5000/library/smol", "127.0.0.1:5000"),
    ],
)
def test_a_name_tells_its_registry(name: str, host: str) -> None:
    assert registry_of(name) == host
    assert is_here(host) == host.startswith("127.")


@pytest.mark.parametrize("name", ["", "  ", "a//b", "a/b/c/d", "a b", "/a"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not the name of a model"):
        registry_of(name)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("write /m/blobs/x: no space left on device", ProviderFailed, "disk of Ollama's models is full"),
        ("invalid model name", UsageError, "is not the name"),
        ("Get https://r/v2/: net/http: TLS handshake timeout", Unreachable, "does not answer"),
        ("pull model manifest: 412: requires a newer version of Ollama", ProviderFailed, "needs a newer Ollama"),
        ("something that nobody has seen", ProviderFailed, "does not know"),
    ],
)
def test_a_servers_error_is_said_in_our_words(said: str, kind: type[AqeError], words: str) -> None:
    error = explained(said, "smol", "registry.example")
    assert type(error) is kind
    assert words in error.message
