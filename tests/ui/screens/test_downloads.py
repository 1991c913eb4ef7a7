"""The downloads of the models screen: how far each is, and that one which ended early can go on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from aqe_desktop.core.errors import Unreachable
from aqe_desktop.core.models import ModelRef
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.progress import Progress
from tests.ui.screens.conftest import until
from tests.ui.screens.models_scene import HALF, opened

Play = Callable[[Coroutine[Any, Any, Any]], Any]
OTHER = ModelRef("llamacpp", "Qwen2.5-Coder")
NEW = ModelRef("ollama", "qwen2.5-coder:14b")


def test_a_download_shows_how_far_it_is_and_never_falls_back(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            here.screen.models.pull(NEW)
            here.shelf.steps.put_nowait(HALF)
            await until(lambda: NEW in here.screen.view.downloads.cards)
            card = here.screen.view.downloads.cards[NEW][1]
            assert isinstance(card, Progress)
            await until(lambda: "1 min 16 s left" in card.figures.text())
            assert "1 of 2 layers" in card.detail.text()
            before = card.bar.accessibleDescription()
            here.shelf.steps.put_nowait(replace(HALF, total=20_000))
            await until(lambda: "20 kB" in card.figures.text())
            assert card.bar.accessibleDescription() == before
            here.shelf.steps.put_nowait(None)
            await until(lambda: NEW not in here.screen.view.downloads.cards)

    play(scene())


def test_a_cancelled_or_failed_download_can_go_on(play: Play) -> None:
    async def scene() -> None:
        async with opened() as here:
            await here.read()
            models, downloads = here.screen.models, here.screen.view.downloads
            models.pull(NEW)
            here.shelf.steps.put_nowait(HALF)
            await until(lambda: NEW in downloads.cards)
            models.cancel(NEW)
            await until(lambda: isinstance(downloads.cards[NEW][1], Banner))
            downloads.cards[NEW][1].action.click()  # type: ignore[union-attr]
            await until(lambda: isinstance(downloads.cards[NEW][1], Progress))
            here.shelf.steps.put_nowait(Unreachable("The registry does not answer.", "Try again."))
            await until(lambda: isinstance(downloads.cards[NEW][1], Banner))
            card = downloads.cards[NEW][1]
            assert isinstance(card, Banner)
            assert card.message.text() == "The registry does not answer."
            card.closed.emit()
            await until(lambda: not downloads.cards)

    play(scene())
