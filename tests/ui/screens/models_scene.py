"""A window with the models of two runtimes: the services are the product's own, what answers them is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aqe_desktop.app import App
from aqe_desktop.core.errors import AqeError, Unreachable, UsageError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.folders import FolderKind, ModelFolder
from aqe_desktop.core.loading import SETTINGS, LoadSettings
from aqe_desktop.core.models import (
    Loaded,
    Model,
    ModelDetails,
    ModelRef,
    Phase,
    Place,
    Proof,
    Removal,
    RuntimeStatus,
    Zone,
)
from aqe_desktop.core.plan import MEMORY, Device, Fit, Hardware, Part, Plan, Recommended, Use
from aqe_desktop.core.ports import Runtime, Stock
from aqe_desktop.core.transfers import Part as Layer
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.services.load_settings import LoadSettingsService
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.planning import PlanningService
from aqe_desktop.services.stock import StockService
from aqe_desktop.store.database import MEMORY as IN_MEMORY
from aqe_desktop.store.database import Database
from aqe_desktop.store.load_settings import LoadSettingsStore
from aqe_desktop.store.pulls import PullStore
from aqe_desktop.ui.screens.models.screen import ModelsScreen
from aqe_desktop.ui.shell.window import MainWindow
from aqe_desktop.ui.tasks import Tasks
from tests.ui.screens.conftest import until

HERE = Place(Zone.DEVICE, Proof.PROVED, ("The engine is a child of this app and has no network.",))
AWAY = Place(Zone.CLOUD, Proof.UNPROVED, ("ollama.com answers for it.",), "Choose a model whose weights are here.")
SMALL = ModelRef("llamacpp", "SmolLM2-135M-Instruct")
CODER = ModelRef("ollama", "qwen2.5-coder:7b")
FAR = ModelRef("ollama", "gpt-oss:120b-cloud")


_OLLAMA = frozenset({"context", "gpu_layers", "threads", "batch", "mmap", "main_gpu", "keep_alive_s"})


class Engine:
    """Answers at once out of what the test gives it; `error` instead of models, `hold` until it may answer."""

    def __init__(
        self, status: RuntimeStatus, models: list[Model], places: dict[ModelRef, Place], takes: frozenset[str]
    ) -> None:
        self.takes = takes
        self.id, self.status = status.id, Feed(status)
        self.held, self.places = models, places
        self.error: AqeError | None = None
        self.hold: asyncio.Event | None = None
        self.fails: AqeError | None = None

    async def look(self) -> RuntimeStatus:
        return self.status.value

    async def models(self, *, read: bool = True) -> list[Model]:
        if self.hold is not None:
            await self.hold.wait()
        if self.error is not None:
            raise self.error
        return self.held

    async def place(self, model: ModelRef) -> Place:
        return self.places.get(model, HERE)

    async def load(self, model: ModelRef) -> None:
        if self.fails is not None:
            raise self.fails
        loaded = (*self.status.value.loaded, Loaded(model, 1_200_000_000, confirmed={"context": 8192}))
        self.status.put(replace(self.status.value, model=model, phase=Phase.READY, loaded=loaded))

    async def unload(self, model: ModelRef | None = None) -> None:
        loaded = tuple(each for each in self.status.value.loaded if model not in (None, each.model))
        self.status.put(replace(self.status.value, model=None, loaded=loaded))


class Shelf:
    """A stock and control over an Engine; `steps` come through a pull one by one, None ends it."""

    creates = True

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.logged = True
        self.removes = Removal.DELETE
        self.used: tuple[str, ...] = ()
        self.steps: asyncio.Queue[Transfer | AqeError | None] = asyncio.Queue()

    async def pull(self, name: str) -> AsyncGenerator[Transfer]:
        while (step := await self.steps.get()) is not None:
            if isinstance(step, AqeError):
                raise step
            yield step

    async def create(self, name: str, file: Path) -> AsyncGenerator[Transfer]:
        async with aclosing(self.pull(name)) as steps:
            async for step in steps:
                yield step
        self.engine.held.append(Model(ModelRef(self.engine.id, name), name, 98_000_000))

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        if any(each.ref.model == name for each in self.engine.held):
            raise UsageError(f"There is a model {name} already.", "Give another name.")
        self.engine.held.append(Model(ModelRef(self.engine.id, name), name, 4_700_000_000))
        return ModelRef(self.engine.id, name)

    async def has_log(self) -> bool:
        return self.logged

    async def used_by(self, model: ModelRef) -> tuple[str, ...]:
        return self.used

    async def delete(self, model: ModelRef) -> None:
        self.engine.held = [each for each in self.engine.held if each.ref != model]

    async def details(self, model: ModelRef) -> ModelDetails:
        found = next(each for each in self.engine.held if each.ref == model)
        facts = (("family", "qwen2"), ("block count", "28"))
        return ModelDetails(found, "{{ .Prompt }}", "Apache License", facts, ("Its template knows no tools.",))

    async def start(self) -> None:
        self.engine.error = None
        self.engine.status.put(replace(self.engine.status.value, phase=Phase.READY, ours=True, message="", hint=""))

    async def stop(self) -> None:
        self.engine.status.put(replace(self.engine.status.value, phase=Phase.STOPPED, ours=False))

    async def logs(self, lines: int = 500) -> AsyncGenerator[str]:
        for number in range(3):
            yield f"line {number}"
        await asyncio.Event().wait()


class Planner:
    """What fits, as a computer with one GPU would have it."""

    async def hardware(self) -> Hardware:
        memory = Device(MEMORY, "Memory", 32_000_000_000, 20_800_000_000)
        return Hardware("AMD Ryzen 9", 16, memory, notes=("No GPU was found.",))

    def __init__(self) -> None:
        self.asked: list[LoadSettings] = []

    async def plan(self, model: Model, settings: LoadSettings | None = None) -> Plan:
        self.asked.append(settings or LoadSettings())
        gpu = Device("gpu0", "GPU 0, RTX 4090", 24_000_000_000, 22_900_000_000, gpu=True)
        memory = Device(MEMORY, "Memory", 32_000_000_000, 20_800_000_000)
        figures = ((Use.WEIGHTS, 16.1e9), (Use.CACHE, 3.4e9), (Use.COMPUTE, 1.2e9), (Use.ENGINE, 0.4e9))
        parts = tuple(Part("gpu0", use, int(size)) for use, size in figures)
        parts += (Part(MEMORY, Use.WEIGHTS, 5_100_000_000), Part(MEMORY, Use.MARGIN, 700_000_000))
        return Plan(
            Fit.PARTLY, "Fits with 31 of 48 layers on the GPU.", (gpu, memory), parts, notes=("VRAM untested.",)
        )

    async def recommended(self) -> tuple[Recommended, ...]:
        row = Recommended(
            name="Qwen2.5-Coder 7B",
            family="qwen2.5-coder",
            parameters=7.6,
            quantization="Q4_K_M",
            source="ollama.com/library",
            pull="qwen2.5-coder:7b",
            size=4_700_000_000,
            licence="Apache-2.0",
            capabilities=("code", "tools"),
            good_for="Completes and explains code in most languages.",
            as_of="2026-11-01",
            seen=True,
            memory=6_000_000_000,
            fit=Fit.FITS,
            reason="It needs about 6.0 GB of 20.8 GB free.",
        )
        large = replace(row, name="Qwen2.5-Coder 32B", seen=False, fit=Fit.NOT, reason="It needs more than is free.")
        return (row, large)


class Folders:
    """Ours, one that was added and one that was found; adding and removing change which is which."""

    def __init__(self) -> None:
        self.held = [
            ModelFolder(Path("/data/aqe-desktop/models"), FolderKind.OURS, "AQE Desktop", 1, 98_000_000),
            ModelFolder(Path("/data/models"), FolderKind.ADDED, "", 4, 33_000_000_000, "One file cannot be read."),
            ModelFolder(Path("/cache/huggingface/hub"), FolderKind.FOUND, "Hugging Face", 12, 61_000_000_000),
        ]

    async def list(self) -> tuple[ModelFolder, ...]:
        return tuple(self.held)

    async def add(self, path: Path) -> None:
        if not any(each.path == path and each.kind is FolderKind.FOUND for each in self.held):
            raise UsageError(f"{path} is no folder.", "Choose a folder.")
        self._turn(path, FolderKind.ADDED)

    async def remove(self, path: Path) -> None:
        self._turn(path, FolderKind.FOUND)

    def _turn(self, path: Path, kind: FolderKind) -> None:
        self.held = [replace(each, kind=kind) if each.path == path else each for each in self.held]


@dataclass
class Scene:
    """The window and what answers behind it."""

    window: MainWindow
    screen: ModelsScreen
    llama: Engine
    ollama: Engine
    shelf: Shelf
    stock: StockService
    planner: Planner
    folders: Folders

    async def read(self) -> None:
        models = self.screen.models
        await until(lambda: models.looked and not models.looking)

    def cell(self, row: int, column: int) -> str:
        table = self.screen.view.table
        return str(table.rows.index(row, column).data())


def engines() -> tuple[Engine, Engine]:
    small = Model(
        SMALL, "SmolLM2-135M-Instruct", 98_000_000, "Q4_1", 8192, capabilities=("chat",), licence="Apache-2.0"
    )
    file = Path("/models/SmolLM2-135M-Instruct-Q4_1.gguf")
    told = (("Engine", "xllamacpp 0.3.1"), ("Chosen because", "the only engine here"), ("Does not know", "Draft model"))
    loaded = (Loaded(SMALL, 310_000_000),)
    status = RuntimeStatus("llamacpp", "llama.cpp", Phase.READY, "0.3.1", SMALL, details=told, loaded=loaded)
    llama = Engine(status, [replace(small, file=file)], {}, frozenset(each.name for each in SETTINGS) - {"draft"})
    coder = Model(CODER, "qwen2.5-coder:7b", 4_700_000_000, "Q4_K_M", 32768, capabilities=("code", "tools"))
    far = Model(FAR, "gpt-oss:120b-cloud", 0, "", 131072, capabilities=("tools", "thinking"), remote="ollama.com")
    warnings = ("Ollama 0.3.0 lets others read its memory; use 0.12.4 or later.",)
    status = RuntimeStatus("ollama", "Ollama", Phase.READY, "0.3.0", address="127.0.0.1:11434", warnings=warnings)
    return llama, Engine(status, [coder, far], {FAR: AWAY}, _OLLAMA)


@asynccontextmanager
async def opened(*, plans: bool = True, more: int = 0) -> AsyncIterator[Scene]:
    llama, ollama = engines()
    ollama.held += [Model(ModelRef("ollama", f"m{n:04}"), f"m{n:04}", n + 1) for n in range(more)]
    models = ModelService(cast("list[Runtime]", [llama, ollama]), _none, patience=2)
    database = await Database.open(IN_MEMORY)
    shelf = Shelf(ollama)
    stock = StockService({"ollama": cast("Stock", shelf)}, {"ollama": shelf}, models, PullStore(database))
    planner = Planner()
    planning = cast("PlanningService", planner) if plans else None
    kept = LoadSettingsService(LoadSettingsStore(database), models.runtime, str)
    folders = Folders()
    parts = SimpleNamespace(models=models, stock=stock, planning=planning, load_settings=kept, folders=folders)
    app = cast("App", cast("Any", parts))
    window = MainWindow()
    screen = ModelsScreen(app, window)
    screen.connect_window(window)
    window.add_screen("models", screen.panes)
    window.resize(1280, 800)
    window.show()
    window.show_screen("models")
    scene = Scene(window, screen, llama, ollama, shelf, stock, planner, folders)
    try:
        yield scene
    finally:
        await screen.aclose()
        await stock.aclose()
        for tasks in window.findChildren(Tasks):
            await tasks.aclose()
        window.close()
        window.deleteLater()
        await database.close()


async def _none() -> str:
    return ""


UNREACHABLE = Unreachable("No Ollama server answers at 127.0.0.1:11434.", "Start it here, or with its own tools.")
HALF = Transfer("Downloading", 6_100, 9_000, 38e6, 76, (Layer("a", 4_000, 4_000), Layer("b", 2_100, 5_000)), 6.1 / 9)
