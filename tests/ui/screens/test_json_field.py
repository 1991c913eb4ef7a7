"""A parameter that is JSON counts once it is whole; until then it is said why it does not."""

from __future__ import annotations

from aqe_desktop.core.tools import schema_of
from aqe_desktop.ui.screens.chat.json_field import JsonField
from tests.ui.conftest import Look, Stage

SCHEMA = '{"type": "object"}'


def _field(stage: Stage) -> tuple[JsonField, list[str]]:
    field, given = JsonField("Form of the answer", "a JSON schema", schema_of), list[str]()
    stage(field)
    field.given.connect(given.append)
    return field, given


def test_only_what_is_whole_is_given_and_once(look: Look, stage: Stage) -> None:
    field, given = _field(stage)
    field.editor.setPlainText('{"type":')
    field.flush()
    assert given == []
    assert field.trouble.text() == "The schema of the answer is not JSON. What was there before still counts."
    assert field.editor.accessibleDescription() == field.trouble.text()
    field.editor.setPlainText(SCHEMA)
    field.flush()
    field.flush()
    assert given == [SCHEMA]
    assert not field.trouble.isVisibleTo(field)
    field.editor.setPlainText(" ")
    field.flush()
    assert given == [SCHEMA, ""]


def test_what_counts_elsewhere_is_shown_and_not_given_again(look: Look, stage: Stage) -> None:
    field, given = _field(stage)
    field.editor.clearFocus()
    field.show_value(SCHEMA)
    field.flush()
    assert (field.editor.toPlainText(), given) == (SCHEMA, [])
