"""The history behind the pictures: a few titles, and one example answer with code and a table."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aqe_desktop.core.chat import Parameters, Role, Sampling, State
from aqe_desktop.core.errors import AqeError, EngineCrashed
from aqe_desktop.core.history import Reply
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import FREE
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database

HOUR = 3_600_000
EXAMPLE = ModelRef("llamacpp", "example")
TITLE = "Retry logic in the billing client"
ASKED = "The billing client gives up on the first 503. Add retries with jitter, and keep the signature."
QUESTION = "What does exponential backoff mean? Answer in a short paragraph, then give one example."

OTHERS = (
    ("Explain the parser's lookahead", 2),
    ("Flaky test_reconnect", 3),
    ("Compare two ways to mock a clock", 5),
    ("SQL for the monthly report", 30),
    ("Why does the fixture leak?", 80),
    ("Rename plan for core/ports", 120),
    ("What does this traceback mean?", 400),
)

FAILED_ANSWER = """A fixture is a function that prepares what a test needs, and clears it away afterwards. A test asks
for it by naming it as a parameter:

```python
@pytest.fixture
def account() -> Account:
    return Account(balance=100)
```

The second example is a fixture that"""

LONG_ANSWER = '''A small wrapper keeps `charge()` as it is. It retries only what the gateway marks as transient, and
never a declined card:

```python
import random
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TransientError(Exception):
    """The gateway asks to try again later."""


def with_retry(call: Callable[[], T], *, attempts: int = 4, base: float = 0.2) -> T:
    """Call, retrying on TransientError with full jitter."""
    for attempt in range(attempts):
        try:
            return call()
        except TransientError:
            if attempt == attempts - 1:
                raise
            time.sleep(random.uniform(0, base * 2**attempt))
    raise AssertionError("unreachable")
```

| Status | Retried | Why |
|---|---|---|
| 503, 429 | yes, `Retry-After` honoured | the gateway asks for it |
| 402 | no | a declined card stays declined |

The sleep is bounded by `base * 2**attempt`, so four attempts wait for at most 1.4 s in all.
'''


async def fill_history(path: Path, answer: str) -> None:
    """Write the conversations; their times lie hours and days back, so that every group of the list is there."""
    database = await Database.open(path)
    try:
        store = await ConversationStore.open(database)
        for title, hours in reversed(OTHERS):
            other = await store.create(title)
            question = await store.add(other.id, None, Role.USER, title)
            await store.add(other.id, question.id, Role.ASSISTANT, "An example.", reply=_reply(40, 2))
            await _age(database, other.id, hours * HOUR)
        await _add_failed(database, store)
        sampling = Sampling(temperature=0.2, top_p=0.95, max_output=2048, seed=11)
        shown = await store.create(TITLE, parameters=Parameters(sampling=sampling))
        question = await store.add(shown.id, None, Role.USER, ASKED)
        await store.add(shown.id, question.id, Role.ASSISTANT, answer, reply=_reply(312, 41.2))
        await _age(database, shown.id, 60_000)
        await store.pin(shown.id, True)
    finally:
        await database.close()


async def _add_failed(database: Database, store: ConversationStore) -> None:
    """An answer in whose middle the engine ended."""
    chat = await store.create("Explain what a fixture is in pytest")
    question = await store.add(chat.id, None, Role.USER, "Explain what a fixture is in pytest, with three examples.")
    answer = await store.add(chat.id, question.id, Role.ASSISTANT, "", state=State.STREAMING)
    error = EngineCrashed("The engine ended during the reply.").as_json()
    reply = Reply(model=EXAMPLE, zone=Zone.DEVICE, proof=Proof.PROVED, error=error)
    await store.finish(answer.id, State.FAILED, FAILED_ANSWER, reply=reply)
    await _age(database, chat.id, HOUR)


def newest_answer(paths: Paths) -> str:
    """The text so far of the answer that is being written, as it is on disk; "" while there is none."""
    return asyncio.run(_newest_answer(paths.database))


async def _newest_answer(path: Path) -> str:
    try:
        database = await Database.open(path)
    except AqeError:
        return ""
    try:
        store = ConversationStore(database)
        latest = max(await store.list(), key=lambda each: each.updated, default=None)
        branch = await store.branch(latest.id) if latest else []
        return branch[-1].text if branch and branch[-1].state is State.STREAMING else ""
    finally:
        await database.close()


def _reply(tokens: int, speed: float) -> Reply:
    return Reply(
        model=EXAMPLE,
        zone=Zone.DEVICE,
        proof=Proof.PROVED,
        usage=Usage(input=212, cache_read=388, output=tokens),
        timing=Timing(0.31, tokens / speed, speed),
        cost=FREE,
        finish="stop",
    )


async def _age(database: Database, conversation: int, back: int) -> None:
    then = round(time.time() * 1000) - back
    await database.write(
        lambda c: c.execute(
            "UPDATE conversations SET created = ?, updated = ? WHERE id = ?", (then, then, conversation)
        )
    )
