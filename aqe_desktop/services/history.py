"""The kept conversations: everything a list, a sidebar or `aqe history` does with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from aqe_desktop.core.chat import Attachment, Parameters, Role
from aqe_desktop.core.history import Conversation, Draft, StoredMessage
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.ports import Conversations
from aqe_desktop.services.export import as_json, as_markdown
from aqe_desktop.services.thread import has_words, title_of


class HistoryService:
    """Conversations as the front doors see them; any method may raise StorageFailed, unknown ids raise UsageError."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def list(
        self, search: str = "", *, project: str | None = None, limit: int = 500, offset: int = 0
    ) -> Sequence[Conversation]:
        """Pinned first, then newest first; `snippet` shows the first match of a search."""
        return await self._conversations.list(search.strip(), project=project, limit=limit, offset=offset)

    async def create(
        self,
        title: str,
        *,
        project: str | None = None,
        model: ModelRef | None = None,
        parameters: Parameters | None = None,
    ) -> Conversation:
        """An empty conversation; usually `ChatService.ask(None, ...)` makes it along with the first question."""
        return await self._conversations.create(title, project=project, model=model, parameters=parameters)

    async def get(self, conversation: int) -> Conversation:
        return await self._conversations.get(conversation)

    async def latest(self) -> Conversation | None:
        """The conversation that was written last."""
        return await self._conversations.latest()

    async def branch(self, conversation: int) -> Sequence[StoredMessage]:
        """The branch on show, first question to head."""
        return await self._conversations.branch(conversation)

    async def messages(self, conversation: int) -> Sequence[StoredMessage]:
        """Every message, abandoned versions and partial answers included, oldest first."""
        return await self._conversations.messages(conversation)

    async def message(self, message: int) -> StoredMessage:
        return await self._conversations.message(message)

    async def show(self, message: int) -> None:
        """Put the branch through this message on show: how one turns to another version."""
        await self._conversations.show(message)

    async def rename(self, conversation: int, title: str) -> None:
        """Nothing to read as a title brings back the first one, by the first question."""
        words = " ".join(title.split()) if has_words(title) else await self._first_title(conversation)
        await self._conversations.rename(conversation, words)

    async def pin(self, conversation: int, pinned: bool) -> None:
        await self._conversations.pin(conversation, pinned)

    async def delete(self, conversation: int) -> None:
        """Hide it; `restore` brings it back for seven days."""
        await self._conversations.delete(conversation)

    async def restore(self, conversation: int) -> None:
        await self._conversations.restore(conversation)

    async def set_parameters(self, conversation: int, parameters: Parameters) -> None:
        await self._conversations.set_parameters(conversation, parameters)

    async def set_model(self, conversation: int, model: ModelRef) -> None:
        await self._conversations.set_model(conversation, model)

    async def draft(self, conversation: int | None) -> Draft:
        """Unsent text and files of a conversation, or of the new one that does not exist yet (None)."""
        return await self._conversations.draft(conversation)

    async def set_draft(
        self, conversation: int | None, text: str, attachments: Sequence[Attachment] | None = None
    ) -> None:
        """Keep the unsent text, and where given the files. Who sends it clears it after `Stored`: a service cannot
        know whose draft it was."""
        await self._conversations.set_draft(conversation, text, attachments)

    async def questions(self, limit: int = 100) -> Sequence[str]:
        """The last texts sent, newest first, without repeats: the composer's input history."""
        return await self._conversations.questions(limit)

    async def changes(self, every: float = 1.0) -> AsyncGenerator[int]:
        """A new number whenever another process has written; looks about once in `every` seconds, ends never."""
        seen = await self._conversations.data_version()
        while True:
            await asyncio.sleep(every)
            now = await self._conversations.data_version()
            if now != seen:
                seen = now
                yield now

    async def export_markdown(self, conversation: int) -> str:
        """The branch on show as Markdown text, attachments named."""
        return as_markdown(await self.get(conversation), await self.branch(conversation))

    async def _first_title(self, conversation: int) -> str:
        messages = await self._conversations.messages(conversation)
        first = next((message for message in messages if message.role is Role.USER), None)
        return title_of(first.text, first.attachments) if first else title_of("", ())

    async def export_json(self, conversation: int) -> str:
        """The whole tree as JSON text: every message with what is known of it."""
        return as_json(await self.get(conversation), await self.messages(conversation))
