"""The models this engine could load: the starter, ours, and those of the folders that the user added."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.models import Capability, Model, ModelRef
from aqe_desktop.runtimes.llamacpp import starter
from aqe_desktop.runtimes.llamacpp.library import reading
from aqe_desktop.runtimes.llamacpp.library.entries import Entry, each_once, look_at
from aqe_desktop.runtimes.llamacpp.library.files import entries_in
from aqe_desktop.runtimes.llamacpp.library.reading import Facts, Memory

HOST = reading.NAME
FACTS = "model-facts.json"
_NOT_READ = "This file could not be read within the limits."
_EMBEDS = "Made for embeddings: it cannot chat."
_NO_MODEL = "It is a part that another model uses, and cannot chat by itself."
_CAPABILITIES = frozenset(Capability)


class Library:
    """Every method may block, and may be called from several threads. `own` is this profile's folder of models, `added`
    tells the others at each look; `facts` remembers what the files say."""

    def __init__(self, own: Path, facts: Path, added: Callable[[], Sequence[Path]] = tuple) -> None:
        self.own = own
        self.added = added
        self._memory = Memory(facts)
        self._lock, self._reading = threading.Lock(), threading.Lock()
        self._entries: dict[str, Entry] = {}

    def names(self) -> list[Model]:
        """Every model by name and size, and what was read of it before: no file is opened."""
        with self._lock:
            self._look()
            return _listed(self._entries, {name: self._memory.facts(entry) for name, entry in self._entries.items()})

    def models(self) -> list[Model]:
        """Every model with what its file says of itself, read once for each content. Starts short processes for new
        files, for a model file is untrusted input; who asks for names or one model does not wait for them."""
        with self._reading:
            with self._lock:
                self._look()
                entries = dict(self._entries)
                known = {name: self._memory.facts(entry) for name, entry in entries.items() if not entry.problem}
            facts = {**known, **_read({name: entries[name] for name, told in known.items() if told is None})}
            with self._lock:
                self._memory.keep(entries, {name: told for name, told in facts.items() if told is not None})
            return _listed(entries, {name: told or {"error": _NOT_READ} for name, told in facts.items()})

    def find(self, ref: ModelRef) -> Model:
        """The model of this reference, its file not opened. Raises ModelBroken when there is no such file, or it cannot
        be used."""
        if (found := _starter()) is not None and ref.model == found.ref.model:
            return found
        entry = self.entry(ref)
        if entry.problem:
            raise ModelBroken(f"The model {ref} cannot be used. {entry.problem}", "Choose another model.")
        return _model(ref.model, entry, self._memory.facts(entry))

    def entry(self, ref: ModelRef) -> Entry:
        """Its files, all of them there now. Raises ModelBroken where there is no such model."""
        with self._lock:
            found = self._entries.get(ref.model)
            if found is None or not _is_there(found):
                self._look()
                found = self._entries.get(ref.model)
        if found is None:
            raise ModelBroken(
                f"The model {ref} is not on this device.",
                f"Put its GGUF file into {self.own}, or choose another model.",
            )
        return found

    def others(self, ref: ModelRef) -> tuple[Entry, ...]:
        """Every model but this one, looked at anew."""
        with self._lock:
            self._look()
        return tuple(entry for name, entry in self._entries.items() if name != ref.model)

    def projector(self, ref: ModelRef) -> Path | None:
        """The companion with which the model reads pictures."""
        entry = self._entries.get(ref.model)
        return entry.projector.path if entry is not None and entry.projector is not None else None

    def _look(self) -> None:
        self._memory.refresh()
        found = [entry for folder in (self.own, *self.added()) for entry in entries_in(folder)]
        first = starter.find_starter()
        self._entries = _named(each_once(found), self._memory.name, {first.stem} if first else set())


def _starter() -> Model | None:
    file = starter.find_starter()
    if file is None:
        return None
    return Model(
        ref=ModelRef(HOST, file.stem),
        name=starter.NAME,
        size=starter.SIZE,
        quantization=starter.QUANTIZATION,
        context=starter.CONTEXT,
        note=starter.NOTE,
        file=file,
        files=(file,),
        sha256=starter.SHA256,
        architecture=starter.ARCHITECTURE,
        parameters=starter.PARAMETERS,
        licence=starter.LICENCE,
    )


def _read(entries: Mapping[str, Entry]) -> dict[str, Facts | None]:
    told = reading.inspect([[part.path for part in entry.parts] for entry in entries.values()])
    return dict(zip(entries, told, strict=True))


def _listed(entries: Mapping[str, Entry], facts: Mapping[str, Facts | None]) -> list[Model]:
    first = _starter()
    return [*([first] if first else []), *(_model(name, entry, facts.get(name)) for name, entry in entries.items())]


def _model(name: str, entry: Entry, facts: Facts | None) -> Model:
    model = Model(
        ref=ModelRef(HOST, name),
        name=name,
        size=entry.size,
        note=entry.problem,
        file=entry.file,
        files=entry.files,
        folder=entry.folder,
        modified=max(part.modified for part in entry.parts) // 1_000_000,
    )
    return model if facts is None or entry.problem else _described(model, facts, sees=entry.projector is not None)


def _named(entries: Sequence[Entry], kept: Callable[[Entry], str], taken: set[str]) -> dict[str, Entry]:
    """By a name each, in their order. A model keeps the name that it had; a new one takes the next that is free."""
    names: dict[int, str] = {}
    for at, entry in enumerate(entries):
        had = kept(entry)
        if had and had not in taken and had in _choices(entry):
            names[at] = had
            taken.add(had)
    for at, entry in enumerate(entries):
        if at not in names:
            names[at] = next(name for name in _choices(entry) if name not in taken)
            taken.add(names[at])
    return {names[at]: entry for at, entry in enumerate(entries)}


def _choices(entry: Entry) -> list[str]:
    """Its name, that with the folders above it from the nearest one on, and at last its whole path, which is no
    other's."""
    above = entry.file.parent.parts[1:]
    longer = ["/".join((*above[at:], entry.name)) for at in range(len(above) - 1, -1, -1)]
    return [entry.name, *longer, entry.file.as_posix().lstrip("/")]


def _described(model: Model, facts: Facts, *, sees: bool) -> Model:
    error = facts["error"]
    if len(facts) == 1:
        return replace(model, note=error)
    can = tuple(Capability(each) for each in facts["capabilities"] if isinstance(each, str) and each in _CAPABILITIES)
    if sees and Capability.CHAT in can:
        can = (*can, Capability.VISION)
    note = "" if Capability.CHAT in can else _EMBEDS if can else _NO_MODEL
    return replace(
        model,
        name=facts["name"] or model.name,
        architecture=facts["architecture"],
        parameters=facts["parameters"],
        quantization=facts["quantization"],
        context=facts["context"],
        licence=facts["licence"],
        capabilities=can,
        note=error or note,
    )


def _is_there(entry: Entry) -> bool:
    """Every file as it was seen: another one in its place is another model."""
    return all((found := look_at(part.path)) is not None and found.identity == part.identity for part in entry.all)
