"""Asking: from a question to a kept answer, streamed as events; the question is durable before anything is sent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.core.chat import (
    Attachment,
    ChatEvent,
    Message,
    Parameters,
    Role,
    State,
)
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.findings import Found, Taint
from aqe_desktop.core.history import HEAD, Conversation, StoredMessage
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.ports import Conversations
from aqe_desktop.routing.zones import is_here
from aqe_desktop.services.answer import KEEP_EVERY
from aqe_desktop.services.clearing import Clearing, Content, Request
from aqe_desktop.services.exchange import Exchange
from aqe_desktop.services.late import Ending
from aqe_desktop.services.models import Choice, ModelService
from aqe_desktop.services.sight import require_sight
from aqe_desktop.services.thread import branch_to, in_context, messages_for, require_question, title_of

RESERVE = 512


@dataclass(frozen=True, slots=True)
class Fit:
    """Would it fit: `tokens` of the whole prompt, `limit` of the model's context, `reserve` asked for the answer.

    `limit` 0: its server does not tell, so nothing is known to be too long."""

    tokens: int
    limit: int
    reserve: int

    @property
    def fits(self) -> bool:
        """The prompt leaves room for at least one token of answer; it is refused otherwise."""
        return not self.limit or self.tokens < self.limit

    @property
    def left(self) -> int:
        """Tokens left for the answer; less than `reserve` deserves a word before sending."""
        return max(0, self.limit - self.tokens) if self.limit else self.reserve


class ChatService:
    """One exchange at a time per conversation, several conversations at once.

    The generators yield Stored, Routed, Loading..., ReadingPrompt..., FirstToken, TextDelta..., Finished, Metered;
    consume them with `aclosing`. Cancelling the consumer or closing the generator is Stop: what arrived is kept as
    STOPPED. An AqeError keeps what arrived as FAILED, with the error in `reply.error`, and is raised. An error before
    Stored means that nothing was stored: the text is still the caller's only copy."""

    def __init__(
        self,
        conversations: Conversations,
        models: ModelService,
        clearing: Clearing,
        read_file: Callable[[Path], Attachment],
        *,
        keep_every: float = KEEP_EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._conversations = conversations
        self._models = models
        self._clearing = clearing
        self._read_file = read_file
        self._exchange = Exchange(conversations, models, clearing, every=keep_every, sleep=sleep)
        self._answering: set[int] = set()

    async def aclose(self) -> None:
        """Write the endings that a full disk refused, where there is room by now."""
        await self._exchange.aclose()

    @property
    def unsaved(self) -> Feed[Mapping[int, Ending]]:
        """Answers that have ended while the disk refuses to hold it, by message; writing is tried again on and on."""
        return self._exchange.unsaved

    def answering(self, conversation: int) -> bool:
        """Whether an answer is being written here by this process."""
        return conversation in self._answering

    async def attach(self, path: Path) -> Attachment:
        """A snapshot of a text file or an image, with what its place says of it. Raises UsageError where it is missing,
        too large, or neither."""
        return await self._clearing.placed(await asyncio.to_thread(self._read_file, path))

    async def ask(
        self,
        conversation: int | None,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        model: ModelRef | None = None,
        project: str | None = None,
        parameters: Parameters | None = None,
        anyway: bool = False,
    ) -> AsyncGenerator[ChatEvent]:
        """Append a question at the head of the branch on show, and answer it. None makes a conversation first.

        `anyway`: the user has seen the `findings` and said yes to sending exactly this. `model` and `parameters`, where
        given, become the conversation's; so does the default model, for what answers in a chat must not change by
        itself. `project` counts for a new one only."""
        require_question(text, attachments)
        known = None if conversation is None else await self._conversations.get(conversation)
        choice = await self._picked(known, model)
        self._require_idle(conversation)
        await self._require_ended(None if known is None else known.head)
        before = [] if known is None else await self._conversations.branch(known.id)
        await require_sight(self._models, choice.model, before, attachments)
        chat = await self._open(known, title_of(text, attachments), choice.model.ref, project, parameters)
        with self._alone(chat.id):
            question = await self._conversations.add(chat.id, HEAD, Role.USER, text, attachments=attachments)
            async with aclosing(self._exchange.answer(chat, choice, question, anyway=anyway)) as events:
                async for event in events:
                    yield event

    async def edit(self, message: int, text: str, attachments: Sequence[Attachment] = ()) -> AsyncGenerator[ChatEvent]:
        """Ask a changed question in the place of `message`, as its sibling; the old branch is kept."""
        require_question(text, attachments)
        old = await self._conversations.message(message)
        if old.role is not Role.USER:
            raise UsageError("Only a question can be edited.", "Edit the question above this answer.")
        chat = await self._conversations.get(old.conversation)
        choice = await self._settled(chat)
        await require_sight(self._models, choice.model, await self._upto(old.parent, chat.id), attachments)
        with self._alone(chat.id):
            question = await self._conversations.add(chat.id, old.parent, Role.USER, text, attachments=attachments)
            async with aclosing(self._exchange.answer(chat, choice, question)) as events:
                async for event in events:
                    yield event

    async def regenerate(self, message: int) -> AsyncGenerator[ChatEvent]:
        """A new answer beside this one, to the same question. A question's id asks for an answer to it."""
        question = await self._question_of(await self._conversations.message(message))
        chat = await self._conversations.get(question.conversation)
        choice = await self._settled(chat)
        await require_sight(self._models, choice.model, await self._upto(question.id, chat.id))
        with self._alone(chat.id):
            async with aclosing(self._exchange.answer(chat, choice, question)) as events:
                async for event in events:
                    yield event

    async def retry(self, message: int) -> AsyncGenerator[ChatEvent]:
        """After a failure: the same question once more. Takes the failed answer or a question without one.

        The engine that failed is let go first, so that this starts it anew."""
        row = await self._conversations.message(message)
        if row.state is State.FAILED and row.reply.model is not None:
            await self._models.clear_failure(row.reply.model.host)
        async with aclosing(self.regenerate(message)) as events:
            async for event in events:
                yield event

    async def resume(self, message: int) -> AsyncGenerator[ChatEvent]:
        """Go on where a stopped, cut, failed or length-limited answer ended.

        The whole of it becomes a new version beside the old one, so `Stored.answer` is a new id whose row holds the
        text so far; the deltas hold only what is new."""
        row = await self._conversations.message(message)
        self._require_idle(row.conversation)
        await self._require_ended(row.id)
        if row.role is not Role.ASSISTANT or (row.state is State.COMPLETE and row.reply.finish != "length"):
            raise UsageError("This answer is complete.", "Ask a new question, or regenerate it.")
        question = await self._question_of(row)
        chat = await self._conversations.get(row.conversation)
        choice = await self._settled(chat)
        await require_sight(self._models, choice.model, await self._upto(question.id, chat.id))
        with self._alone(chat.id):
            async with aclosing(self._exchange.answer(chat, choice, question, begun=row)) as events:
                async for event in events:
                    yield event

    async def findings(
        self,
        conversation: int | None,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        project: str | None = None,
        parameters: Parameters | None = None,
    ) -> tuple[Found, ...]:
        """What may be private in all that `ask` would send; those of this question are in the last message.

        Nothing is waited for: what no scanner has read yet counts as private. `project` counts for a new one only."""
        chat = None if conversation is None else await self._conversations.get(conversation)
        branch = [] if chat is None else await self._conversations.branch(chat.id)
        chosen = parameters or (chat.parameters if chat else Parameters())
        messages = (*messages_for(chosen.system, branch), Message(Role.USER, text, tuple(attachments)))
        where = (project if chat is None else chat.project) or ""
        content = Content(messages, where, await self._taints(branch), sampling=chosen.sampling)
        return await self._clearing.found(content)

    async def fit(
        self,
        conversation: int | None,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        model: ModelRef | None = None,
        project: str | None = None,
        parameters: Parameters | None = None,
        beside: int | None = None,
    ) -> Fit:
        """Count what `ask` would send, by the engine's own tokenizer; starts the engine when it is not up. Images are
        not counted: what one costs, only the model's own encoder knows.

        `project` counts for a new one only. `beside`: the conversation that this will be asked in, where it is counted
        alone: what binds that one, and its project, hold for what is counted, though nothing of it is."""
        chat = None if conversation is None else await self._conversations.get(conversation)
        branch = [] if chat is None else await self._conversations.branch(chat.id)
        chosen = parameters or (chat.parameters if chat else Parameters())
        question = Message(Role.USER, text, tuple(attachments))
        messages = (*messages_for(chosen.system, branch), question)
        ref = (await self._picked(chat, model)).model.ref
        where, taints = (project if chat is None else chat.project) or "", await self._taints(branch)
        if beside is not None:
            where, taints = await self._bound(beside, ref)
        tokens = await self._count(messages, ref, where, taints)
        return Fit(tokens, await self._models.runtime(ref).context(ref), chosen.sampling.max_output or RESERVE)

    async def filled(self, conversation: int, *, model: ModelRef | None = None) -> int:
        """Tokens of the branch on show, counted like `fit`; starts the engine when it is not up."""
        chat = await self._conversations.get(conversation)
        branch = await self._conversations.branch(chat.id)
        messages = messages_for(chat.parameters.system, branch)
        ref = (await self._picked(chat, model)).model.ref
        return await self._count(messages, ref, chat.project or "", await self._taints(branch)) if messages else 0

    async def _bound(self, conversation: int, ref: ModelRef) -> tuple[str, Collection[Taint]]:
        """The project of a conversation, and all that binds the branch on show: its texts, and what made them."""
        chat = await self._conversations.get(conversation)
        branch = await self._conversations.branch(chat.id)
        messages, taints = messages_for(chat.parameters.system, branch), await self._taints(branch)
        content = Content(messages, chat.project or "", taints, sampling=chat.parameters.sampling)
        found = await self._clearing.found(content, final=not is_here(await self._models.place(ref)))
        return content.project, [*taints, *await self._clearing.taints_of(found)]

    async def _count(self, messages: Sequence[Message], ref: ModelRef, project: str, taints: Collection[Taint]) -> int:
        """Text that is only counted goes no farther than text that is sent."""
        request = Request(messages, project, taints, model=ref, purpose=Purpose.COUNT)
        cleared = await self._clearing.clear(request)
        return await self._models.runtime(ref).count(cleared.turn)

    async def _taints(self, branch: Sequence[StoredMessage]) -> Collection[Taint]:
        return await self._conversations.taints([each.id for each in in_context(branch)])

    async def _picked(self, chat: Conversation | None, wanted: ModelRef | None = None) -> Choice:
        return await self._models.pick(wanted or (chat.model if chat else None))

    async def _settled(self, chat: Conversation) -> Choice:
        """The model of a chat, which keeps it from now on."""
        choice = await self._picked(chat)
        if chat.model is None:
            await self._conversations.set_model(chat.id, choice.model.ref)
        return choice

    async def _open(
        self,
        known: Conversation | None,
        title: str,
        model: ModelRef,
        project: str | None,
        parameters: Parameters | None,
    ) -> Conversation:
        if known is None:
            return await self._conversations.create(title, project=project, model=model, parameters=parameters)
        if model != known.model:
            await self._conversations.set_model(known.id, model)
        if parameters is not None:
            await self._conversations.set_parameters(known.id, parameters)
        return await self._conversations.get(known.id)

    async def _question_of(self, row: StoredMessage) -> StoredMessage:
        if row.role is Role.USER or row.parent is None:
            return row
        return await self._conversations.message(row.parent)

    async def _upto(self, message: int | None, conversation: int) -> Sequence[StoredMessage]:
        """The messages from the first question to this one."""
        return () if message is None else branch_to(await self._conversations.messages(conversation), message)

    def _require_idle(self, conversation: int | None) -> None:
        if conversation in self._answering:
            raise UsageError("This chat is still answering.", "Stop the reply, or wait until it ends.")

    async def _require_ended(self, message: int | None) -> None:
        """Nothing is asked below an answer, nor is one continued, that another process still writes."""
        if message is None or (await self._conversations.message(message)).state is not State.STREAMING:
            return
        await self._conversations.recover()  # its writer may be gone
        if (await self._conversations.message(message)).state is State.STREAMING:
            where = "in another window or terminal"
            raise UsageError(f"This chat is still answering {where}.", "Wait until the reply ends, or stop it there.")

    @contextlib.contextmanager
    def _alone(self, conversation: int) -> Iterator[None]:
        self._require_idle(conversation)
        self._answering.add(conversation)
        try:
            yield
        finally:
            self._answering.discard(conversation)
