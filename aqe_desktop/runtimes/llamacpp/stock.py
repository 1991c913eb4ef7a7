"""GGUF files described, and moved to the trash; they are brought in by the user, as files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from aqe_desktop.core.errors import ModelBroken, UsageError
from aqe_desktop.core.models import Capability, Model, ModelDetails, ModelRef, Removal
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.machine import ollama_files, trash
from aqe_desktop.runtimes.llamacpp import starter
from aqe_desktop.runtimes.llamacpp.library import Library, reading
from aqe_desktop.runtimes.llamacpp.library.entries import Entry, Found

_NO_TEMPLATE = "Its file holds no chat template, so the engine uses a plain one: answers may be odd."
_NO_TOOLS = "Its chat template has no place for tools, so it cannot call any."
_NOT_READ = "Its file could not be read within the limits."


class LlamaStock:
    """Implements core.ports.Stock."""

    def __init__(self, library: Library) -> None:
        self._library = library

    @property
    def creates(self) -> bool:
        return False

    @property
    def removes(self) -> Removal:
        return Removal.TRASH

    def pull(self, name: str) -> AsyncGenerator[Transfer]:
        """Raises UsageError with the way there is: no registry stands behind this engine."""
        raise UsageError(f"{name} cannot be downloaded by llama.cpp: it has no registry.", self._way())

    def create(self, name: str, file: Path) -> AsyncGenerator[Transfer]:
        """Raises UsageError with the way there is: a file is a model already."""
        raise UsageError(f"{name} need not be made: llama.cpp loads {file.name} as it is.", self._way())

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        """Raises UsageError: a model bears the name of its file."""
        raise UsageError(f"{model} has the name of its file, and no second one ({name}).", "Rename its file instead.")

    async def delete(self, model: ModelRef) -> None:
        """Moves all its files to the trash. Raises UsageError for the starter and for what is Ollama's, StorageFailed
        where there is no trash."""
        await asyncio.to_thread(self._delete, model)

    async def used_by(self, model: ModelRef) -> tuple[str, ...]:
        if _is_starter(model):
            return ()
        return await asyncio.to_thread(lambda: tuple(self._uses(model)))

    async def details(self, model: ModelRef) -> ModelDetails:
        """As the file tells them, read anew."""
        return await asyncio.to_thread(self._details, model)

    def _way(self) -> str:
        return f"Put its GGUF file into {self._library.own}, or add its folder: aqe models folders add DIR"

    def _delete(self, model: ModelRef) -> None:
        if _is_starter(model):
            raise UsageError(
                "The starter model comes with the app and stays.", "Uninstall the extra “starter” to be rid of it."
            )
        entry = self._library.entry(model)
        if ollama_files.is_store(entry.folder):
            raise UsageError(
                f"{model} is one of Ollama's models, and Ollama needs its file.",
                f"Remove it there: aqe rm ollama/{entry.name}",
            )
        trash.move_to_trash([each.path for each in self._own(model, entry)])

    def _own(self, model: ModelRef, entry: Entry) -> tuple[Found, ...]:
        """Without a companion that another model reads pictures with too."""
        shared = entry.projector and any(
            other.projector and other.projector.identity == entry.projector.identity
            for other in self._library.others(model)
        )
        return entry.parts if shared else entry.all

    def _uses(self, model: ModelRef) -> Iterator[str]:
        entry = self._library.entry(model)
        if ollama_files.is_store(entry.folder):
            yield f"Ollama has it as {entry.name}."
        own = self._own(model, entry)
        if entry.projector and entry.projector not in own:
            yield f"{entry.projector.path.name} stays: other models read pictures with it."
        for each in own:
            yield from _names_of(each.path)

    def _details(self, model: ModelRef) -> ModelDetails:
        found = self._library.find(model)
        parts = (found.file,) if _is_starter(model) else tuple(each.path for each in self._library.entry(model).parts)
        told = reading.describe([each for each in parts if each])
        if told is None:
            raise ModelBroken(f"{model}: {_NOT_READ}", "Choose another model.")
        if "error" in told:
            return ModelDetails(found, warnings=(told["error"],))
        facts = tuple((str(name), str(value)) for name, value in told["facts"])
        return ModelDetails(found, told["template"], told["licence"], facts, _warnings(found, told["template"]))


def _names_of(path: Path) -> Iterator[str]:
    """What stays of a file that has other names too."""
    try:
        if path.is_symlink():
            yield f"{path.name} is a link; only the link goes, and {path.resolve()} stays."
        elif (links := path.stat().st_nlink) > 1:
            names = "another name" if links == 2 else f"{links - 1} other names"
            yield f"{path.name} has {names} on this disk (hard links), so its space is not freed."
    except OSError:
        return


def _warnings(model: Model, template: str) -> tuple[str, ...]:
    if Capability.CHAT not in model.capabilities:
        return ()
    if not template.strip():
        return (_NO_TEMPLATE,)
    return () if Capability.TOOLS in model.capabilities else (_NO_TOOLS,)


def _is_starter(model: ModelRef) -> bool:
    found = starter.find_starter()
    return found is not None and found.stem == model.model
