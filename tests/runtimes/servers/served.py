"""A server of the user's own for tests: real HTTP on loopback that answers as a recording or a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from aqe_desktop.core.chat import ChatEvent, Message, Role, Route, Sampling, TextDelta, Turn
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.machine.door import Door
from aqe_desktop.runtimes.servers.places import Options
from aqe_desktop.runtimes.servers.runtime import PlainServer
from tests.doors import never_offline
from tests.runtimes.ollama.replay import Answer, Replay
from tests.runtimes.ollama.rows import Rows

RECORDED = Path(__file__).parent / "recordings"
LAN = Place(Zone.LAN, Proof.DECLARED)
CLOUD = Place(Zone.CLOUD, Proof.UNPROVED)
HERE = Place(Zone.DEVICE, Proof.PROVED)
SSE = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}


def exchange(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return found


def recordings(path: str) -> list[str]:
    """The names of all that were asked of this path, a new one among them as soon as it lies there."""
    found = {each: json.loads(each.read_text(encoding="utf-8"))["request"]["path"] for each in RECORDED.rglob("*.json")}
    return sorted(f"{each.parent.name}/{each.stem}" for each, asked in found.items() if asked == path)


def replayed(name: str) -> Answer:
    response = exchange(name)["response"]
    chunks = [text for _, text in response.get("chunks") or []] or [response.get("body") or ""]
    kept = {key: value for key, value in response["headers"].items() if key in ("server", "content-type")}
    return Answer(response["status"], chunks, cut=response["end"] != "complete", headers=kept)


def events(*values: Any, done: bool = True, cut: bool = False) -> Answer:
    data = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return Answer(200, [f"data: {each}\n\n" for each in (*data, *(["[DONE]"] if done else []))], cut=cut, headers=SSE)


def delta(text: str, **more: Any) -> dict[str, Any]:
    return {"model": "smol", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}], **more}


STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


@asynccontextmanager
async def running(
    replay: Replay, rows: Rows | None = None, *, zone: Zone | None = Zone.LAN, patience: float = 20.0, **more: Any
) -> AsyncGenerator[PlainServer]:
    async with replay.listening() as port:
        door = Door(rows or Rows(), never_offline)
        yield PlainServer(door, Options("box", f"http://127.0.0.1:{port}", "", zone, patience=patience, **more))
        await door.aclose()


def turn(place: Place = LAN, *, model: str = "smol", text: str = "What is a lighthouse?", consent: str = "") -> Turn:
    return Turn(
        (Message(Role.USER, text),),
        (Route(ModelRef("box", model), place),),
        Sampling(),
        farthest=place.zone,
        consent=consent,
    )


async def answer(server: PlainServer, asked: Turn | None = None) -> list[ChatEvent]:
    async with aclosing(server.stream(asked or turn())) as stream:
        return [event async for event in stream]


def text_of(found: list[ChatEvent]) -> str:
    return "".join(event.text for event in found if isinstance(event, TextDelta))
