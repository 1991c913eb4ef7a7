"""The kept conversations, as core.ports.Conversations asks for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.chat import Attachment, Parameters, Role, State
from aqe_desktop.core.findings import Taint
from aqe_desktop.core.history import HEAD, Conversation, Draft, Head, Reply, StoredMessage
from aqe_desktop.core.models import ModelRef
from aqe_desktop.store import drafts, recovery, search, shelf, tainted, tree
from aqe_desktop.store.rows import parameters_to, storable

if TYPE_CHECKING:
    import apsw

    from aqe_desktop.store.database import Database
    from aqe_desktop.store.writers import Writer


class ConversationStore:
    """Conversations in one database. Without a `writer` they live in this process only (a temporary chat).

    Methods raise StorageFailed or a kind of it, and UsageError for an id that is unknown or deleted."""

    def __init__(self, database: Database, writer: Writer | None = None) -> None:
        self._database = database
        self._writer = writer

    @classmethod
    async def open(cls, database: Database, writer: Writer | None = None) -> ConversationStore:
        """The store, after what is due to go, a week after it was deleted, is really gone."""
        store = cls(database, writer)
        await store.purge()
        return store

    async def create(
        self,
        title: str,
        *,
        project: str | None = None,
        model: ModelRef | None = None,
        parameters: Parameters | None = None,
    ) -> Conversation:
        return await self._database.write(lambda c: shelf.create(c, title, project, model, parameters))

    async def get(self, conversation: int) -> Conversation:
        return await self._database.read(lambda c: shelf.get(c, conversation))

    async def latest(self) -> Conversation | None:
        return await self._database.read(shelf.latest)

    async def branch(self, conversation: int) -> Sequence[StoredMessage]:
        return await self._database.read(lambda c: tree.branch(c, conversation))

    async def messages(self, conversation: int) -> Sequence[StoredMessage]:
        return await self._database.read(lambda c: tree.messages(c, conversation))

    async def message(self, message: int) -> StoredMessage:
        return await self._database.read(lambda c: tree.message(c, message))

    async def add(
        self,
        conversation: int,
        parent: int | Head | None,
        role: Role,
        text: str,
        *,
        state: State = State.COMPLETE,
        attachments: Sequence[Attachment] = (),
        reply: Reply | None = None,
    ) -> StoredMessage:
        files, mark = tuple(attachments), self._writer.id if self._writer else None
        writer = mark if state is State.STREAMING or parent is HEAD else None

        def work(connection: apsw.Connection) -> StoredMessage:
            place = tree.end_of_branch(connection, conversation, self._elsewhere) if parent is HEAD else parent
            return tree.add(connection, conversation, place, role, text, state, files, reply or Reply(), writer)

        return await self._database.write(work)

    async def keep(self, message: int, text: str, reasoning: str = "", reply: Reply | None = None) -> None:
        await self._database.write(lambda c: tree.keep(c, message, text, reasoning, reply))

    async def finish(
        self, message: int, state: State, text: str, reasoning: str = "", reply: Reply | None = None
    ) -> None:
        await self._database.write(lambda c: tree.finish(c, message, state, text, reasoning, reply))

    async def show(self, message: int) -> None:
        await self._database.write(lambda c: tree.show(c, message))

    async def rename(self, conversation: int, title: str) -> None:
        await self._change(conversation, "title", storable(title))

    async def pin(self, conversation: int, pinned: bool) -> None:
        await self._change(conversation, "pinned", int(pinned))

    async def delete(self, conversation: int) -> None:
        await self._database.write(lambda c: shelf.hide(c, conversation))

    async def restore(self, conversation: int) -> None:
        await self._database.write(lambda c: shelf.bring_back(c, conversation))

    async def set_parameters(self, conversation: int, parameters: Parameters) -> None:
        await self._change(conversation, "parameters", parameters_to(parameters))

    async def set_model(self, conversation: int, model: ModelRef) -> None:
        await self._change(conversation, "model", storable(str(model)))

    async def set_draft(
        self, conversation: int | None, text: str, attachments: Sequence[Attachment] | None = None
    ) -> None:
        files = None if attachments is None else tuple(attachments)
        await self._database.write(lambda c: drafts.set_draft(c, conversation, text, files))

    async def draft(self, conversation: int | None) -> Draft:
        return await self._database.read(lambda c: drafts.draft(c, conversation))

    async def questions(self, limit: int = 100) -> Sequence[str]:
        return await self._database.read(lambda c: tree.questions(c, limit))

    async def recover(self) -> Sequence[StoredMessage]:
        writer = self._writer
        if writer is None or not await self._database.read(lambda c: recovery.orphaned(c, writer.alive)):
            return []
        return await self._database.write(lambda c: recovery.cut(c, writer.alive))

    async def taint(self, message: int, taints: Collection[Taint]) -> None:
        if taints:
            await self._database.write(lambda c: tainted.add(c, message, taints))

    async def taints(self, messages: Collection[int]) -> Collection[Taint]:
        return await self._database.read(lambda c: tainted.of(c, messages))

    async def data_version(self) -> int:
        return await self._database.data_version()

    async def purge(self, age: int = shelf.WEEK, grace: int = shelf.DAY) -> int:
        """Remove what was deleted longer than `age` milliseconds ago, from index and log too; how many went.

        That it is so must have been seen `grace` milliseconds earlier already: clocks jump."""
        if not await self._database.read(lambda c: shelf.is_due(c, age, grace)):
            return 0
        gone = await self._database.write(lambda c: shelf.purge(c, age, grace))
        await self._database.shrink_log()
        return gone

    def _elsewhere(self, writer: str | None) -> bool:
        """Whether it is another process, and one that lives."""
        return self._writer is not None and writer != self._writer.id and self._writer.alive(writer)

    async def _change(self, conversation: int, column: str, value: str | int) -> None:
        await self._database.write(lambda c: shelf.change(c, conversation, column, value))

    # Last in the class: below it the name `list` is this method and no longer the type.
    async def list(
        self, search: str = "", *, project: str | None = None, limit: int = 500, offset: int = 0
    ) -> Sequence[Conversation]:
        place = None if project is None else storable(project)
        return await self._database.read(_listing(search, place, limit, offset))


def _listing(
    text: str, project: str | None, limit: int, offset: int
) -> Callable[[apsw.Connection], Sequence[Conversation]]:
    if text.replace("\0", " ").strip():
        return lambda c: tainted.marked(c, search.search(c, text, project, limit, offset))
    return lambda c: tainted.marked(c, shelf.listed(c, project, limit, offset))
