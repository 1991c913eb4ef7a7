"""The care of a profile that need not open: checks, reports and the copies of its database. `app.py` has the rest."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from aqe_desktop import __version__
from aqe_desktop.core.errors import AqeError, ModelBroken
from aqe_desktop.machine import logs
from aqe_desktop.machine.files import write_private
from aqe_desktop.machine.paths import Paths, find_paths, prepare
from aqe_desktop.resources import resource
from aqe_desktop.services.diagnostics import DiagnosticsService, Sources
from aqe_desktop.services.doctor import Check, DoctorService
from aqe_desktop.settings.file import SettingsFile

if TYPE_CHECKING:
    from aqe_desktop.core.models import RuntimeStatus
    from aqe_desktop.privacy.scanner import Scanner
    from aqe_desktop.services.planning import PlanningService
    from aqe_desktop.store.backups import Backup
    from aqe_desktop.store.database import Database

_COMPILE_S = 120.0  # seconds; it takes less than ten where nothing else runs
PACKAGES = ("apsw-sqlite3mc", "httpx", "pydantic", "PySide6_Essentials", "qasync", "xllamacpp")


def open_doctor(paths: Paths | None = None) -> DoctorService:
    """The checks, also for a profile that `open_app` refuses."""
    from aqe_desktop.machine import checks
    from aqe_desktop.machine.gpus import find_gpus
    from aqe_desktop.runtimes.llamacpp import builds, engines
    from aqe_desktop.store.soundness import check_database, check_ledger

    at = paths or find_paths()

    def here() -> engines.Engines:
        chosen = SettingsFile(at.settings).load_or_default()[0].llamacpp
        return engines.Engines(engines.Wanted(chosen.engine, chosen.server, chosen.python), at.home)

    def told(engine: str) -> str:
        return here().told(engine)

    return DoctorService(
        (
            Check("python", checks.python),
            Check("system", checks.system),
            Check("computer", checks.computer),
            Check("GPU", checks.gpus),
            Check("data folder", lambda: checks.data_folder(at)),
            Check("database", lambda: check_database(at.database, at.backups)),
            Check("ledger", lambda: check_ledger(at.ledger)),
            Check("settings", lambda: _check_settings(SettingsFile(at.settings))),
            Check("engine", lambda: here().require_chosen()),
            *(Check(f"engine {name}", partial(told, name)) for name in engines.NAMES),
            Check("GPU engine", lambda: builds.told(find_gpus().devices)),
            Check("starter model", lambda: _check_starter(at)),
            Check("network isolation", checks.isolation),
            Check("window", checks.window),
        )
    )


def open_diagnostics(paths: Paths | None = None) -> DiagnosticsService:
    """The bundle's maker, also for a profile that `open_app` refuses."""
    from aqe_desktop.machine import checks

    at = paths or find_paths()
    sources = Sources(
        versions=lambda: {"aqe-desktop": __version__, **checks.versions(PACKAGES)},
        settings=lambda: SettingsFile(at.settings).load().model_dump(mode="json"),
        log=lambda: logs.last_lines(at.logs),
        redact=lambda text: logs.redacted(text).replace(f"{Path.home()}/", "~/"),
        write=write_private,
    )
    return DiagnosticsService(open_doctor(at), sources)


def open_planning(paths: Paths, database: Database, statuses: Callable[[], Sequence[RuntimeStatus]]) -> PlanningService:
    """The memory planner over this computer; `statuses` tells what this process has in memory."""
    from aqe_desktop.machine.hardware import read_hardware
    from aqe_desktop.runtimes.llamacpp import speeds
    from aqe_desktop.runtimes.llamacpp.shape import shape_of
    from aqe_desktop.runtimes.llamacpp.statuses import engine_of, running_in
    from aqe_desktop.services.planning import PlanningService
    from aqe_desktop.services.planning.service import Sources
    from aqe_desktop.store.load_settings import LoadSettingsStore
    from aqe_desktop.store.measured import MeasuredStore

    noted, kept = paths.home / speeds.FILE, LoadSettingsStore(database)
    return PlanningService(
        Sources(
            shape=shape_of,
            hardware=read_hardware,
            batch=lambda file: speeds.batch_for(file, noted),
            recommended=lambda: resource("recommended", "models.toml").read_text("utf-8"),
            settings=lambda model: kept.get(model.ref),
            engine=lambda model: engine_of(model.ref, statuses()),
            running=lambda model: running_in(model.ref, statuses()),
            measured=MeasuredStore(database),
        )
    )


