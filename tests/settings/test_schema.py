"""The form draws itself: every setting that is shown has its words, and its bounds where it has any."""

from __future__ import annotations

from typing import Any

from aqe_desktop.settings.schema import Settings


def shown() -> dict[str, dict[str, Any]]:
    schema = Settings.model_json_schema()
    fields: dict[str, dict[str, Any]] = {}
    for section, reference in schema["properties"].items():
        if "$ref" not in reference:  # a list of tables is no part of the form
            continue
        definition = schema["$defs"][reference["$ref"].rpartition("/")[2]]
        if not definition.get("hidden"):
            fields |= {f"{section}.{key}": field for key, field in definition["properties"].items()}
    return fields


def test_every_shown_setting_has_a_title_and_a_sentence() -> None:
    for name, field in shown().items():
        assert field.get("title"), name
        assert field.get("description", "").endswith("."), name
        assert "default" in field, name


def test_numbers_have_bounds_and_choices_are_listed() -> None:
    fields = shown()
    assert (fields["appearance.font_size"]["minimum"], fields["appearance.font_size"]["maximum"]) == (11, 20)
    assert fields["appearance.theme"]["enum"] == ["system", "light", "dark"]
    assert set(fields["chat.send_key"]["labels"]) == set(fields["chat.send_key"]["enum"])
    numbers = {name: field for name, field in fields.items() if field.get("type") == "integer"}
    assert all("minimum" in field and "maximum" in field for field in numbers.values())


def test_the_windows_place_is_not_in_the_form() -> None:
    assert not any(name.startswith("window") for name in shown())
