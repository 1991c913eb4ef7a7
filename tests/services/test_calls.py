"""A call of a tool is an event for programs and text of the answer for everybody: kept, shown and sent along."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator

import pytest

from aqe_desktop.core.chat import ChatEvent, Stored, TextDelta, ToolCalled
from aqe_desktop.services.calls import as_text, spelled
from tests.services.conftest import Desk, first, text_of
from tests.services.engine_of_lines import DONE

CALL = ToolCalled("get_weather", '{"city": "Orléans", "note": "```\\nno end"}', "call_1")


async def test_a_call_is_kept_in_the_answer_and_told_as_an_event(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("I look."), CALL, CALL, DONE)
    seen = await desk.all(desk.chat.ask(None, "Weather?"))
    assert [each for each in seen if isinstance(each, ToolCalled)] == [CALL, CALL]
    answer = await desk.store.message(first(seen, Stored).answer)
    assert answer.text == text_of(seen) == f"I look.\n\n{as_text(CALL)}\n\n{as_text(CALL)}"


async def test_words_after_a_call_stand_outside_its_block(desk: Desk) -> None:
    desk.engine.steps = (CALL, TextDelta(""), TextDelta("\n"), TextDelta("ok"), TextDelta(" then"), CALL, DONE)
    answer = await desk.answer(desk.chat.ask(None, "Weather?"))
    assert answer.text == f"{as_text(CALL)}\n\nok then\n\n{as_text(CALL)}"


@pytest.mark.parametrize(
    ("begun", "between"),
    [("", ""), ("I look.", ""), (as_text(CALL), "\n\n"), (f"So: {as_text(CALL)}\n", "\n\n"), ("Here:\n```", "")],
)
async def test_what_continues_an_answer_is_apart_from_a_call_at_its_end(begun: str, between: str) -> None:
    async def later(*events: ChatEvent) -> AsyncGenerator[ChatEvent]:
        for each in events:
            yield each

    assert text_of([each async for each in spelled(later(TextDelta("ok")), begun)]) == f"{between}ok"
    called = text_of([each async for each in spelled(later(CALL), begun)])
    assert called == ("\n\n" if begun else "") + as_text(CALL)


def test_the_text_of_a_call_is_a_line_and_a_block_that_its_arguments_cannot_end() -> None:
    head, block = as_text(CALL).split("\n\n", 1)
    assert head == "Calls the tool `get_weather`"
    lines = block.splitlines()
    assert (lines[0], lines[-1]) == ("```json", "```")
    assert json.loads("\n".join(lines[1:-1])) == {"city": "Orléans", "note": "```\nno end"}
    assert not any(line.lstrip().startswith("```") for line in lines[1:-1])
