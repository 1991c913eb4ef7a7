"""A picture reaches the engine and is encoded there: it costs the tokens that its encoder makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from zlib import crc32

import pytest

from aqe_desktop.core.chat import Attachment, Message, Role, Route, Turn
from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.models import Capability, ModelRef
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.engines import Wanted
from tests import parts
from tests.doors import local_door
from tests.pictures import GIF, JPEG, png
from tests.runtimes.llamacpp.conversation import HERE, SHORT, SMALL, answer
from tests.runtimes.llamacpp.engines import Engines
from tests.runtimes.llamacpp.projector import PATCHES, write_projector

ENGINES: dict[str, Callable[[], Wanted]] = {
    "xllamacpp": lambda: Wanted("xllamacpp"),
    "llama-server": lambda: Wanted("llama-server", server=str(parts.llama_server_binary())),
}
SEEING = ModelRef("llamacpp", "seeing")


def asking(*images: Attachment) -> Turn:
    return Turn((Message(Role.USER, "What is this?", images),), (Route(SEEING, HERE),), SHORT)


def named(data: bytes, media: str) -> Attachment:
    """All of one name, so that the prompts differ by the picture only."""
    return Attachment("shot", "", data=data, media=media)


@asynccontextmanager
async def engine_that_sees(paths: Paths, model: Path, wanted: Wanted) -> AsyncIterator[LlamaCpp]:
    prepare(paths)
    paths.models.mkdir(exist_ok=True)
    (paths.models / "seeing.gguf").symlink_to(model)
    write_projector(paths.models / "mmproj-seeing.gguf", into=576)
    runtime = LlamaCpp(paths, local_door(), SMALL, wanted=wanted)
    yield runtime
    await runtime.aclose()


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_picture_is_encoded_by_the_engine(
    paths: Paths, engines: Engines, starter_model: Path, engine: str
) -> None:
    async with engine_that_sees(paths, starter_model, ENGINES[engine]()) as runtime:
        sees = {model.ref: Capability.VISION in model.capabilities for model in await runtime.models()}
        assert sees == {SEEING: True, ModelRef("llamacpp", starter_model.stem): False}
        blank = asking(named(png(), "image/png"))
        without = await runtime.count(blank)
        for data, media in ((png(), "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif")):
            text, finished, _ = await answer(runtime, asking(named(data, media)))
            assert text
            assert finished.usage.prompt == without + PATCHES
        with pytest.raises(ProviderFailed, match="The engine cannot read this image") as refused:
            await answer(runtime, asking(named(png()[:60], "image/png")))
        assert "PNG or JPEG" in refused.value.hint
        assert (await answer(runtime, blank))[0]


def _unreadable() -> bytes:
    """A PNG by its head, with pixels that are none: llama.cpp hands what its decoder refuses to ffprobe."""
    whole = png()
    at = whole.index(b"IDAT")
    length = int.from_bytes(whole[at - 4 : at], "big")
    pixels = b"IDAT" + bytes([255]) * length
    return (
        whole[: at - 4]
        + length.to_bytes(4, "big")
        + pixels
        + crc32(pixels).to_bytes(4, "big")
        + whole[at + 8 + length :]
    )


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
async def test_an_image_that_cannot_be_decoded_is_given_to_no_program(
    paths: Paths, engines: Engines, starter_model: Path, tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    for name in ("ffprobe", "ffmpeg"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho $* >>{ran}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    async with engine_that_sees(paths, starter_model, ENGINES[engine]()) as runtime:
        with pytest.raises(ProviderFailed, match="The engine cannot read this image"):
            await answer(runtime, asking(named(_unreadable(), "image/png")))
        assert not ran.exists()
        assert (await answer(runtime, asking(named(png(), "image/png"))))[0]
