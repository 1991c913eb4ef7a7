"""Engines of this profile that another process uses, or that stay for a while after the command that loaded them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from aqe_desktop.core.errors import AqeError, Unreachable
from aqe_desktop.core.models import ModelRef, RuntimeStatus
from aqe_desktop.runtimes.llamacpp import places, statuses
from aqe_desktop.runtimes.llamacpp.engines import Engine
from aqe_desktop.runtimes.llamacpp.link import Link, find_links

Named = Callable[[Path], Awaitable[ModelRef | None]]


async def seen(run: Path, named: Named, engine: Engine, *, loopback: bool) -> RuntimeStatus | None:
    """The state of one of them whose file has a name here, told by connections that are closed again."""
    try:
        links = await find_links(run, loopback=loopback)
    except Unreachable as error:
        return statuses.failed(None, error.message, error.hint)
    try:
        for link in links:
            if (model := await named(link.job.model)) is not None:
                return await _status(link, model, engine)
        return None
    finally:
        await _close(links)


async def dismiss(run: Path, file: Path | None = None, *, but: Path | None = None, loopback: bool) -> None:
    """Those with this model file, None for any, stay no longer than somebody uses them; `but` is the control
    connection of one that is to stay."""
    with suppress(Unreachable):
        links = await find_links(run, loopback=loopback)
        for link in links:
            if file in (None, link.job.model) and link.job.control != but:
                link.leave()
        await _close(links)


async def _status(link: Link, model: ModelRef, engine: Engine) -> RuntimeStatus | None:
    status = statuses.of(model, link.greeting, engine)
    try:
        return replace(status, place=await places.of(link)) if link.ready.done() else status
    except AqeError:
        return None


async def _close(links: list[Link]) -> None:
    await asyncio.gather(*(link.aclose() for link in links))
