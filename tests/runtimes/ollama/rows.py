"""A ledger in memory, and turns for the tests of Ollama."""

from __future__ import annotations

from aqe_desktop.core.chat import Attachment, ChatEvent, Message, Role, Route, Sampling, TextDelta, Turn
from aqe_desktop.core.ledger import Entry, Row, chained
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone

HERE = Place(Zone.DEVICE, Proof.PROVED)
CLOUD = Place(Zone.CLOUD, Proof.UNPROVED)
SMOL = ModelRef("ollama", "smol:latest")
QUESTION = Message(Role.USER, "In one short sentence, what is a lighthouse?", (Attachment("a.py", "x = 1\n"),))


class Rows:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def append(self, entry: Entry) -> Row:
        self.entries.append(entry)
        return chained(len(self.entries), "0" * 64, entry)


def turn(
    place: Place = HERE, *, model: ModelRef = SMOL, consent: str = "", sampling: Sampling | None = None, text: str = ""
) -> Turn:
    question = Message(Role.USER, text) if text else QUESTION
    return Turn((question,), (Route(model, place),), sampling or Sampling(), farthest=place.zone, consent=consent)


def text_of(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
