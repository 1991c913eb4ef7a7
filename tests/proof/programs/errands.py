"""Every purpose of an errand through the runtimes as the app joins them, to servers that only pass as near.

errands.py WAY: `ollama`, `ollama-here` (an address of this device, behind which anybody may be) or `plain`. The sink
answers all alike, so most of this fails after it was sent: what counts is that each request had its row, and that the
private text of a chat, or of what is to become a vector, never left."""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from collections.abc import Awaitable
from contextlib import aclosing
from pathlib import Path

from aqe_desktop.app import App, open_app
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.models import ModelRef

SERVER, ON_LOOPBACK = "http://cloud.test:8080", "http://127.0.0.1:8080"


async def tried(work: Awaitable[object]) -> None:
    """Whether it succeeds is the server's business; a fault of ours flies."""
    try:
        await work
    except AqeError as error:
        print(error.kind)


async def main(way: str) -> None:
    host = "box" if way == "plain" else "ollama"
    async with open_app(process="proof") as app:
        if way == "plain":
            await app.runtimes.add(host, SERVER)
        else:
            await app.runtimes.set_url(host, SERVER if way == "ollama" else ON_LOOPBACK)
    async with open_app(process="proof") as app:
        await ask_everything(app, ModelRef(host, "org/large"))


async def ask_everything(app: App, model: ModelRef) -> None:
    await tried(app.models.settled(anew=True, places=True))
    await tried(app.models.look())
    await tried(app.models.load(model))
    await tried(app.models.unload(model.host, model))
    await tried(chat(app, model))
    await tried(app.embedding.embed(model, [f"db_password = 'Vq7#kT93mZpL2wX' of {os.environ['CANARY']}"]))
    await tried(app.embedding.embed(model, ["Cows eat grass."]))
    if app.stock.can_stock(model.host):
        await tried(pulled(app, model))
        await tried(app.stock.details(model))
        await tried(app.stock.copy(model, "twin"))
        await tried(app.stock.delete(model))
        await tried(created(app, model))


async def chat(app: App, model: ModelRef) -> None:
    """A private text, to be refused."""
    text = f"db_password = 'Vq7#kT93mZpL2wX' of {os.environ['CANARY']}"
    async with aclosing(app.chat.ask(None, text, model=model)) as events:
        async for _ in events:
            pass


async def pulled(app: App, model: ModelRef) -> None:
    async with aclosing(app.stock.following(model)) as pulls:
        async for _ in pulls:
            pass


async def created(app: App, model: ModelRef) -> None:
    """A private file, which is only given to a server that is proved to be here."""
    file = Path(os.environ["AQE_HOME"]) / "private.gguf"
    file.write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 1, 0) + os.environ["CANARY"].encode())
    async with aclosing(app.stock.create(model.host, "mine", file)) as transfers:
        async for _ in transfers:
            pass


asyncio.run(main(sys.argv[1]))
