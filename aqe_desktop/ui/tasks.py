"""Coroutines that belong to a view: held while they run, cancelled when it goes, and never failing unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QMetaMethod, QObject, Signal

from aqe_desktop.core.errors import AqeError

T = TypeVar("T")


class Tasks(QObject):
    """The running work of one owner (its parent). `failed` carries each AqeError, which the owner tells the user.

    Any other exception, or an AqeError that nobody listens for, reaches the loop's exception handler instead, so it is
    logged and reported. Destroying the owner cancels; after `aclose` or that, a started coroutine never runs."""

    failed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._group = group = _Group(self)
        # Not a bound method: the connection must outlive the Python side of this object.
        self.destroyed.connect(lambda _gone=None: group.orphan())

    @property
    def busy(self) -> bool:
        return bool(self._group.running)

    def start(self, coro: Coroutine[Any, Any, T], *, name: str = "") -> asyncio.Task[T]:
        """Run `coro` from a slot or coroutine; the task may be ignored, awaited or cancelled."""
        return self._group.start(coro, name)

    def cancel(self) -> None:
        """Ask all of it to stop; each still runs its `finally` parts."""
        self._group.cancel()

    async def aclose(self) -> None:
        """Cancel and wait until everything has ended; also callable from one of the tasks, which then goes on."""
        await self._group.aclose()


class _Group:
    """The part of Tasks that is safe to use after Qt has deleted it: `owner` is None from then on."""

    def __init__(self, owner: Tasks) -> None:
        self.owner: Tasks | None = owner
        self.closed = False
        self.running: set[asyncio.Task[Any]] = set()

    def start(self, coro: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(coro, name=name or None)
        if self.closed:
            task.cancel()
            return task
        self.running.add(task)
        task.add_done_callback(self._ended)
        if len(self.running) == 1 and self.owner is not None:
            self.owner.busy_changed.emit(True)
        return task

    def cancel(self) -> None:
        for task in tuple(self.running):
            task.cancel()

    def orphan(self) -> None:
        self.closed, self.owner = True, None
        self.cancel()

    async def aclose(self) -> None:
        self.closed = True
        # One cancelled before its first step would leave a coroutine that it was given never awaited.
        await asyncio.sleep(0)
        for task in self._others():
            task.cancel()
        while others := self._others():
            await asyncio.wait(others)

    def _others(self) -> set[asyncio.Task[Any]]:
        return self.running - {asyncio.current_task()}

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._report(error, task)
        if not self.running and self.owner is not None:
            self.owner.busy_changed.emit(False)

    def _report(self, error: BaseException, task: asyncio.Task[Any]) -> None:
        owner = self.owner
        if (
            isinstance(error, AqeError)
            and owner is not None
            and owner.isSignalConnected(QMetaMethod.fromSignal(owner.failed))
        ):
            owner.failed.emit(error)
            return
        context = {"message": f"{task.get_name()} failed", "exception": error, "task": task}
        task.get_loop().call_exception_handler(context)
