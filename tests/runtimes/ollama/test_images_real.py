"""A picture reaches a genuine Ollama's model that sees, and one that its runner cannot decode is named as the cause."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from aqe_desktop.core.chat import Attachment, ChatEvent, Finished, Message, Role, Route, Sampling, Turn
from aqe_desktop.core.errors import EngineCrashed
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Capability
from aqe_desktop.runtimes.ollama.runtime import Ollama
from tests.pictures import JPEG, WEBP_LOSSY, png
from tests.runtimes.llamacpp.projector import PATCHES, write_projector
from tests.runtimes.ollama.pairs import Serving, ref, runtime_of, serving
from tests.runtimes.ollama.replayed import Kept

pytestmark = pytest.mark.long
SMALL = LoadSettings(context=1024, threads=1, keep_alive_s=120)


@pytest.fixture
def server(tmp_path: Path, starter_model: Path) -> Iterator[Serving]:
    projector = tmp_path / "mmproj.gguf"
    write_projector(projector, into=576)
    with serving(tmp_path / "first") as server:
        server.create("smol", starter_model)
        files = {
            each.name: f"sha256:{hashlib.sha256(each.read_bytes()).hexdigest()}" for each in (starter_model, projector)
        }
        blob = f"{server.url}/api/blobs/{files[projector.name]}"
        httpx.post(blob, content=projector.read_bytes(), timeout=60, trust_env=False)
        server.create("seeing", starter_model, files=files)
        yield server


async def asked(runtime: Ollama, *images: Attachment) -> tuple[list[ChatEvent], int]:
    """The events of a short answer, and the tokens of its prompt."""
    place = await runtime.place(ref("seeing"))
    message = Message(Role.USER, "What is this?", images)
    turn = Turn((message,), (Route(ref("seeing"), place),), Sampling(temperature=0, seed=1, max_output=4))
    async with aclosing(runtime.stream(turn)) as stream:
        events = [event async for event in stream]
    (end,) = [event for event in events if isinstance(event, Finished)]
    return events, end.usage.prompt


async def test_a_picture_is_encoded_and_one_that_cannot_be_is_named_as_the_cause(server: Serving) -> None:
    shots = [
        Attachment("shot", "", data=data, media=media) for data, media in ((png(), "image/png"), (JPEG, "image/jpeg"))
    ]
    async with runtime_of(server, kept=Kept(SMALL)) as runtime:
        sees = {each.ref: Capability.VISION in each.capabilities for each in await runtime.models()}
        assert sees == {ref("seeing"): True, ref("smol"): False}
        _, one = await asked(runtime, shots[0])
        _, other = await asked(runtime, shots[1])
        _, both = await asked(runtime, *shots)
        assert one == other
        assert both - one > PATCHES  # the second one's name as well
        with pytest.raises(EngineCrashed) as refused:
            await asked(runtime, Attachment("shot", "", data=WEBP_LOSSY, media="image/webp"))
        assert "PNG or JPEG" in refused.value.hint
        assert (await asked(runtime, shots[0]))[1] == one
