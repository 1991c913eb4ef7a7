"""One exchange: a stored question, where it may go, and the words that come back on their way to disk and screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from aqe_desktop.core.chat import (
    ChatEvent,
    Finished,
    FirstToken,
    Loading,
    Metered,
    Noted,
    ReasoningDelta,
    Role,
    Routed,
    Stored,
    TextDelta,
)
from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.findings import UNREAD, Found
from aqe_desktop.core.history import Conversation, Reply, StoredMessage
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.money import FREE
from aqe_desktop.core.ports import Conversations, Runtime
from aqe_desktop.routing.clear import Clearance
from aqe_desktop.services.answer import KEEP_EVERY, Answer, write_ending
from aqe_desktop.services.calls import spelled
from aqe_desktop.services.clearing import Cleared, Clearing, Request, texts_of
from aqe_desktop.services.late import Ending, LateEndings
from aqe_desktop.services.measure import Measure
from aqe_desktop.services.models import Choice, ModelService
from aqe_desktop.services.prefill import without_prefill
from aqe_desktop.services.thread import branch_to, in_context, messages_for, too_long

LEFT_OUT = "The question before was too long for the model, so it is not sent along."


class Exchange:
    """Answers a question that is already kept. `every`: seconds between two writes of a partial answer."""

    def __init__(
        self,
        conversations: Conversations,
        models: ModelService,
        clearing: Clearing,
        *,
        every: float = KEEP_EVERY,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._conversations = conversations
        self._models = models
        self._clearing = clearing
        self._every = every
        self._sleep = sleep
        self._late = LateEndings(partial(write_ending, conversations), every, sleep)

    @property
    def unsaved(self) -> Feed[Mapping[int, Ending]]:
        """The endings that the disk refuses, by message, until it takes them."""
        return self._late.waiting

    async def aclose(self) -> None:
        """Write what a full disk refused, where there is room by now."""
        await self._late.aclose()

    async def answer(
        self,
        chat: Conversation,
        choice: Choice,
        question: StoredMessage,
        begun: StoredMessage | None = None,
        *,
        anyway: bool = False,
    ) -> AsyncGenerator[ChatEvent]:
        """The answer's row first; then where it may go; then the words, each noted for the row before it is shown.

        `anyway`: the user has seen what is private in it, and said yes."""
        ref = choice.model.ref
        async with self._answer(ref, question, begun) as answer:
            yield Stored(chat.id, question.id, answer.id)
            if choice.note:
                yield Noted(choice.note)
            prompt = await self._prompt(chat, ref, question, begun, anyway=anyway)
            if prompt.note:
                yield Noted(prompt.note)
            cleared: Cleared | None = None
            async with aclosing(self._clear(prompt.request, question.id, answer.id)) as steps:
                async for step in steps:
                    if isinstance(step, Cleared):
                        cleared = step
                        yield Routed(ref, step.turn.place, step.clearance.rule, step.clearance.why)
                    else:
                        yield step
            assert cleared is not None
            # Not before: an engine that could not be loaded was given nothing.
            answer.placed(cleared.turn.place)
            runtime = self._models.runtime(ref)
            async with aclosing(
                _reply(runtime, cleared.clearance, begun.text if begun else "", answer.measure)
            ) as events:
                async for event in events:
                    await _note(answer, event)
                    yield event
                    if trouble := answer.trouble():
                        yield Noted(f"{trouble.message} {trouble.hint}".strip())
            if any(each.finding.kind == UNREAD for each in cleared.found):
                await self._bind(await self._clearing.found(prompt.request), prompt.request, question.id, answer.id)

    def _answer(self, model: ModelRef, question: StoredMessage, begun: StoredMessage | None) -> Answer:
        """Not begun yet: entering it adds its row."""
        reply = Reply(model=model)
        kept = self._conversations
        return Answer(kept, question, reply, begun, late=self._late, every=self._every, sleep=self._sleep)

    async def _clear(self, request: Request, question: int, answer: int) -> AsyncGenerator[Cleared | Loading]:
        """Cleared by where the model will run, then loaded, then cleared again where it turns out to run elsewhere.

        Nothing of the prompt has been sent when this ends, and what is private in it is noted for good.
        Raises PrivacyRefused."""
        planned = await self._clearing.clear(request)
        yield planned
        async with aclosing(self._models.loading(request.model)) as steps:
            async for step in steps:
                yield step
        actual = await self._clearing.clear(request)
        await self._bind(actual.found, request, question, answer)
        if actual.clearance != planned.clearance:
            yield actual

    async def _bind(self, found: Sequence[Found], request: Request, question: int, answer: int) -> None:
        """Note what this is made with. The system prompt, and what goes beside the messages, is in the context of the
        answer, not of the question: that may be answered once more, without it."""
        texts = texts_of(request)
        of_system = [each for each in found if texts[each.part.message].role is Role.SYSTEM]
        said = [each for each in found if each not in of_system]
        await self._conversations.taint(question, await self._clearing.taints_of(said))
        await self._conversations.taint(answer, await self._clearing.taints_of(of_system))

    async def _prompt(
        self, chat: Conversation, model: ModelRef, question: StoredMessage, begun: StoredMessage | None, *, anyway: bool
    ) -> _Prompt:
        """What to send. A half answer goes along as the last message: engines continue it."""
        branch = branch_to(await self._conversations.messages(chat.id), question.id)
        messages = messages_for(chat.parameters.system, branch)
        if begun and begun.text:
            messages += (begun.as_sent(),)
        note = LEFT_OUT if len(branch) > 1 and too_long(branch[-2]) else ""
        context = [*in_context(branch), begun] if begun else in_context(branch)
        taints = await self._conversations.taints([each.id for each in context])
        sampling, project = chat.parameters.sampling, chat.project or ""
        request = Request(messages, project, taints, model=model, sampling=sampling, anyway=anyway)
        return _Prompt(request, note)


@dataclass(frozen=True, slots=True)
class _Prompt:
    request: Request
    note: str = ""


async def _note(answer: Answer, event: ChatEvent) -> None:
    if isinstance(event, TextDelta):
        answer.add(event.text)
    elif isinstance(event, ReasoningDelta):
        answer.reason(event.text)
    elif isinstance(event, Finished):
        await answer.end(event)


async def _reply(runtime: Runtime, cleared: Clearance, begun: str, measure: Measure) -> AsyncGenerator[ChatEvent]:
    """The engine's events with the times as they were felt, then the bill.

    Raises ProviderFailed for a stream without an end."""
    async with aclosing(spelled(without_prefill(runtime.stream(cleared.turn), begun), begun)) as events:
        async for event in events:
            if isinstance(event, Finished):
                timing = measure.felt(event.timing)
                yield replace(event, timing=timing)
                yield Metered(event.usage, timing, FREE)
                return
            if measure.take(event) and measure.ttft_s is not None:
                yield FirstToken(measure.ttft_s)
            yield event
    raise ProviderFailed("The engine ended the answer without saying why.", "Retry, or continue the answer.")
