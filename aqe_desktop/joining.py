"""Every runtime of a profile, joined under the services that lead them; `app.py` joins the rest around them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.core.models import Zone
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import Paths
from aqe_desktop.machine.places import regular_file
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.engines import Wanted
from aqe_desktop.runtimes.llamacpp.library import HOST as LLAMA_CPP
from aqe_desktop.runtimes.llamacpp.library import Library
from aqe_desktop.runtimes.llamacpp.library.folders import LibraryFolders
from aqe_desktop.runtimes.llamacpp.library.library import FACTS
from aqe_desktop.runtimes.ollama.found import Options
from aqe_desktop.runtimes.ollama.places import ID as OLLAMA
from aqe_desktop.services.folders import FolderService
from aqe_desktop.services.load_settings import LoadSettingsService
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.runtimes import RuntimeService
from aqe_desktop.services.stock import StockService
from aqe_desktop.settings.file import SettingsFile
from aqe_desktop.store.database import Database
from aqe_desktop.store.load_settings import LoadSettingsStore
from aqe_desktop.store.pulls import PullStore

if TYPE_CHECKING:
    from aqe_desktop.core.ports import Control, Ledger, LoadSettingsKept, Runtime, Stock
    from aqe_desktop.runtimes.servers.places import Options as ServerOptions
    from aqe_desktop.settings.schema import Settings
    from aqe_desktop.settings.servers import ServerRow


OWN = (LLAMA_CPP, OLLAMA)
"""Runtimes that are there without being added."""


@dataclass(frozen=True, slots=True)
class Runtimes:
    """What was opened, in the order of the lists; the servers and stocks by the id of their runtime."""

    all: tuple[Runtime, ...]
    controls: Mapping[str, Control]
    stocks: Mapping[str, Stock]


@dataclass(frozen=True, slots=True)
class Leading:
    """The services over the runtimes."""

    models: ModelService
    stock: StockService
    load_settings: LoadSettingsService
    runtimes: RuntimeService
    folders: FolderService


async def open_door(settings: SettingsFile, ledger: Ledger, stack: AsyncExitStack) -> Door:
    """The switch is read for each request that would leave, so that every process of this profile heeds it at once.

    A settings file that cannot be read may have said offline, so it counts as that."""

    async def offline() -> bool:
        chosen, broken = await asyncio.to_thread(settings.load_or_default)
        return chosen.network.offline or broken is not None

    chosen, _ = await asyncio.to_thread(settings.load_or_default)
    door = Door(ledger, offline, chosen.network.extra_ca)
    stack.push_async_callback(door.aclose)
    return door


async def open_leading(
    paths: Paths, door: Door, settings: SettingsFile, database: Database, stack: AsyncExitStack, *, outlives: bool
) -> Leading:
    """`outlives`: what is started or loaded on purpose stays when this process ends.

    Closed by the stack: downloads first, then what this process started."""
    from aqe_desktop.store.models_seen import ModelsSeenStore  # SQLite: too heavy for the import of this module

    chosen, _ = await asyncio.to_thread(settings.load_or_default)
    kept, library = LoadSettingsStore(database), open_library(paths, settings)
    runtimes = open_runtimes(paths, door, chosen, kept, library, outlives=outlives)
    for runtime in runtimes.all:
        stack.push_async_callback(runtime.aclose)
    models = ModelService(runtimes.all, preferred(settings, database), ModelsSeenStore(database))
    stock = StockService(runtimes.stocks, runtimes.controls, models, PullStore(database))
    stack.push_async_callback(stock.aclose)
    load_settings = LoadSettingsService(kept, models.runtime, regular_file)
    folders = FolderService(LibraryFolders(library), settings)
    return Leading(models, stock, load_settings, RuntimeService(settings, OWN), folders)


def open_library(paths: Paths, settings: SettingsFile) -> Library:
    """The files that llama.cpp can load; folders that are added count at the next look."""

    def added() -> list[Path]:
        return [Path(each).expanduser() for each in settings.load_or_default()[0].llamacpp.folders]

    return Library(paths.models, paths.home / FACTS, added)


def open_runtimes(
    paths: Paths, door: Door, chosen: Settings, kept: LoadSettingsKept, library: Library, *, outlives: bool
) -> Runtimes:
    """Nothing is asked or started by this; `kept` has the load settings of each model."""
    from aqe_desktop.runtimes.llamacpp.stock import LlamaStock
    from aqe_desktop.runtimes.ollama.runtime import Ollama
    from aqe_desktop.runtimes.ollama.server import Server
    from aqe_desktop.runtimes.ollama.stock import OllamaStock
    from aqe_desktop.runtimes.servers.runtime import PlainServer

    server = Server(paths, door, _options(chosen, outlives=outlives))
    llama = LlamaCpp(paths, door, library=library, wanted=_wanted(chosen), kept=kept, stays=outlives)
    own = (llama, Ollama(paths, door, server, kept))
    others = tuple(PlainServer(door, _of_row(row)) for row in chosen.servers)
    stocks: dict[str, Stock] = {LLAMA_CPP: LlamaStock(library), OLLAMA: OllamaStock(server, door)}
    return Runtimes((*own, *others), {OLLAMA: server}, stocks)


def _wanted(chosen: Settings) -> Wanted:
    """The user's choice among the engines of the llama.cpp family."""
    return Wanted(chosen.llamacpp.engine, chosen.llamacpp.server, chosen.llamacpp.python)


def _of_row(row: ServerRow) -> ServerOptions:
    from aqe_desktop.runtimes.servers.places import Options

    return Options(
        row.id,
        row.url,
        row.name,
        Zone(row.zone) if row.zone else None,
        Path(row.program) if row.program else None,
        row.patience,
        row.vision,
    )


def _options(chosen: Settings, *, outlives: bool) -> Options:
    ollama = chosen.ollama
    return Options(
        url=ollama.url,
        binary=Path(ollama.program) if ollama.program else None,
        models=Path(ollama.models) if ollama.models else None,
        declared=Zone(ollama.zone) if ollama.zone else None,
        cloud=ollama.cloud,
        outlives=outlives,
    )


def preferred(settings: SettingsFile, database: Database) -> Callable[[], Awaitable[str]]:
    """What tells the model for new chats."""

    async def named() -> str:
        """The setting, else the model that was used last."""
        from aqe_desktop.store.used import last_model

        chosen, _ = await asyncio.to_thread(settings.load_or_default)
        return chosen.chat.default_model or str(await database.read(last_model) or "")

    return named
