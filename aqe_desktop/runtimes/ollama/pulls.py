"""A download as the server tells of it, and as it is shown: bytes of each layer, a speed, and no step backwards."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aqe_desktop.core.errors import AqeError, ModelBroken, ProviderFailed, Unreachable, UsageError
from aqe_desktop.core.transfers import Part, Transfer
from aqe_desktop.wires.ollama_failures import failure

REGISTRY = "registry.ollama.ai"
STALLED_S = 10.0
_WINDOW_S, _SPEED_AFTER_S = 5.0, 1.0
_TICK_S, _APART_S = 1.0, 0.1
_DONE, _LOOKING, _LOADING = "Done", "Looking it up", "Downloading"
# Ollama's words for what it does (server/images.go of 0.17.4), as they begin, and ours.
_WORDS = (
    ("pulling manifest", _LOOKING),
    ("pulling", _LOADING),
    ("verifying", "Checking"),
    ("writing", "Finishing"),
    ("removing", "Tidying up"),
    ("parsing", "Reading the file"),
    ("using existing layer", "Creating"),
    ("creating", "Creating"),
    ("success", _DONE),
)


@dataclass(slots=True)
class _Layer:
    """`done` is the most that there was of it, `told` what the server said last: it may begin a part again."""

    total: int
    done: int
    told: int


class Progress:
    """Takes the server's lines, and shows where the transfer stands. Not by lines is it seen alive, for a server
    repeats the last one for a minute after its registry has died, but by bytes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._layers: dict[str, _Layer] = {}
        self._status = _LOOKING
        self._received = 0
        self._alive = clock()
        self._samples: deque[tuple[float, int]] = deque([(self._alive, 0)])
        self._done = 0
        self._share = 0.0

    @property
    def succeeded(self) -> bool:
        return self._status == _DONE

    def take(self, told: Mapping[str, Any]) -> None:
        """One line of the server, without an error in it; what is none of its usual ones changes nothing."""
        status = str(told.get("status") or "")
        word = next((ours for theirs, ours in _WORDS if status.startswith(theirs)), self._status)
        digest, total, done = told.get("digest"), _count(told.get("total")), _count(told.get("completed"))
        before = self._received, self._status, len(self._layers)
        self._status = word
        if isinstance(digest, str) and total:
            self._grow(digest, total, min(done, total))
        if (self._received, self._status, len(self._layers)) != before:
            self._alive = self._clock()

    def look(self) -> Transfer:
        """How it stands now."""
        now = self._clock()
        total = sum(each.total for each in self._layers.values())
        self._done = max(self._done, sum(each.done for each in self._layers.values()))
        self._share = 1.0 if self.succeeded else max(self._share, self._done / total if total else 0.0)
        speed = self._speed(now) if self._status == _LOADING else None
        left = (total - self._done) / speed if speed else None
        parts = tuple(Part(_short(digest), each.done, each.total) for digest, each in self._layers.items())
        return Transfer(self._words(now), self._done, total, speed, left, parts, self._share)

    def _grow(self, digest: str, total: int, done: int) -> None:
        """What is there at the first word of a layer was not received now: it is of an earlier download."""
        layer = self._layers.get(digest)
        if layer is None:
            self._layers[digest] = _Layer(total, done, done)
            return
        self._received += max(0, done - layer.told)
        layer.total, layer.told, layer.done = max(layer.total, total), done, max(layer.done, done)

    def _speed(self, now: float) -> float | None:
        self._samples.append((now, self._received))
        while len(self._samples) > 2 and now - self._samples[1][0] >= _WINDOW_S:
            self._samples.popleft()
        since, before = self._samples[0]
        return (self._received - before) / (now - since) if now - since >= _SPEED_AFTER_S else None

    def _words(self, now: float) -> str:
        silent = now - self._alive
        if silent < STALLED_S or self._status not in (_LOOKING, _LOADING):
            return self._status
        what = "answer" if self._status == _LOOKING else "bytes"
        return f"Waiting: no {what} for {int(silent)} s"


