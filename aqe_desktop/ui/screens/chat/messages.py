"""From stored messages to what the transcript draws: chips, figures, and the way on from a reply that ended early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aqe_desktop.core.chat import Attachment, Role, State
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.history import Reply, StoredMessage
from aqe_desktop.core.models import Zone
from aqe_desktop.core.money import for_the_eye
from aqe_desktop.machine.images import picture
from aqe_desktop.ui.screens.chat.exchange import Exchange, Stage
from aqe_desktop.ui.screens.chat.failure import Act, of_message
from aqe_desktop.ui.widgets.figures import share_text
from aqe_desktop.ui.widgets.transcript.model import FileChip, Offer, TranscriptMessage, ZoneChip

COPY, EDIT, REGENERATE, CONTINUE, RETRY, START = "copy", "edit", "regenerate", "continue", "retry", "start_engine"
_CONTINUE, _RETRY = Offer(CONTINUE, "Continue", "play"), Offer(RETRY, Act.RETRY.value, "refresh")
_START = Offer(START, Act.START_ENGINE.value)
_OWN = (Offer(COPY, "Copy", "copy"), Offer(EDIT, "Edit", "pencil"))
_ANSWER = (Offer(COPY, "Copy", "copy"), Offer(REGENERATE, "Regenerate", "refresh"))
_WORDS = {Zone.DEVICE: "This device"}
UNSAVED = "The disk refuses it. Free some space; saving is tried again every second while the app is open."


@dataclass(frozen=True, slots=True)
class Ending:
    """What stands under an answer that did not come to its own end, and what can be done about it."""

    reason: str = ""
    hint: str = ""
    offers: tuple[Offer, ...] = ()


def shown(
    message: StoredMessage, live: Exchange | None = None, *, last: bool = False, engine_up: bool = True
) -> TranscriptMessage:
    """One message; `live` is the reply under way when it is this one. The last one's way on has a primary button."""
    if message.role is Role.USER:
        return _question(message)
    own = live if live is not None and live.answer == message.id else None
    return _answer(message, own, Ending() if own else ending_of(message, last=last, engine_up=engine_up))


def all_shown(messages: Sequence[StoredMessage], live: Exchange | None, *, engine_up: bool) -> list[TranscriptMessage]:
    last = messages[-1].id if messages and live is None else None
    return [shown(message, live, last=message.id == last, engine_up=engine_up) for message in messages]


def progress_of(exchange: Exchange) -> str:
    """What stands in the place of the text while there is none."""
    if exchange.stage is Stage.LOADING and exchange.loading:
        share = exchange.loading.progress
        what = exchange.loading.what
        words = what[:1].upper() + what[1:]
        return words if share is None else f"{words}, {share_text(share)}"
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
        attachments=tuple(map(_file, message.attachments)),
        versions=_versions(message),
        actions=_OWN,
    )


def _file(file: Attachment) -> FileChip:
    if not file.is_image:
        return FileChip(file.name, file.size)
    return FileChip(file.name, file.size, file.data, pixels_of(file))


def pixels_of(image: Attachment) -> tuple[int, int]:
    """Width and height by its header; nothing of one that is damaged."""
    try:
        seen = picture(image.data, image.name)
    except UsageError:
        return (0, 0)
    return seen.width, seen.height


def _answer(message: StoredMessage, live: Exchange | None, ending: Ending) -> TranscriptMessage:
    streams = live is not None or message.state is State.STREAMING
    return TranscriptMessage(
        id=message.id,
        role="assistant",
        text=live.text if live else message.text,
        chip=_chip(message, live),
        meta="" if live else meta_of(message.reply),
        state="streaming" if streams else message.state.value,
        reason=ending.reason,
        hint=ending.hint,
        offers=ending.offers,
        progress=progress_of(live) if live else "",
        versions=_versions(message),
        actions=_ANSWER[:1] if streams else _ANSWER,
        reasoning=live.reasoning if live else message.reasoning,
    )


def ending_of(message: StoredMessage, *, last: bool, engine_up: bool) -> Ending:
    """Of an answer that is not being written here."""
    if not message.kept:
        return Ending(f"{_how(message)} Not saved yet.".lstrip(), UNSAVED)
    on = (_CONTINUE,) if message.text else ()
    kept = bool(message.text or message.reasoning)
    if message.state is State.STOPPED:
        reason = "Stopped. What had arrived is kept." if kept else "Stopped before the first word."
        return Ending(reason, offers=on or (_RETRY,))
    if message.state is State.CUT:
        reason = "Cut off when the app ended. What had arrived is kept." if kept else "Cut off before the first word."
        return Ending(reason, offers=_first_primary((*on, _RETRY)) if last else (*on, _RETRY))
    if message.state is State.FAILED:
        return _failed(message, on, last=last, engine_up=engine_up)
    if message.reply.finish == "length":
        return Ending("Ended at the limit for one answer.", offers=on)
    return Ending()


def _how(message: StoredMessage) -> str:
    """How it ended, in a word; nothing of one that is whole."""
    if message.state is State.FAILED:
        return of_message(message).message
    return "Stopped." if message.state is State.STOPPED else ""


def _failed(message: StoredMessage, on: tuple[Offer, ...], *, last: bool, engine_up: bool) -> Ending:
    """The next step is for the newest answer only: the engine of an older one is nobody's concern any more."""
    failure = of_message(message)
    acts = failure.acts(engine_up=engine_up)
    if not last:
        return Ending(failure.message, offers=(_RETRY, *on))
    offers = (*((_START,) if Act.START_ENGINE in acts else ()), _RETRY, *on)
    hint = failure.next_step(engine_up=engine_up, begun=bool(on))
    return Ending(failure.message, hint, _first_primary(offers) if acts else offers)


def _first_primary(offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    return (replace(offers[0], primary=True), *offers[1:])


def _chip(message: StoredMessage, live: Exchange | None) -> ZoneChip | None:
    """None while, or where, nothing has run: a chip says where something did."""
    reply = message.reply
    routed = live.routed if live else None
    if live is not None and routed is not None:
        if not live.runs:
            return None
        place = routed.place
        word = _WORDS.get(place.zone, routed.model.host)
        return ZoneChip(place.zone.value, word, routed.model.model, place.proof.value, "\n".join(place.facts))
    ran = message.text or message.reasoning or reply.usage is not None
    if not ran or reply.zone is None or reply.model is None:
        return None
    proof = reply.proof.value if reply.proof else "unproved"
    return ZoneChip(reply.zone.value, _WORDS.get(reply.zone, reply.model.host), reply.model.model, proof)


def _versions(message: StoredMessage) -> tuple[int, int]:
    if message.id not in message.versions:
        return (1, 1)
    return (message.versions.index(message.id) + 1, len(message.versions))
