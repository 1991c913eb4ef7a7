"""Which models are shown and in which order: pure, so that five thousand of them take no longer than their sorting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from aqe_desktop.core.chat import Loading
from aqe_desktop.core.models import ModelRef, Zone
from aqe_desktop.services.models import ListedModel, RuntimeList


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list. `fresh` False: as its runtime had it last; `loading` while it is being loaded from here."""

    listed: ListedModel
    runtime: str
    fresh: bool
    loading: Loading | None = None

    @property
    def ref(self) -> ModelRef:
        return self.listed.model.ref


class Order(StrEnum):
    """By what the list is sorted; the words are those of the choice."""

    NAME = "Name"
    RUNTIME = "Runtime"
    SIZE = "Size"
    CONTEXT = "Context"
    LOADED = "Loaded first"
    SPEED = "Last speed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be seen. `words` must all occur; None and "" are everything."""

    words: str = ""
    runtime: str = ""
    zone: Zone | None = None
    capability: str = ""
    loaded: bool = False
    order: Order = Order.NAME
    falling: bool = False

    @property
    def filtered(self) -> bool:
        return bool(self.words or self.runtime or self.zone or self.capability or self.loaded)


_KEYS: dict[Order, Callable[[Row], Any]] = {
    Order.NAME: lambda row: row.listed.model.name.casefold(),
    Order.RUNTIME: lambda row: (row.runtime.casefold(), row.listed.model.name.casefold()),
    Order.SIZE: lambda row: row.listed.model.size,
    Order.CONTEXT: lambda row: row.listed.model.context,
    Order.LOADED: lambda row: (not is_loaded(row), row.listed.model.name.casefold()),
    Order.SPEED: lambda row: row.listed.speed or 0.0,
}


def rows_of(lists: Iterable[RuntimeList], loading: dict[ModelRef, Loading]) -> list[Row]:
    """Every model of every runtime, in their order."""
    return [
        Row(listed, part.status.name, part.fresh, loading.get(listed.model.ref))
        for part in lists
        for listed in part.models
    ]


def chosen(rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    """Those that match, sorted; equal ones stay in their runtime's order."""
    words = wanted.words.casefold().split()
    found = [row for row in rows if _matches(row, wanted) and all(word in _text(row) for word in words)]
    return sorted(found, key=_KEYS[wanted.order], reverse=wanted.falling)


def is_loaded(row: Row) -> bool:
    return row.listed.loaded is not None


def capabilities_of(rows: Iterable[Row]) -> list[str]:
    """Every word by which some model can be filtered."""
    return sorted({each for row in rows for each in row.listed.model.capabilities})


def _matches(row: Row, wanted: Wanted) -> bool:
    place = row.listed.place
    return (
        (not wanted.runtime or row.ref.host == wanted.runtime)
        and (wanted.zone is None or (place is not None and place.zone is wanted.zone))
        and (not wanted.capability or wanted.capability in row.listed.model.capabilities)
        and (not wanted.loaded or is_loaded(row))
    )


def _text(row: Row) -> str:
    model = row.listed.model
    words = (model.name, str(model.ref), row.runtime, model.quantization, model.architecture, *model.capabilities)
    return " ".join(words).casefold()