async def shown(lines: AsyncGenerator[dict[str, Any]], name: str, registry: str) -> AsyncGenerator[Transfer]:
    """The transfers of a pull or a create, at most ten a second and at least one, whatever the server says. Closing it
    ends the server's work. Raises what `explained` makes of an error line, and ProviderFailed for a stream that ends
    without success."""
    progress, shown_at = Progress(), 0.0
    waiting: asyncio.Task[dict[str, Any] | None] = asyncio.ensure_future(_next(lines))
    try:
        while True:
            done, _ = await asyncio.wait({waiting}, timeout=_TICK_S)
            if done:
                told = waiting.result()
                if told is None:
                    break
                _require_success(told, name, registry)
                progress.take(told)
                waiting = asyncio.ensure_future(_next(lines))
            if not done or time.monotonic() - shown_at >= _APART_S:
                shown_at = time.monotonic()
                yield progress.look()
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError, AqeError):
            await waiting
        await lines.aclose()
    if not progress.succeeded:
        again = "Try again; what has arrived is kept." if registry else "Try again."
        raise ProviderFailed(f"The server stopped before {name} was complete.", again)
    yield progress.look()


def registry_of(name: str) -> str:
    """The host that a name leads to. Raises UsageError for what can be none."""
    text = name.partition("://")[2] or name
    parts = text.split("/")
    if not text.strip() or any(not each for each in parts) or len(parts) > 3 or re.search(r"\s", text):
        raise UsageError(f"“{name}” is not the name of a model.", "Write it as NAME:TAG, such as qwen2.5-coder:7b.")
    return parts[0] if len(parts) == 3 else REGISTRY


def is_here(registry: str) -> bool:
    """A registry on this machine speaks plain HTTP; any other has to prove who it is."""
    return registry.rpartition(":")[0] in ("127.0.0.1", "localhost") or registry in ("127.0.0.1", "localhost")


def explained(said: str, name: str, registry: str) -> AqeError:
    """An error of the server about a transfer, in our words; `registry` is "" for one from a file."""
    kept = "Try again later; what has arrived is kept."
    for pattern, make in (
        (r"no space left|disk quota", lambda: ProviderFailed("The disk of Ollama's models is full.", _free(registry))),
        (r"invalid model name|invalid model path", lambda: UsageError(f"“{name}” is not the name of a model.", _NAME)),
        (r"manifest: .*(file does not exist|unknown|not found)", lambda: _unknown(name, registry)),
        (r"digest mismatch", lambda: ProviderFailed("The download was damaged and was thrown away.", "Pull it again.")),
        (r"insecure protocol", lambda: UsageError(f"{registry} offers no encryption.", "Use a registry with HTTPS.")),
        (r"requires a newer version", lambda: ProviderFailed("This model needs a newer Ollama.", "Update Ollama.")),
        (r"unauthorized|access denied|status 40[13]", lambda: _unknown(name, registry)),
        (r"not in GGUF format|exceeds file size|invalid file magic", lambda: ModelBroken(_NO_GGUF, _OTHER_FILE)),
        (
            r"dial tcp|no such host|connection (refused|reset)|timeout|max retries|EOF|TLS|certificate",
            lambda: Unreachable(f"The registry {registry} does not answer.", kept),
        ),
    ):
        if re.search(pattern, said, re.IGNORECASE):
            return make()
    return failure(200, json.dumps({"error": said}), name)


_NAME = "Write it as NAME:TAG, such as qwen2.5-coder:7b."
_NO_GGUF = "The file is not a whole GGUF file."
_OTHER_FILE = "Download it again, or choose another file."


def _free(registry: str) -> str:
    return f"Free some disk space and {'pull again; what has arrived is kept' if registry else 'try again'}."


def _unknown(name: str, registry: str) -> ModelBroken:
    return ModelBroken(f"The registry {registry} has no model “{name}” for everybody.", "Check the name and its tag.")


def _require_success(told: Mapping[str, Any], name: str, registry: str) -> None:
    if told.get("error"):
        raise explained(str(told["error"])[:2000], name, registry)


async def _next(lines: AsyncGenerator[dict[str, Any]]) -> dict[str, Any] | None:
    return await anext(lines, None)


def _count(value: Any) -> int:
    """A server's number may be anything."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53 else 0


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]
