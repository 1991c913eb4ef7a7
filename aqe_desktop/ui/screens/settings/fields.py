"""The form as data: every shown field of the schema with its words, bounds and choices; a setting is one line there.

Imports pydantic, so it is loaded when the settings are first opened and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from aqe_desktop.settings.schema import Settings


@dataclass(frozen=True, slots=True)
class SettingField:
    """One row of the form. `kind` is choice | switch | number | text; `name` is "section.key"."""

    name: str
    title: str
    description: str
    kind: str
    default: Any
    choices: tuple[tuple[str, Any], ...] = ()
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class SettingSection:
    """A group of the form under its heading."""

    title: str
    fields: tuple[SettingField, ...]


def sections() -> tuple[SettingSection, ...]:
    """What the form shows, in the order of the schema; a hidden section keeps state of the window, and a hidden field
    has its place on another screen."""
    shown = []
    for name, info in Settings.model_fields.items():
        model = info.annotation
        if not isinstance(model, type):  # a list of tables, which has a form of its own
            continue
        if not (model.model_config.get("json_schema_extra") or {}).get("hidden"):
            fields = model.model_fields.items()
            rows = tuple(_field(f"{name}.{key}", field) for key, field in fields if not _is_hidden(field))
            shown.append(SettingSection(info.title or name, rows))
    return tuple(shown)


def _is_hidden(info: FieldInfo) -> bool:
    return isinstance(info.json_schema_extra, Mapping) and info.json_schema_extra.get("hidden") is True


def value_of(settings: Settings, name: str) -> Any:
    """The value of "section.key"."""
    section, _, key = name.partition(".")
    return getattr(getattr(settings, section), key)


def _field(name: str, info: FieldInfo) -> SettingField:
    title, description = info.title or name, info.description or ""
    if get_origin(info.annotation) is Literal:
        choices = tuple((_label(info, value), value) for value in get_args(info.annotation))
        return SettingField(name, title, description, "choice", info.default, choices)
    if info.annotation is bool:
        return SettingField(name, title, description, "switch", info.default)
    if info.annotation is int:
        return SettingField(name, title, description, "number", info.default, (), *_bounds(info))
    return SettingField(name, title, description, "text", info.default)


def _label(info: FieldInfo, value: str) -> str:
    extra = info.json_schema_extra
    labels = extra.get("labels") if isinstance(extra, Mapping) else None
    named = labels.get(value) if isinstance(labels, Mapping) else None
    return str(named) if named else value.replace("_", " ").capitalize()


def _bounds(info: FieldInfo) -> tuple[int, int]:
    """From the field's own constraints; the schema gives every number both."""
    least = next((mark.ge for mark in info.metadata if hasattr(mark, "ge")), 0)
    most = next((mark.le for mark in info.metadata if hasattr(mark, "le")), 2**31 - 1)
    return least, most
