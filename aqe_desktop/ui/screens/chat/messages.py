"""From stored messages to what the transcript draws: chips, figures, and the way on from a reply that ended early."""

from __future__ import annotations

from collections.abc import Sequence

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.history import Reply, StoredMessage
from aqe_desktop.core.models import Zone
from aqe_desktop.core.money import for_the_eye
from aqe_desktop.ui.screens.chat.exchange import Exchange, Stage
from aqe_desktop.ui.screens.chat.figures import grouped
from aqe_desktop.ui.widgets.transcript.model import FileChip, Offer, TranscriptMessage, ZoneChip

COPY, EDIT, REGENERATE, CONTINUE, RETRY = "copy", "edit", "regenerate", "continue", "retry"
_CONTINUE, _RETRY = Offer(CONTINUE, "Continue"), Offer(RETRY, "Retry")
_OWN = (Offer(COPY, "Copy"), Offer(EDIT, "Edit"))
_ANSWER = (Offer(COPY, "Copy"), Offer(REGENERATE, "Regenerate"))
_WORDS = {Zone.DEVICE: "This device"}


def shown(message: StoredMessage, live: Exchange | None = None) -> TranscriptMessage:
    """One message; `live` is the reply under way when it is this one."""
    if message.role is Role.USER:
        return _question(message)
    return _answer(message, live if live is not None and live.answer == message.id else None)


def all_shown(messages: Sequence[StoredMessage], live: Exchange | None) -> list[TranscriptMessage]:
    return [shown(message, live) for message in messages]


def progress_of(exchange: Exchange) -> str:
    """What stands in the place of the text while there is none."""
    if exchange.stage is Stage.LOADING and exchange.loading:
        share = exchange.loading.progress
        what = exchange.loading.what
        words = what[:1].upper() + what[1:]
        return words if share is None else f"{words}, {share:.0%}"
    if exchange.stage is Stage.READING and exchange.reading:
        done, total = exchange.reading.done, exchange.reading.total
        return f"Reading the prompt, {grouped(done)} of {grouped(total)} tokens"
    return "Waiting for the engine" if exchange.stage is Stage.SENDING else ""


def meta_of(reply: Reply) -> str:
    """The figures beside an answer: "158 tokens · 41.2 tok/s · $0.0000"."""
    parts: list[str] = []
    if reply.usage is not None:
        parts.append(f"{grouped(reply.usage.output)} tokens")
    if reply.timing is not None and reply.timing.tokens_per_s:
        parts.append(f"{reply.timing.tokens_per_s:.1f} tok/s")
    if reply.cost is not None:
        parts.append(for_the_eye(reply.cost))
    return " · ".join(parts)


def _question(message: StoredMessage) -> TranscriptMessage:
    return TranscriptMessage(
        id=message.id,
        role="user",
        text=message.text,
        attachments=tuple(FileChip(file.name, file.size) for file in message.attachments),
        versions=_versions(message),
        actions=_OWN,
    )


def _answer(message: StoredMessage, live: Exchange | None) -> TranscriptMessage:
    reason, offers = ("", ()) if live else _ending(message)
    streams = live is not None or message.state is State.STREAMING
    return TranscriptMessage(
        id=message.id,
        role="assistant",
        text=live.text if live else message.text,
        chip=_chip(message.reply, live),
        meta="" if live else meta_of(message.reply),
        state="streaming" if streams else message.state.value,
        reason=reason,
        offers=offers,
        progress=progress_of(live) if live else "",
        versions=_versions(message),
        actions=_ANSWER[:1] if streams else _ANSWER,
    )


def _ending(message: StoredMessage) -> tuple[str, tuple[Offer, ...]]:
    """The one line under an answer that did not come to its own end, and what can be done about it."""
    on = (_CONTINUE,) if message.text else ()
    if message.state is State.STOPPED:
        return "Stopped. What had arrived is kept.", on or (_RETRY,)
    if message.state is State.CUT:
        return "Cut off when the app ended. What had arrived is kept.", (*on, _RETRY)
    if message.state is State.FAILED:
        error = message.reply.error or {}
        return error.get("message", "The reply failed."), (_RETRY, *on)
    if message.reply.finish == "length":
        return "Ended at the limit for one answer.", on
    return "", ()


def _chip(reply: Reply, live: Exchange | None) -> ZoneChip | None:
    routed = live.routed if live else None
    if routed is not None:
        place = routed.place
        word = _WORDS.get(place.zone, routed.model.host)
        return ZoneChip(place.zone.value, word, routed.model.model, place.proof.value, "\n".join(place.facts))
    if reply.zone is None or reply.model is None:
        return None
    proof = reply.proof.value if reply.proof else "unproved"
    return ZoneChip(reply.zone.value, _WORDS.get(reply.zone, reply.model.host), reply.model.model, proof)


def _versions(message: StoredMessage) -> tuple[int, int]:
    if message.id not in message.versions:
        return (1, 1)
    return (message.versions.index(message.id) + 1, len(message.versions))
