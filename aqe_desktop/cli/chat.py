"""`aqe chat`: one exchange, streamed as it comes or as one object; without a prompt, a chat on the terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.project import add_project, chosen_project
from aqe_desktop.cli.running import Session
from aqe_desktop.cli.sampling import add_sampling, parameters_of
from aqe_desktop.cli.send_anyway import tell_findings
from aqe_desktop.core.chat import (
    Attachment,
    ChatEvent,
    Loading,
    Metered,
    Noted,
    Parameters,
    ReasoningDelta,
    Routed,
    Stored,
    TextDelta,
    ToolCalled,
)
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ledger import Filter, Purpose, RowKind
from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.files import MAX_BYTES, decode

LAST = "last"
FIELDS = (
    "text",
    "reasoning",
    "tool_calls",
    "route.zone",
    "route.proof",
    "route.provider",
    "route.model",
    "route.task",
    "route.rule",
    "route.why",
    "usage.input",
    "usage.cache_read",
    "usage.cache_write_5m",
    "usage.cache_write_1h",
    "usage.output",
    "usage.reasoning",
    "usage.requests",
    "usage.searches",
    "usage.seconds",
    "cost.usd",
    "cost.basis",
    "timing.ttft_s",
    "timing.total_s",
    "timing.tokens_per_s",
    "conversation",
    "ledger_seq",
)


@dataclass
class Exchange:
    """What has come of one exchange; `show` writes the words as they come."""

    show: bool
    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[ToolCalled] = field(default_factory=list)
    stored: Stored | None = None
    routed: Routed | None = None
    metered: Metered | None = None

    def take(self, event: ChatEvent) -> None:
        if isinstance(event, TextDelta):
            self.text.append(event.text)
            if self.show:
                output.write(event.text)
        elif isinstance(event, ReasoningDelta):
            self.reasoning.append(event.text)
        elif isinstance(event, ToolCalled):
            self.calls.append(event)
        elif isinstance(event, Stored):
            self.stored = event
        elif isinstance(event, Routed):
            self.routed = event
        elif isinstance(event, Metered):
            self.metered = event
        elif isinstance(event, Noted):
            output.note(event.text)

    def end_line(self) -> None:
        """The shell's prompt belongs on a line of its own."""
        if self.show and self.text and not self.text[-1].endswith("\n"):
            output.line()

    def as_json(self, row: int | None) -> dict[str, Any]:
        """`row` is the number of the ledger's row of what was sent."""
        assert self.stored is not None
        assert self.routed is not None
        assert self.metered is not None
        return {
            "text": "".join(self.text),
            "reasoning": "".join(self.reasoning),
            "tool_calls": [_call(each) for each in self.calls],
            "route": _route(self.routed),
            "usage": self.metered.usage.as_json(),
            "cost": self.metered.cost.as_json(),
            "timing": self.metered.timing.as_json(),
            "conversation": self.stored.conversation,
            "ledger_seq": row,
        }


def add_chat(commands: Subparsers) -> None:
    does = "ask a model; without a prompt and on a terminal, an interactive chat"
    parser = add_command(commands, "chat", does, chat, FIELDS)
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="the question; - reads it from standard input")
    add_project(parser)
    parser.add_argument("--model", metavar="REF", help="RUNTIME/MODEL as `aqe models` lists them")
    parser.add_argument(
        "--file", action="append", default=[], metavar="PATH", help="attach a text file or an image; repeatable"
    )
    parser.add_argument(
        "--continue", dest="resume", nargs="?", const=LAST, metavar="ID", help="go on in the last or that chat"
    )
    parser.add_argument(
        "--send-anyway", action="store_true", help="say yes to what a policy asks about; findings are listed first"
    )
    add_sampling(parser)


def chat(args: argparse.Namespace) -> int:
    _sort_out_continue(args)
    if args.prompt is None and sys.stdin.isatty() and sys.stdout.isatty() and not args.json:
        from aqe_desktop.cli.interactive import talk

        return talk(args)
    prompt = _piped() if args.prompt in (None, "-") else args.prompt
    with Session("aqe chat") as session:
        session.run(_once(session.app, args, prompt))
    return 0