def open_scanner() -> Scanner:
    """The scanner of the shipped rules, not ready yet: it calls every text private until `make_ready` has returned.

    Raises RulesBroken where the rules cannot work."""
    from aqe_desktop import privacy
    from aqe_desktop.privacy.checks import CHECKS
    from aqe_desktop.privacy.rule import read_rules
    from aqe_desktop.privacy.scanner import Scanner

    folder = Path(privacy.__file__).parent / "rules"
    return Scanner(read_rules({path.name: path.read_text("utf-8") for path in folder.glob("*.toml")}), CHECKS)


def make_ready(scanner: Scanner, paths: Paths | None = None) -> None:
    """Load the compiled rules, or compile and keep them: some seconds then, so a window calls it in a thread."""
    from aqe_desktop.store.compiled import CompiledRules

    at = paths or find_paths()
    kept = CompiledRules(at.home / "cache")
    stored = kept.get(scanner.key)
    if stored is None or not scanner.load(stored):
        with suppress(AqeError):  # where nothing can be kept it is compiled for this once
            prepare(at)
        kept.put(scanner.key, _compiled_apart(scanner) or scanner.compile())


def compile_rules() -> int:
    """The worker's part of `make_ready`: the rules' key on a line, then the compiled bytes, on standard output."""
    scanner = open_scanner()
    sys.stdout.buffer.write(scanner.key.encode() + b"\n" + scanner.compile())
    sys.stdout.buffer.flush()
    return 0


def _compiled_apart(scanner: Scanner) -> bytes:
    """By a process that ends then: what compiling takes of memory would stay with a window as long as it is open.

    b"" where that fails, also where other rules lie there by now, as after an update of the app under it."""
    from aqe_desktop.machine.processes import output_of_worker

    key, _, compiled = output_of_worker("rules", _COMPILE_S).partition(b"\n")
    return compiled if key == scanner.key.encode() and scanner.load(compiled) else b""


def ready_scanner(paths: Paths | None = None, *, make: bool = True) -> Scanner | None:
    """A scanner that can read; unless it is to `make` one, None where none was compiled yet. Raises RulesBroken."""
    from aqe_desktop.store.compiled import CompiledRules

    scanner = open_scanner()
    if make:
        make_ready(scanner, paths)
        return scanner
    stored = CompiledRules((paths or find_paths()).home / "cache").get(scanner.key)
    return scanner if stored is not None and scanner.load(stored) else None


def list_copies(paths: Paths | None = None) -> list[Backup]:
    """The copies of the database, newest first."""
    from aqe_desktop.store.backups import list_backups

    return list_backups(paths or find_paths())


def restore_copy(name: str, paths: Paths | None = None) -> Path | None:
    """Put a copy in the database's place; returns where the replaced one is kept. Raises UsageError, StorageFailed."""
    from aqe_desktop.store.restore import restore_backup

    return restore_backup(paths or find_paths(), name)


def _check_settings(settings: SettingsFile) -> str:
    settings.load()
    return f"{settings.path}" if settings.path.exists() else "all defaults; there is no file yet"


def _check_starter(paths: Paths) -> str:
    from aqe_desktop.runtimes.llamacpp import starter
    from aqe_desktop.runtimes.llamacpp.worker.keeper import VERIFIED

    path = starter.find_starter()
    if path is None:
        hint = "Run `make run`, or put a GGUF file into the models folder."
        raise ModelBroken("The starter model is not installed.", hint)
    starter.verify(path, starter.SHA256, paths.home / VERIFIED, lambda _: None)
    return f"{path}, size and SHA-256 as published"
