"""The gallery's part of the models screen: a setting in each of its states, and memory plans that fit and do not."""

from __future__ import annotations

from PySide6.QtWidgets import QLayout

from aqe_desktop.core.load_checks import KNOWN
from aqe_desktop.core.plan import MEMORY, Device, Fit, Part, Plan, Use
from aqe_desktop.ui.gallery.controls import GERMAN, stack
from aqe_desktop.ui.screens.models.load_form import SettingRow
from aqe_desktop.ui.screens.models.memory import MemoryPicture
from aqe_desktop.ui.screens.models.words import lacking_words
from aqe_desktop.ui.theme.tokens import L, M

_GPU = Device("gpu0", "GPU 0, RTX 4090", 24_000_000_000, 22_900_000_000, gpu=True)
_RAM = Device(MEMORY, "Memory", 32_000_000_000, 20_800_000_000)
_TAKEN = ((Use.WEIGHTS, 16.1), (Use.CACHE, 3.4), (Use.COMPUTE, 1.2), (Use.ENGINE, 0.4))


def _settings() -> QLayout:
    """Left to the engine, set, one that cannot be, a choice, one that the engine lacks, and files."""
    states = ("context", "gpu_layers", "threads", "flash_attention", "kv_type", "lora")
    rows = {name: SettingRow(KNOWN[name]) for name in states}
    rows["context"].show_value(None)
    rows["gpu_layers"].show_value(-1)
    rows["threads"].show_value(4)
    rows["threads"].editor.setProperty("invalid", True)
    rows["flash_attention"].show_value(True)
    rows["kv_type"].show_value("", lacks=lacking_words("Ollama", ["llama.cpp"]))
    rows["lora"].show_value(("/models/review.gguf", f"/models/{GERMAN}.gguf"))
    return stack(*rows.values(), spacing=M)


def _plans() -> QLayout:
    fits, full, unknown = MemoryPicture(), MemoryPicture(), MemoryPicture()
    parts = tuple(Part("gpu0", use, int(size * 1e9)) for use, size in _TAKEN)
    fits.show_plan(Plan(Fit.PARTLY, "Fits with 31 of 48 layers on the GPU.", (_GPU, _RAM), parts))
    large = (Part(MEMORY, Use.WEIGHTS, 24_000_000_000), Part(MEMORY, Use.CACHE, 2_000_000_000))
    full.show_plan(Plan(Fit.NOT, "Does not fit: 5.2 GB are missing.", (_RAM,), large))
    unknown.show_plan(None)
    return stack(fits, full, unknown, spacing=L)


MODELS = (("Load settings", _settings), ("Memory plans", _plans))
