"""Ollama's models brought in, copied, described and removed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import AqeError, PrivacyRefused
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Capability, Model, ModelDetails, ModelRef, Place, Proof, Removal, Zone
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.machine.awake import awake
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.door.cut import Cut
from aqe_desktop.runtimes.ollama import files, listing, names, places, pulls
from aqe_desktop.runtimes.ollama.client import native, translated, warm_up
from aqe_desktop.runtimes.ollama.files import Reading, of_file, sent
from aqe_desktop.runtimes.ollama.places import ID
from aqe_desktop.runtimes.ollama.server import Server

if TYPE_CHECKING:
    import httpx

_NOTHING = hashlib.sha256().hexdigest()


class OllamaStock:
    """Implements core.ports.Stock."""

    def __init__(self, server: Server, door: Door) -> None:
        self._server = server
        self._door = door

    async def pull(self, name: str) -> AsyncGenerator[Transfer]:
        """What the server fetches leaves this machine too, so it has a row in the ledger before the server is told, and
        the offline switch ends it.

        Raises Offline; ModelBroken for a name that the registry does not have; Unreachable where that is silent."""
        registry = pulls.registry_of(name)
        client = await self._opened(Purpose.PULL)
        body = {"model": name, "stream": True, **({"insecure": True} if pulls.is_here(registry) else {})}
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(client)
            here = self._server.endpoint.on_loopback
            cut = await stack.enter_async_context(_told(self._door, name, registry, due=here))
            await self._keep_awake(stack, name)
            lines = native(client).lines("/api/pull", body)
            async with aclosing(lines), aclosing(pulls.shown(lines, name, registry)) as transfers:
                while (transfer := await _before(cut, transfers)) is not None:
                    yield transfer

    @property
    def creates(self) -> bool:
        return True

    async def create(self, name: str, file: Path) -> AsyncGenerator[Transfer]:
        """Raises PrivacyRefused where the server is not proved to be on this device: the file stays here then. What
        `require_gguf`, `require_name` and `require_free` raise, before the file is read whole."""
        names.require_name(name)
        await asyncio.to_thread(files.require_gguf, file)
        await self._server.ensure()
        place = await self._server.place()
        _require_here(place)
        await self._require_free(name)
        reading = Reading(file)
        async with aclosing(reading.transfers()) as transfers:
            async for transfer in transfers:
                yield transfer
        same = {"trace": places.same_server(self._server.endpoint, await self._server.known())}
        async with await self._opened(Purpose.MANAGE, place) as client:
            async with aclosing(sent(client, reading.upload, same)) as transfers:
                async for transfer in transfers:
                    yield transfer
            body = {"model": name, "files": {file.name: f"sha256:{reading.upload.sha256}"}, "stream": True}
            lines = native(client).lines("/api/create", body)
            async with aclosing(lines), aclosing(pulls.shown(lines, name, "")) as transfers:
                async for transfer in transfers:
                    yield of_file(reading.upload.size, transfer.what, 2 * reading.upload.size)

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        """Raises ModelBroken where there is none to copy, UsageError where the name is taken or is none."""
        names.require_name(name)
        await self._server.ensure()
        await self._require_free(name)
        async with await self._opened(Purpose.MANAGE) as client:
            with translated():
                await native(client).copy(model.model, name)
        return ModelRef(ID, listing.full_name(name))

    @property
    def removes(self) -> Removal:
        return Removal.DELETE

    async def used_by(self, model: ModelRef) -> tuple[str, ...]:  # noqa: ARG002 - the port's
        """Nothing beside what its list shows: a server knows which of its models share a file."""
        return ()

    async def delete(self, model: ModelRef) -> None:
        async with await self._opened(Purpose.MANAGE) as client:
            with translated():
                await native(client).delete(model.model)

    async def details(self, model: ModelRef) -> ModelDetails:
        """As the server tells them, read anew."""
        await asyncio.to_thread(warm_up)
        async with await self._server.client(Purpose.MODELS) as client:
            asked = native(client)
            rows = await listing.tags(asked)
            shown = await listing.show(asked, model.model)
        name = listing.full_name(model.model)
        row = next((row for row in rows if row.get("name") == name), {"name": model.model})
        found = listing.model_of(row, shown)
        told = listing.details_of(found, shown)
        return replace(told, warnings=warnings_of(found, told.template))

    async def _require_free(self, name: str) -> None:
        await asyncio.to_thread(warm_up)
        async with await self._server.client(Purpose.MODELS) as client:
            rows = await listing.tags(native(client))
        names.require_free(name, [str(row.get("name") or row.get("model")) for row in rows])

    async def _opened(self, purpose: Purpose, place: Place | None = None) -> httpx.AsyncClient:
        """A client with all the time in the world; a server is started for it where none runs."""
        await asyncio.to_thread(warm_up)
        await self._server.ensure()
        return await self._server.client(purpose, read_s=None, place=place)

    async def _keep_awake(self, stack: AsyncExitStack, name: str) -> None:
        held = awake(f"Downloading {name}")
        await asyncio.to_thread(held.__enter__)
        stack.push_async_callback(asyncio.to_thread, held.__exit__, None, None, None)


@asynccontextmanager
async def _told(door: Door, name: str, registry: str, *, due: bool) -> AsyncGenerator[Cut]:
    """The two rows of what the server sends for us, and the cut by which the offline switch ends it. It asks for a name
    and sends no content, so its body is empty. None are `due` for what another machine sends."""
    place = Place(Zone.CLOUD, Proof.PROVED, (f"The model is fetched from {registry}.",))
    passage = door.passage(Errand(Purpose.PULL, str(ModelRef(ID, name)), place), registry, ID)
    cut = Cut(passage)
    if not due:
        yield cut
        return
    row, status = await passage.begin(0, _NOTHING), "left"
    cut.begin()
    try:
        yield cut
        status = "200"
    except AqeError as error:
        status = error.kind
        raise
    finally:
        await cut.aclose()
        await passage.end(row, status)


async def _before(cut: Cut, transfers: AsyncGenerator[Transfer]) -> Transfer | None:
    """The next one, None at the end. Raises Offline as soon as the switch is on."""
    async with cut.held():
        return await anext(transfers, None)


def warnings_of(model: Model, template: str) -> tuple[str, ...]:
    """What a model's template cannot do, one sentence each; it is of no matter where another machine answers."""
    if model.remote or Capability.EMBEDDINGS in model.capabilities:
        return ()
    plain = template.strip()
    if plain in ("", "{{ .Prompt }}", "{{.Prompt}}"):
        return (
            "Its template is only the prompt: it goes on with a text and does not answer. Give it a chat template.",
        )
    return () if ".Tools" in plain else ("Its template has no place for tools (.Tools), so it cannot call any.",)


def _require_here(place: Place) -> None:
    if place.zone is not Zone.DEVICE or place.proof is not Proof.PROVED:
        raise PrivacyRefused(
            f"The server is not proved to be on this device, so the file was not given to it. {place.facts[0]}",
            "End that server where it was started, start Ollama from here, then try again.",
        )