async def _once(app: App, args: argparse.Namespace, prompt: str) -> None:
    exchange, before = Exchange(show=not args.json), await _newest(app)
    try:
        await exchange_once(await opening(app, args, prompt), exchange)
    finally:
        exchange.end_line()
    if args.json:
        output.as_json(exchange.as_json(await _row_of(app, exchange, before)))
    else:
        output.progress(summary(exchange))


async def _newest(app: App) -> int:
    rows = await app.ledger.rows(limit=1)
    return rows[0].seq if rows else 0


async def _row_of(app: App, exchange: Exchange, before: int) -> int | None:
    """The row of the question itself; None where none was due, for it stayed here."""
    if exchange.routed is None:
        return None
    model = str(exchange.routed.model)
    for row in await app.ledger.rows(Filter(purpose=Purpose.CHAT)):
        if row.seq > before and row.entry.kind is RowKind.SENT and row.entry.model == model:
            return row.seq
    return None


async def opening(app: App, args: argparse.Namespace, prompt: str) -> AsyncGenerator[ChatEvent]:
    """The exchange that the flags ask for, not yet begun."""
    conversation = await conversation_of(app, args.resume)
    before = Parameters() if conversation is None else (await app.history.get(conversation)).parameters
    files = await attachments_of(app, args.file)
    project = str(chosen) if (chosen := chosen_project(args.project)) else None
    parameters = await parameters_of(args, app.presets, before, app.chat.attach)
    if args.send_anyway:
        await tell_findings(app, conversation, prompt, files, project, parameters)
    return app.chat.ask(
        conversation,
        prompt,
        files,
        model=ModelRef.parse(args.model) if args.model else None,
        project=project,
        parameters=parameters,
        anyway=args.send_anyway,
    )


async def exchange_once(events: AsyncGenerator[ChatEvent], exchange: Exchange) -> None:
    told = ""
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Loading) and event.what != told:
                told = event.what
                output.progress(f"{told}…")
            exchange.take(event)


async def conversation_of(app: App, resume: str | None) -> int | None:
    """The conversation to go on in; None begins a new one. Raises UsageError where there is none."""
    if resume is None:
        return None
    if resume != LAST:
        return _number(resume)
    latest = await app.history.latest()
    if latest is None:
        raise UsageError("There is no conversation to continue.", "Ask without --continue.")
    return latest.id


async def attachments_of(app: App, paths: list[str]) -> list[Attachment]:
    return [await app.chat.attach(Path(path)) for path in paths]


def summary(exchange: Exchange) -> str:
    """One line about the reply: where it was made, how long it is, how fast it came, and where it is kept."""
    if exchange.routed is None or exchange.metered is None or exchange.stored is None:
        return ""
    place, metered = exchange.routed.place, exchange.metered
    speed = metered.timing.tokens_per_s
    rate = "" if speed is None else f" · {speed:.0f} tokens/s"
    return (
        f"{exchange.routed.model} · {place.zone}, {place.proof} · {metered.usage.output} tokens{rate}"
        f" · conversation {exchange.stored.conversation}"
    )


def _call(call: ToolCalled) -> dict[str, Any]:
    return {"name": call.name, "arguments": json.loads(call.arguments), "id": call.id}


def _route(routed: Routed) -> dict[str, Any]:
    return {
        "zone": routed.place.zone,
        "proof": routed.place.proof,
        "provider": routed.model.host,
        "model": routed.model.model,
        "task": "chat",
        "rule": routed.rule,
        "why": list(routed.why),
    }


def _sort_out_continue(args: argparse.Namespace) -> None:
    """`--continue "a question"` means the last chat: a word that is no number is the prompt."""
    if args.resume in (None, LAST) or args.resume.isdecimal():
        return
    if args.prompt is not None:
        raise UsageError(f"“{args.resume}” is not a conversation.", "`aqe history` lists them by their numbers.")
    args.prompt, args.resume = args.resume, LAST


def _number(digits: str) -> int:
    """Python refuses to read thousands of digits; no conversation has so many."""
    try:
        return int(digits)
    except ValueError:
        raise UsageError("There is no conversation of that number.", "`aqe history` lists those there are.") from None


def _piped() -> str:
    return decode(sys.stdin.buffer.read(MAX_BYTES + 1), "Standard input")
