"""A call of a tool is an event for programs and text of the answer for everybody: kept, shown and sent along."""

from __future__ import annotations

import json

from aqe_desktop.core.chat import Stored, TextDelta, ToolCalled
from aqe_desktop.services.calls import as_text
from tests.services.conftest import Desk, first, text_of
from tests.services.engine_of_lines import DONE

CALL = ToolCalled("get_weather", '{"city": "Orléans", "note": "```\\nno end"}', "call_1")


async def test_a_call_is_kept_in_the_answer_and_told_as_an_event(desk: Desk) -> None:
    desk.engine.steps = (TextDelta("I look."), CALL, CALL, DONE)
    seen = await desk.all(desk.chat.ask(None, "Weather?"))
    assert [each for each in seen if isinstance(each, ToolCalled)] == [CALL, CALL]
    answer = await desk.store.message(first(seen, Stored).answer)
    assert answer.text == text_of(seen) == f"I look.\n\n{as_text(CALL)}\n\n{as_text(CALL)}"


def test_the_text_of_a_call_is_a_line_and_a_block_that_its_arguments_cannot_end() -> None:
    head, block = as_text(CALL).split("\n\n", 1)
    assert head == "Calls the tool `get_weather`"
    lines = block.splitlines()
    assert (lines[0], lines[-1]) == ("```json", "```")
    assert json.loads("\n".join(lines[1:-1])) == {"city": "Orléans", "note": "```\nno end"}
    assert not any(line.lstrip().startswith("```") for line in lines[1:-1])
