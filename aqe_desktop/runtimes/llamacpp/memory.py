"""Whether a model will fit, said before it is loaded: a machine that swaps is worse than a clear no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.core.errors import NotEnoughMemory
from aqe_desktop.core.figures import size_text
from aqe_desktop.core.plan import Shape, Use
from aqe_desktop.core.planning.asked import Asked, rounded, why_not
from aqe_desktop.core.planning.placing import laid
from aqe_desktop.runtimes.llamacpp.gguf import Metadata
from aqe_desktop.runtimes.llamacpp.options import LoadOptions
from aqe_desktop.runtimes.llamacpp.shape import read_shape

# For a model whose header does not give its shape: program, tables and buffers of a small one as measured.
_FIXED = 120 * 1024**2
_SHARE_OF_FILE = 0.05


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes: `counted` must be free, with a margin; `held` is what the process holds once it has loaded, spare pages of
    the file included."""

    counted: int
    held: int


def need_of(files: Sequence[Path], metadata: Metadata, options: LoadOptions, beside: int) -> Need:
    """Of settled options, by the planner's arithmetic; `beside` is the size of what is loaded with the model."""
    shape, asked = read_shape(files), _asked(options)
    if why_not(shape, asked):
        size = sum(file.stat().st_size for file in files)
        tokens = (options.n_ctx or 0) * options.n_parallel
        crude = round(size * (1 + _SHARE_OF_FILE)) + metadata.kv_bytes_per_token * tokens + _FIXED
        return Need(crude + beside, crude + beside)
    return _planned(shape, asked, beside)


def require(need: Need, free: int | None, name: str) -> None:
    """Raises NotEnoughMemory with the figures; an unknown amount of free memory refuses nothing."""
    if free is not None and need.counted > free:
        raise NotEnoughMemory(
            f"{name} needs about {size_text(need.counted)} of memory, and {size_text(free)} are free."
        )


def _planned(shape: Shape, asked: Asked, beside: int) -> Need:
    """As if all lay in one memory: how it is divided among devices is the engine's to try."""
    found = laid(shape, asked, (), 0)
    held = sum(part.bytes for part in found.parts if part.use is not Use.MARGIN)
    return Need(found.needed + beside, held + beside)


def _asked(options: LoadOptions) -> Asked:
    return Asked(
        context=rounded(options.n_ctx or 0),
        slots=options.n_parallel,
        batch=options.n_batch or 0,
        kv_type=options.kv_type or "f16",
        flash_attention=options.flash_attention is not False,
        mmap=options.mmap is not False,
        kept_chats=options.cache_ram_mib * 1024**2,
    )
