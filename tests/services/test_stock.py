"""Downloads that outlive their screen: one at a time per name, cancelled, failed, and remembered over a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from aqe_desktop.core.errors import AqeError, ProviderFailed, StorageFailed, UsageError
from aqe_desktop.core.models import Model, ModelDetails, ModelRef, Removal
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.stock import Pull, PullState, StockService
from aqe_desktop.store.database import Database
from aqe_desktop.store.pulls import PullStore
from tests.services.conftest import no_preference
from tests.services.engine_of_lines import MODEL, OTHER, Lines

NEW = ModelRef("lines", "new:7b")


class Shelf:
    """A stock whose downloads come step by step: each `go` lets one piece through."""

    removes = Removal.DELETE

    def __init__(self) -> None:
        self.go: asyncio.Queue[Transfer | AqeError | None] = asyncio.Queue()
        self.begun: list[str] = []
        self.ended = 0
        self.deleted: list[ModelRef] = []
        self.creates = True

    async def pull(self, name: str) -> AsyncGenerator[Transfer]:
        self.begun.append(name)
        try:
            while (step := await self.go.get()) is not None:
                if isinstance(step, AqeError):
                    raise step
                yield step
        finally:
            self.ended += 1

    async def create(self, name: str, file: Path) -> AsyncGenerator[Transfer]:
        yield Transfer(f"{name} of {file.name}")

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        return ModelRef(model.host, name)

    async def used_by(self, model: ModelRef) -> tuple[str, ...]:
        return ("A hard link stays.",) if model == MODEL else ()

    async def delete(self, model: ModelRef) -> None:
        self.deleted.append(model)

    async def details(self, model: ModelRef) -> ModelDetails:
        return ModelDetails(Model(model, "Small"))


class Silent:
    """A server that this app never started."""

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def has_log(self) -> bool:
        return False

    async def logs(self, lines: int = 500) -> AsyncGenerator[str]:
        for _ in range(0 * lines):
            yield ""


class Twins(Lines):
    async def models(self, *, read: bool = True) -> list[Model]:
        file = Path("/models/a.gguf")
        return [
            Model(MODEL, "A", file=file, digest="d1"),
            Model(OTHER, "B", files=(file, Path("/b"))),
            Model(NEW, "C", digest="d1"),
            Model(ModelRef("lines", "alone"), "D", sha256="same"),
            Model(ModelRef("lines", "alone too"), "E", sha256="same"),
        ]


class Full(PullStore):
    """A disk that takes nothing."""

    async def add(self, model: ModelRef) -> None:
        raise StorageFailed("Full.")

    async def remove(self, model: ModelRef) -> None:
        raise StorageFailed("Full.")


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[PullStore]:
    database = await Database.open(tmp_path / "history.db")
    yield PullStore(database)
    await database.close()


def over(shelf: Shelf, kept: PullStore, engine: Lines | None = None) -> StockService:
    return StockService({"lines": shelf}, {}, ModelService([engine or Lines()], no_preference), kept)


async def until(stock: StockService, state: PullState, done: int | None = None) -> Pull:
    async with aclosing(stock.pulls.follow()) as changes:
        async for pulls in changes:
            for pull in pulls:
                if pull.state is state and (done is None or (pull.transfer and pull.transfer.done == done)):
                    return pull
    raise AssertionError


async def followed(stock: StockService) -> Sequence[Pull]:
    """Every look at it, to its end."""
    async with aclosing(stock.following(NEW)) as pulls:
        return [pull async for pull in pulls]


async def test_a_download_is_joined_when_it_is_asked_for_twice_and_tells_both(kept: PullStore) -> None:
    shelf = Shelf()
    stock = over(shelf, kept)
    both = asyncio.gather(followed(stock), followed(stock))
    await until(stock, PullState.RUNNING)
    shelf.go.put_nowait(Transfer("Downloading", 1, 2))
    await until(stock, PullState.RUNNING, 1)
    shelf.go.put_nowait(None)
    for told in await both:
        assert told[-1] == Pull(NEW, PullState.DONE, Transfer("Downloading", 1, 2))
    assert shelf.begun == ["new:7b"]
    assert await kept.all() == []


async def test_it_goes_on_when_nobody_follows_any_more(kept: PullStore) -> None:
    shelf = Shelf()
    stock = over(shelf, kept)
    async with aclosing(stock.following(NEW)) as pulls:
        await anext(pulls)
    shelf.go.put_nowait(Transfer("Downloading", 1, 2))
    await until(stock, PullState.RUNNING, 1)
    assert await kept.all() == [NEW]
    shelf.go.put_nowait(None)
    await until(stock, PullState.DONE)
    assert shelf.ended == 1


async def test_a_cancelled_one_has_ended_when_cancel_returns_and_is_forgotten(kept: PullStore) -> None:
    shelf = Shelf()
    stock = over(shelf, kept)
    stock.pull(NEW)
    shelf.go.put_nowait(Transfer("Downloading", 1, 2))
    await until(stock, PullState.RUNNING, 1)
    await stock.cancel(NEW)
    assert shelf.ended == 1
    assert stock.pulls.value == (Pull(NEW, PullState.CANCELLED, Transfer("Downloading", 1, 2)),)
    assert await kept.all() == []
    stock.pull(NEW)
    assert stock.pulls.value == (Pull(NEW, PullState.RUNNING),)
    await stock.aclose()


async def test_one_that_the_end_of_the_app_cut_is_offered_after_a_restart(kept: PullStore) -> None:
    shelf = Shelf()
    stock = over(shelf, kept)
    stock.pull(NEW)
    shelf.go.put_nowait(Transfer("Downloading", 1, 2))
    await until(stock, PullState.RUNNING, 1)
    await stock.aclose()
    assert shelf.ended == 1
    again = over(shelf, kept)
    await again.recall()
    await again.recall()
    assert again.pulls.value == (Pull(NEW, PullState.UNFINISHED),)
    again.pull(NEW)
    shelf.go.put_nowait(None)
    await until(again, PullState.DONE)
    assert await kept.all() == []


async def test_one_that_failed_says_why_and_stays_remembered_until_it_is_dismissed(kept: PullStore) -> None:
    shelf = Shelf()
    stock = over(shelf, kept)
    shelf.go.put_nowait(ProviderFailed("The registry is gone.", "Try again later."))
    with pytest.raises(ProviderFailed, match="registry"):
        await followed(stock)
    failed = Pull(NEW, PullState.FAILED, None, "The registry is gone.", "Try again later.", "provider_failed")
    assert stock.pulls.value == (failed,)
    assert await kept.all() == [NEW]
    await stock.dismiss(NEW)
    assert [*stock.pulls.value, *await kept.all()] == []


async def test_a_disk_that_takes_no_note_of_it_does_not_keep_a_model_from_coming(tmp_path: Path) -> None:
    shelf = Shelf()
    database = await Database.open(tmp_path / "history.db")
    stock = over(shelf, Full(database))
    shelf.go.put_nowait(None)
    stock.pull(NEW)
    await until(stock, PullState.DONE)
    await database.close()


async def test_what_a_runtime_lacks_is_refused_in_words(kept: PullStore) -> None:
    stock = over(Shelf(), kept)
    assert (stock.can_stock("lines"), stock.can_control("lines"), stock.can_stock("other")) == (True, False, False)
    with pytest.raises(UsageError, match="starts, stops"):
        await stock.start("lines")
    with pytest.raises(UsageError, match="no runtime"):
        stock.pull(ModelRef("elsewhere", "x"))
    bare = StockService({}, {}, ModelService([Lines()], no_preference), kept)
    with pytest.raises(UsageError, match="cannot be changed") as refused:
        await bare.delete(MODEL)
    assert refused.value.hint


async def test_the_rest_is_the_runtimes_own(kept: PullStore) -> None:
    shelf = Shelf()
    stock = over(shelf, kept)
    assert await stock.copy(MODEL, "twin") == ModelRef("lines", "twin")
    assert (await stock.details(MODEL)).model.ref == MODEL
    async with aclosing(stock.create("lines", "mine", Path("a.gguf"))) as transfers:
        assert [each.what async for each in transfers] == ["mine of a.gguf"]
    await stock.delete(MODEL)
    assert shelf.deleted == [MODEL]


async def test_who_else_stands_on_a_file_is_told_before_it_goes(kept: PullStore) -> None:
    stock = over(Shelf(), kept, Twins())
    told = await stock.also_used_by(MODEL)
    others = ("lines/other stands on the same files.", "lines/new:7b stands on the same files.")
    assert told == (*others, "A hard link stays.")
    assert stock.removes("lines") is Removal.DELETE
    assert await stock.also_used_by(ModelRef("lines", "alone")) == ()
    assert await stock.also_used_by(ModelRef("lines", "none")) == ()


async def test_a_fault_of_ours_ends_the_download_in_words_and_is_still_a_fault(kept: PullStore) -> None:
    class Faulty(Shelf):
        async def pull(self, name: str) -> AsyncGenerator[Transfer]:
            yield Transfer("Downloading")
            raise ZeroDivisionError

    stock = over(Faulty(), kept)
    stock.pull(NEW)
    (task,) = stock._running.values()
    with suppress(ZeroDivisionError):
        await task
    (failed,) = stock.pulls.value
    assert (failed.state, failed.error) == (PullState.FAILED, "provider_failed")


async def test_create_and_a_log_are_offered_only_where_they_are_to_be_had(kept: PullStore) -> None:
    shelf, models = Shelf(), ModelService([Lines()], no_preference)
    stock = StockService({"lines": shelf}, {"lines": Silent()}, models, kept)
    assert (stock.can_create("lines"), stock.can_create("other")) == (True, False)
    shelf.creates = False
    assert not stock.can_create("lines")
    assert not await stock.has_log("lines")
    assert not await stock.has_log("other")
