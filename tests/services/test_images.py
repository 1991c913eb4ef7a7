"""Images in a chat: each stays here until the user has looked at it, and goes only to a model that can see."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Attachment, Role, Stored
from aqe_desktop.core.errors import PrivacyRefused, UsageError
from aqe_desktop.core.findings import IMAGE, PartKind
from aqe_desktop.core.models import Capability, Model, Place, Proof, Zone
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.history import HistoryService
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.conversations import ConversationStore
from tests.pictures import JPEG, png
from tests.services.conftest import Desk, first, no_preference
from tests.services.engine_of_lines import HERE, MODEL, OTHER, Lines
from tests.services.privately import Privately, asks, clearing_over

THERE = Place(Zone.CLOUD, Proof.DECLARED, ("It is a cloud.",))
SHOT = Attachment("shot.png", "", data=png(), media="image/png")
PHOTO = Attachment("photo.jpg", "", data=JPEG, media="image/jpeg")


class Seeing(Lines):
    """Its small model can see, and says so where its files are read; the other one cannot."""

    async def models(self, *, read: bool = True) -> list[Model]:
        sees = (Capability.CHAT, Capability.VISION) if read else (Capability.CHAT,)
        return [Model(MODEL, "Small", capabilities=sees), Model(OTHER, "Other")]


def over(store: ConversationStore, engine: Lines) -> Desk:
    models = ModelService((engine,), no_preference)
    chat = ChatService(store, models, clearing_over(models, store._database), read_attachment)
    return Desk(engine, store, chat, HistoryService(store))


@pytest.fixture
def seeing(store: ConversationStore) -> Desk:
    return over(store, Seeing())


async def test_an_image_binds_by_itself_and_its_name_is_read(parts: Privately) -> None:
    named = Attachment("jane.roe@brightwater.io (photo).png", "", data=SHOT.data, media="image/png")
    found = await parts.privacy.scan(asks("Look.", SHOT, named))
    assert [(each.finding.kind, each.part.file, each.part.kind) for each in found] == [
        (IMAGE, 0, PartKind.FILE),
        ("pii-email", 1, PartKind.NAME),
        (IMAGE, 1, PartKind.FILE),
    ]
    assert found[0].binds
    assert found[0].value == hashlib.sha256(SHOT.data).hexdigest()


async def test_a_dismissed_image_is_free_and_one_byte_more_is_not(parts: Privately, project: Path) -> None:
    (found,) = await parts.privacy.scan(asks("Look.", SHOT), str(project))
    await parts.privacy.dismiss(found, str(project))
    renamed = Attachment("other.png", "", data=SHOT.data, media="image/png")
    changed = Attachment("shot.png", "", data=SHOT.data + b"\0", media="image/png")
    again = await parts.privacy.scan(asks("Look.", SHOT, renamed, changed), str(project))
    assert [each.binds for each in again] == [False, False, True]
    assert [each.binds for each in await parts.privacy.scan(asks("Look.", SHOT))] == [True]


async def test_an_image_goes_to_a_model_here_as_it_was_attached(seeing: Desk, tmp_path: Path) -> None:
    path = tmp_path / "shot.png"
    path.write_bytes(SHOT.data)
    file = await seeing.chat.attach(path)
    path.unlink()
    await seeing.all(seeing.chat.ask(None, "What is this?", [file]))
    (turn,) = seeing.engine.turns
    assert turn.messages[-1].attachments[0].data == SHOT.data


async def test_an_image_does_not_leave_unseen(store: ConversationStore) -> None:
    desk = over(store, Seeing(places=(THERE,)))
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(None, "Look.", [SHOT]))
    assert desk.engine.turns == []


async def test_an_image_binds_what_is_said_after_it_though_its_message_is_gone(store: ConversationStore) -> None:
    desk = over(store, Seeing(places=(HERE,)))
    asked = first(await desk.all(desk.chat.ask(None, "Look.", [SHOT])), Stored)
    ((kind, _),) = [(each.kind, each.mark) for each in await store.taints([asked.question])]
    assert kind == IMAGE
    await store._database.write(lambda c: c.execute("DELETE FROM attachments"))
    (left,) = await desk.chat.findings(asked.conversation, "And now?")
    assert (left.finding.kind, left.binds) == (IMAGE, True)


async def test_a_blind_model_gets_no_image_and_nothing_is_stored(seeing: Desk) -> None:
    with pytest.raises(UsageError, match=r"Other cannot see images such as shot\.png") as refused:
        await seeing.all(seeing.chat.ask(None, "Look.", [SHOT], model=OTHER))
    assert "aqe models" in refused.value.hint
    assert (await seeing.store.list(), seeing.engine.loads) == ([], 0)


async def test_a_chat_that_holds_an_image_does_not_go_on_with_a_blind_model(seeing: Desk) -> None:
    asked = first(await seeing.all(seeing.chat.ask(None, "Look.", [SHOT])), Stored)
    with pytest.raises(UsageError, match=r"This chat holds the image shot\.png, and Other cannot see"):
        await seeing.all(seeing.chat.ask(asked.conversation, "And?", model=OTHER))
    assert (await seeing.store.get(asked.conversation)).model == MODEL
    await seeing.store.set_model(asked.conversation, OTHER)
    for act in (seeing.chat.regenerate(asked.answer), seeing.chat.edit(asked.question, "Look again.", [PHOTO])):
        with pytest.raises(UsageError, match="cannot see images"):
            await seeing.all(act)
    assert len(await seeing.store.messages(asked.conversation)) == 2
    await seeing.all(seeing.chat.edit(asked.question, "Without it."))
    assert len(seeing.engine.turns) == 2


async def test_an_image_is_described_in_every_export(seeing: Desk) -> None:
    asked = first(await seeing.all(seeing.chat.ask(None, "Look.", [SHOT])), Stored)
    digest = hashlib.sha256(SHOT.data).hexdigest()
    markdown = await seeing.history.export_markdown(asked.conversation)
    assert f"### shot.png\n\nImage, image/png, {SHOT.size} bytes, SHA-256 {digest}" in markdown
    told = json.loads(await seeing.history.export_json(asked.conversation))
    question = next(each for each in told["messages"] if each["role"] == Role.USER)
    described = {"media": "image/png", "size": SHOT.size, "sha256": digest}
    assert question["attachments"] == [{"name": "shot.png", "text": "", **described}]
