"""The numbers of a reply as the inspector and the status bar show them; pure, so that a test can read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aqe_desktop.core.chat import Role, Sampling
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.core.money import FREE, Cost, decimal_usd, for_the_eye
from aqe_desktop.core.usage import Timing, Usage
from aqe_desktop.ui.screens.chat.exchange import Exchange
from aqe_desktop.ui.shell.status_bar import ReplyFigures

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """One reply in words; a dash where something was not measured."""

    first_token: str = NOTHING
    speed: str = NOTHING
    input: str = NOTHING
    output: str = NOTHING
    cost: str = NOTHING


def figures_of(usage: Usage | None, timing: Timing | None, cost: Cost | None) -> ReplyWords:
    ttft = timing.ttft_s if timing else None
    speed = timing.tokens_per_s if timing else None
    return ReplyWords(
        first_token=NOTHING if ttft is None else f"{ttft:.2f} s",
        speed=NOTHING if speed is None else f"{speed:.1f} tok/s",
        input=NOTHING if usage is None else _with_reused(usage.prompt, usage.cache_read),
        output=NOTHING if usage is None else grouped(usage.output),
        cost=NOTHING if cost is None else f"{for_the_eye(cost)} · {cost.basis.value}",
    )


def last_answer(messages: Sequence[StoredMessage]) -> StoredMessage | None:
    """The newest answer of the branch on show."""
    return next((message for message in reversed(messages) if message.role is Role.ASSISTANT), None)


def last_reply(messages: Sequence[StoredMessage]) -> ReplyWords:
    """Of the newest answer on show."""
    answer = last_answer(messages)
    if answer is None:
        return ReplyWords()
    return figures_of(answer.reply.usage, answer.reply.timing, answer.reply.cost)


def context_used(messages: Sequence[StoredMessage]) -> int | None:
    """Tokens that the branch fills of the model's context, as the engine said with its last word.

    None where it never said, as after a Stop."""
    reply = messages[-1].reply if messages else None
    if reply is not None and reply.usage is not None and reply.finish:
        return reply.usage.prompt + reply.usage.output
    return None if messages else 0


def status_of(messages: Sequence[StoredMessage], exchange: Exchange | None, speed: float | None) -> ReplyFigures:
    """For the status bar: the running reply by its own pieces, else the last one by the engine's count."""
    if exchange is not None:
        return ReplyFigures(exchange.tokens or None, speed, exchange.first_token_s)
    answer = last_answer(messages)
    usage, timing = (answer.reply.usage, answer.reply.timing) if answer else (None, None)
    cost = answer.reply.cost if answer and answer.reply.cost else FREE
    exact = "unknown" if cost.picodollars is None else f"${decimal_usd(cost.picodollars)}"
    return ReplyFigures(
        tokens=usage.output if usage else None,
        first_token_s=timing.ttft_s if timing else None,
        cost=for_the_eye(cost),
        basis=cost.basis.value,
        exact=exact,
    )


def running_words(exchange: Exchange, speed: float | None) -> ReplyWords:
    """What is known of a reply that still runs; its cost comes with its end."""
    reading, first = exchange.reading, exchange.first_token_s
    return ReplyWords(
        first_token=NOTHING if first is None else f"{first:.2f} s",
        speed=NOTHING if speed is None else f"{speed:.1f} tok/s",
        input=NOTHING if reading is None else _with_reused(reading.total, reading.reused),
        output=grouped(exchange.tokens) if exchange.tokens else NOTHING,
    )


_NAMES = {
    "temperature": "Temperature",
    "top_p": "Top-p",
    "top_k": "Top-k",
    "min_p": "Min-p",
    "seed": "Seed",
    "max_output": "Max output",
    "stop": "Stop words",
}
RANDOM_SEED = 4294967295
UNLIMITED = -1


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One parameter as the engine reports it; `differs` where it is not what was asked for."""

    name: str
    value: str
    differs: bool


def read_back(received: dict[str, Any], asked: Sampling) -> list[ReadBack]:
    """What the engine says it used, beside what was set; a parameter left to the engine never differs."""
    rows: list[ReadBack] = []
    for key, name in _NAMES.items():
        if key in received:
            rows.append(ReadBack(name, _value(key, received[key]), _differs(received[key], getattr(asked, key))))
    return rows


def _differs(got: Any, wanted: Any) -> bool:
    if wanted is None or wanted == ():
        return False
    if isinstance(wanted, tuple):
        return tuple(got or ()) != wanted
    # The engine keeps single precision: 0.7 comes back as 0.699999988079071.
    return not isinstance(got, int | float) or abs(float(got) - float(wanted)) > 1e-4 * max(1.0, abs(float(wanted)))


def _value(key: str, value: Any) -> str:
    if key == "seed" and value in (RANDOM_SEED, UNLIMITED):
        return "random"
    if key == "max_output" and value == UNLIMITED:
        return "no limit"
    if isinstance(value, list | tuple):
        return ", ".join(repr(word)[1:-1] for word in value) or "none"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return str(value)


def _with_reused(prompt: int, reused: int) -> str:
    return f"{grouped(prompt)} ({grouped(reused)} reused)" if reused else grouped(prompt)
