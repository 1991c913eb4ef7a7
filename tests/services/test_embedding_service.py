"""What is to become a vector is cleared like a chat: by all of it, before and after the model is loaded."""

from __future__ import annotations

import pytest

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.errors import PrivacyRefused, UsageError
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.services.embedding import EmbeddingService
from tests.services.conftest import Desk
from tests.services.engine_of_lines import HERE, MODEL

PRIVATE = 'db_password = "Vq7kT93mZpL2wX"'
THERE = Place(Zone.CLOUD, Proof.DECLARED, ("It is far.",))


def _over(desk: Desk) -> EmbeddingService:
    return EmbeddingService(desk.chat._models, desk.chat._clearing)


async def test_each_text_and_then_each_file_has_its_vector(desk: Desk) -> None:
    found = await _over(desk).embed(MODEL, ["ab", "abc"], [Attachment("a.txt", "file")])
    assert (len(found.vectors), found.dimensions) == (3, 2)
    (asked,) = desk.engine.turns
    assert (asked.purpose, [each.text for each in asked.messages]) == (Purpose.EMBED, ["ab", "abc", ""])
    assert desk.engine.loads == 1


@pytest.mark.parametrize("private", ["text", "file"])
async def test_what_is_private_does_not_go_to_a_cloud(desk: Desk, private: str) -> None:
    desk.engine._places = [THERE]
    files = [Attachment("a.txt", PRIVATE)] if private == "file" else []
    with pytest.raises(PrivacyRefused):
        await _over(desk).embed(MODEL, ["Cows eat grass.", *([PRIVATE] if private == "text" else [])], files)
    assert (desk.engine.turns, desk.engine.loads) == ([], 0)


async def test_a_model_that_turns_out_to_be_elsewhere_once_it_is_loaded_gets_nothing(desk: Desk) -> None:
    desk.engine._places = [HERE, THERE]
    with pytest.raises(PrivacyRefused):
        await _over(desk).embed(MODEL, [PRIVATE])
    assert (desk.engine.turns, desk.engine.loads) == ([], 1)


@pytest.mark.parametrize("text", ["a\udcff b", "a\0b"])
async def test_bytes_that_are_no_text_are_refused_in_words(desk: Desk, text: str) -> None:
    for texts, files in (([text], []), ([], [Attachment("a.txt", text)])):
        with pytest.raises(UsageError, match="binary data, not text"):
            await _over(desk).embed(MODEL, texts, files)
    assert desk.engine.loads == 0


@pytest.mark.parametrize("texts", [[], [" \n"], ["a", ""]])
async def test_where_there_is_nothing_to_read_that_is_said(desk: Desk, texts: list[str]) -> None:
    with pytest.raises(UsageError) as raised:
        await _over(desk).embed(MODEL, texts)
    assert raised.value.hint
    assert desk.engine.loads == 0
