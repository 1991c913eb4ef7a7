"""The composition root: the one file that names every concrete class and joins them. No Qt, nothing heavy at import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop.joining import open_door, open_leading
from aqe_desktop.machine import crash, logs
from aqe_desktop.machine.anchors import KeyringAnchors
from aqe_desktop.machine.files import read_attachment, write_private
from aqe_desktop.machine.ignored import ignored_by_git
from aqe_desktop.machine.keyring import Keyring
from aqe_desktop.machine.mark import machine_mark
from aqe_desktop.machine.paths import Paths, find_paths, prepare
from aqe_desktop.machine.places import files_below, names_of, real
from aqe_desktop.machine.secret_key import DismissalKey
from aqe_desktop.machine.texts import shared_by, stamp_of, text_of
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.clearing import Clearing
from aqe_desktop.services.dismissals import DismissalService
from aqe_desktop.services.embedding import EmbeddingService
from aqe_desktop.services.history import HistoryService
from aqe_desktop.services.ledger import LedgerService
from aqe_desktop.services.policy import PolicyService, Surroundings
from aqe_desktop.services.privacy import PrivacyService
from aqe_desktop.services.private_texts import PrivateTexts
from aqe_desktop.services.recovered import Recovered
from aqe_desktop.services.scanning import Scanning
from aqe_desktop.settings.file import SettingsFile
from aqe_desktop.settings.policy_file import PolicyFiles
from aqe_desktop.store.database import MEMORY, Database
from aqe_desktop.store.dismissals import DismissalStore
from aqe_desktop.store.ledger import LedgerStore
from aqe_desktop.store.presets import PresetStore
from aqe_desktop.store.projects import ProjectStore
from aqe_desktop.store.shingles import ShingleStore
from aqe_desktop.store.trust import TrustStore
from aqe_desktop.store.words import WordStore
from aqe_desktop.store.writers import Writer
from aqe_desktop.upkeep import open_diagnostics, open_doctor, open_planning, ready_scanner

if TYPE_CHECKING:
    from aqe_desktop.core.ports import Ledger, Presets, Projects
    from aqe_desktop.services.diagnostics import DiagnosticsService
    from aqe_desktop.services.doctor import DoctorService
    from aqe_desktop.services.folders import FolderService
    from aqe_desktop.services.load_settings import LoadSettingsService
    from aqe_desktop.services.models import ModelService
    from aqe_desktop.services.planning import PlanningService
    from aqe_desktop.services.runtimes import RuntimeService
    from aqe_desktop.services.stock import StockService
    from aqe_desktop.store.conversations import ConversationStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class App:
    """Everything a front door may use, over one profile. `temporary_*`: chats in memory that are gone at the end.

    `recovered`: what this start found of an earlier end that nobody had planned."""

    paths: Paths
    chat: ChatService
    history: HistoryService
    temporary_chat: ChatService
    temporary_history: HistoryService
    embedding: EmbeddingService
    models: ModelService
    stock: StockService
    load_settings: LoadSettingsService
    runtimes: RuntimeService
    folders: FolderService
    planning: PlanningService
    presets: Presets
    projects: Projects
    settings: SettingsFile
    policy: PolicyService
    privacy: PrivacyService
    ledger: LedgerService
    doctor: DoctorService
    diagnostics: DiagnosticsService
    recovered: Recovered


@asynccontextmanager
async def open_app(paths: Paths | None = None, *, process: str = "window") -> AsyncGenerator[App]:
    """The app over a profile, the one of AQE_HOME by default; `process` names this one in log and crash marker.

    Raises ReadOnlyData, DatabaseTooNew or another StorageFailed where the profile cannot be used. What is open is
    closed in reverse order: the engine is let go before the database, so that the last words are kept."""
    paths = paths or find_paths()
    await asyncio.to_thread(prepare, paths)
    async with AsyncExitStack() as stack:
        handler = logs.start_logging(paths.logs, process)
        stack.callback(logs.stop_logging, handler)
        crashes = stack.enter_context(crash.marked(paths.home / "running", process))
        yield await _joined(paths, crashes, stack, process)


def log_fault(error: BaseException, process: str, paths: Paths | None = None) -> None:
    """Note a fault of ours that ended a command, when its app and log are closed already."""
    handler = logs.start_logging((paths or find_paths()).logs, process)
    log.critical("uncaught", exc_info=error)
    logs.stop_logging(handler)


async def _joined(paths: Paths, crashes: tuple[crash.Crash, ...], stack: AsyncExitStack, process: str) -> App:
    database, kept, temporary = await _open_stores(paths, stack)
    settings = SettingsFile(paths.settings)
    keyring = Keyring()
    ledger, told = await _open_ledger(paths, keyring, stack)
    door = await open_door(settings, ledger, stack)
    leading = await open_leading(paths, door, settings, database, stack, outlives=process != "window")
    models = leading.models
    policies = _policies(database)
    privacy = _open_privacy(paths, database, policies, DismissalKey(paths.home, keyring), ledger)
    stack.push_async_callback(privacy.aclose)
    clearing = Clearing(models, policies, privacy)
    chat = ChatService(kept, models, clearing, read_attachment)
    stack.push_async_callback(chat.aclose)
    return App(
        paths,
        chat,
        HistoryService(kept),
        ChatService(temporary, models, clearing, read_attachment),
        HistoryService(temporary),
        EmbeddingService(models, clearing),
        models,
        leading.stock,
        leading.load_settings,
        leading.runtimes,
        leading.folders,
        open_planning(paths, database, models.statuses),
        PresetStore(database),
        ProjectStore(database),
        settings,
        policies,
        privacy,
        told,
        open_doctor(paths),
        open_diagnostics(paths),
        Recovered(tuple(each.process for each in crashes), tuple(await kept.recover())),
    )


def _policies(database: Database) -> PolicyService:
    around = Surroundings(PolicyFiles().above, names_of, real, ignored_by_git, files_below)
    return PolicyService(around, TrustStore(database), WordStore(database))


def _open_privacy(
    paths: Paths, database: Database, policies: PolicyService, key: DismissalKey, ledger: Ledger
) -> PrivacyService:
    texts = PrivateTexts(policies, ShingleStore(database), stamp_of, text_of, shared_by)
    dismissals = DismissalService(DismissalStore(database), key.read, ledger)
    return PrivacyService(Scanning(lambda make: ready_scanner(paths, make=make)), policies, texts, dismissals)


async def _open_ledger(paths: Paths, keyring: Keyring, stack: AsyncExitStack) -> tuple[LedgerStore, LedgerService]:
    """Closed after all that may still send: the last rows are anchored too."""
    store = LedgerStore(paths.ledger, await asyncio.to_thread(machine_mark))
    stack.push_async_callback(store.aclose)
    service = LedgerService(store, KeyringAnchors(keyring, paths.home), write_private)
    stack.push_async_callback(service.aclose)
    await service.start()
    return store, service


async def _open_database(path: Path | str, backups: Path | None, stack: AsyncExitStack) -> Database:
    database = await Database.open(path, backups=backups)
    stack.push_async_callback(database.close)
    return database


async def _open_stores(paths: Paths, stack: AsyncExitStack) -> tuple[Database, ConversationStore, ConversationStore]:
    """The folder of writers lies in the data folder: who shares a database must see the same writers."""
    from aqe_desktop.store.conversations import ConversationStore  # SQLite: too heavy for the import of this module

    database = await _open_database(paths.database, paths.backups, stack)
    writer = await asyncio.to_thread(Writer.claim, paths.home / "writers")
    stack.callback(writer.release)
    kept = await ConversationStore.open(database, writer)
    return database, kept, ConversationStore(await _open_database(MEMORY, None, stack))
