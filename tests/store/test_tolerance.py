"""One broken field costs that field; no chat is ever refused for it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import THINK, Attachment, Parameters, Role, Sampling
from aqe_desktop.core.history import Reply
from aqe_desktop.core.models import ModelRef, Zone
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.rows import parameters_from, parameters_to, reply_from, reply_to
from tests.store.test_conversations import WHOLE

BROKEN = [
    ("UPDATE messages SET reply = '{\"usage\": '", "reply"),
    ("UPDATE messages SET reply = '[1]'", "reply"),
    ('UPDATE messages SET reply = \'{"usage": {"input": "many"}, "finish": "stop"}\'', "usage"),
    ('UPDATE messages SET reply = \'{"timing": 3, "finish": "stop"}\'', "timing"),
    ('UPDATE messages SET reply = \'{"cost": {"basis": "gold"}, "finish": "stop"}\'', "cost"),
    ('UPDATE messages SET reply = \'{"model": "no-slash", "finish": "stop"}\'', "model"),
    ('UPDATE messages SET reply = \'{"proof": "sworn", "finish": "stop"}\'', "proof"),
    ('UPDATE messages SET reply = \'{"error": ["x"], "finish": "stop"}\'', "error"),
    ('UPDATE messages SET reply = \'{"received": 1, "finish": "stop"}\'', "received"),
    ("UPDATE messages SET zone = 'mars'", "zone"),
    ("UPDATE conversations SET zone = 'mars'", "zone"),
    ("UPDATE conversations SET model = 'nothing'", "model"),
    ("UPDATE conversations SET parameters = 'secret{'", "parameters"),
    ('UPDATE conversations SET parameters = \'{"system": 3, "sampling": {"top_k": 40}}\'', "system"),
    ('UPDATE conversations SET parameters = \'{"sampling": {"top_k": "all", "seed": true}}\'', "top_k"),
    ("UPDATE conversations SET parameters = '{\"sampling\": 7}'", "sampling"),
    ('UPDATE conversations SET parameters = \'{"sampling": {"think": "much"}}\'', "think"),
    ('UPDATE conversations SET parameters = \'{"sampling": {"think": ["on"]}}\'', "think"),
]


@pytest.mark.parametrize(("damage", "field"), BROKEN)
async def test_a_broken_field_is_left_out_and_logged(
    database: Database, store: ConversationStore, caplog: pytest.LogCaptureFixture, damage: str, field: str
) -> None:
    chat = (await store.create("title", model=ModelRef("a", "b"))).id
    await store.add(chat, None, Role.USER, "the text", reply=WHOLE)
    await database.write(lambda c: c.execute(damage))
    with caplog.at_level(logging.WARNING):
        (message,) = await store.branch(chat)
        kept = await store.get(chat)
    assert (message.text, kept.title) == ("the text", "title")
    assert f"its field {field} cannot be read" in caplog.text
    assert "secret" not in caplog.text
    if '"finish"' in damage:
        assert message.reply.finish == "stop"


async def test_an_image_of_a_kind_that_is_not_known_keeps_its_name(
    database: Database, store: ConversationStore, caplog: pytest.LogCaptureFixture
) -> None:
    chat = (await store.create("title")).id
    files = [Attachment("a.png", "", data=b"\0", media="image/png")]
    await store.add(chat, None, Role.USER, "the text", attachments=files)
    await store.set_draft(chat, "", files)
    await database.write(lambda c: c.execute("UPDATE attachments SET media = 'image/avif'"))
    await database.write(lambda c: c.execute("UPDATE draft_attachments SET media = 'image/avif'"))
    (message,) = await store.branch(chat)
    assert (*message.attachments, *(await store.draft(chat)).attachments) == (Attachment("a.png", ""),) * 2
    assert "its field media cannot be read" in caplog.text


async def test_a_lost_head_still_shows_the_conversation(database: Database, store: ConversationStore) -> None:
    chat = (await store.create("title")).id
    first = await store.add(chat, None, Role.USER, "one")
    await store.add(chat, first.id, Role.ASSISTANT, "two")
    await database.write(lambda c: c.execute("UPDATE conversations SET head = 999999"))
    assert [message.text for message in await store.branch(chat)] == ["one", "two"]


async def test_a_field_of_a_later_version_is_no_harm(database: Database, store: ConversationStore) -> None:
    chat = (await store.create("title")).id
    await store.add(chat, None, Role.USER, "text", reply=WHOLE)
    newer = "UPDATE messages SET reply = json_set(reply, '$.usage.thoughts', 5, '$.mood', 'good')"
    await database.write(lambda c: c.execute(newer))
    assert (await store.branch(chat))[0].reply == WHOLE


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_names = ["model", "proof", "usage", "timing", "cost", "received", "finish", "error"]


@given(reply=st.dictionaries(st.sampled_from(_names), _json), zone=st.none() | st.text())
def test_any_json_reads_as_some_reply(reply: dict[str, Any], zone: str | None) -> None:
    import json

    assert isinstance(reply_from(json.dumps(reply), zone, "here"), Reply)


@given(text=st.text())
def test_any_text_reads_as_some_parameters(text: str) -> None:
    assert parameters_from(text, "here") == Parameters() or text.strip().startswith("{")


_numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
_counts = st.none() | st.integers()
_sampling = st.builds(
    Sampling,
    _numbers,
    _numbers,
    _counts,
    _numbers,
    _counts,
    st.lists(st.text(), max_size=3).map(tuple),
    _counts,
    st.sampled_from(("", *THINK)),
    st.text(),
)


@given(parameters=st.builds(Parameters, st.text(), _sampling))
def test_parameters_come_back_as_they_were(parameters: Parameters) -> None:
    assert parameters_from(parameters_to(parameters), "here") == parameters


def test_a_reply_comes_back_as_it_was() -> None:
    assert reply_from(reply_to(WHOLE), "device", "here") == WHOLE
    assert reply_from(reply_to(Reply()), None, "here") == Reply()
    assert reply_from(reply_to(Reply()), Zone.LAN, "here") == Reply(zone=Zone.LAN)
