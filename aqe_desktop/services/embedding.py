"""Texts as vectors: cleared like a chat, so that what is private goes no farther for being only compared."""

from __future__ import annotations

from collections.abc import Sequence

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import ModelRef
from aqe_desktop.services.clearing import Clearing, Request
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.thread import is_text


class EmbeddingService:
    """Nothing of it is kept."""

    def __init__(self, models: ModelService, clearing: Clearing) -> None:
        self._models = models
        self._clearing = clearing

    async def embed(
        self, model: ModelRef, texts: Sequence[str], files: Sequence[Attachment] = (), *, project: str = ""
    ) -> Embedded:
        """A vector for each text, then for each file. Cleared by where the model will run, loaded, and cleared again by
        where it runs: nothing is sent before.

        Raises UsageError where there is nothing to read, PrivacyRefused, ContextTooLong or another ProviderFailed."""
        messages = [
            *(Message(Role.USER, text) for text in texts),
            *(Message(Role.USER, "", (file,)) for file in files),
        ]
        _require_text(messages)
        ref = (await self._models.choose(model)).ref
        request = Request(messages, project, model=ref, purpose=Purpose.EMBED)
        await self._clearing.clear(request)
        await self._models.load(ref)
        cleared = await self._clearing.clear(request)
        return await self._models.runtime(ref).embed(cleared.turn)


def _require_text(messages: Sequence[Message]) -> None:
    if not messages:
        raise UsageError("There is no text to make vectors of.", "Give a text or a file.")
    if not all(is_text(each.text) and all(is_text(file.text) for file in each.attachments) for each in messages):
        raise UsageError("One of the texts is binary data, not text.", "Give text, or a text file.")
    if any(each.is_image for message in messages for each in message.attachments):
        raise UsageError("An image has no text to make vectors of.", "Give text files only.")
    if any(not (each.text.strip() or any(file.text.strip() for file in each.attachments)) for each in messages):
        raise UsageError("One of the texts is empty.", "Leave it out.")
