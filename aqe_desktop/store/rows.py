"""Values to rows and back. Reading is tolerant: a broken field is dropped and logged, the chat still opens."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from aqe_desktop.core.chat import MEDIA, THINK, Attachment, Origin, Parameters, Sampling
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import Conversation, Reply
from aqe_desktop.core.models import ModelRef, Proof, Zone
from aqe_desktop.core.money import Basis, Cost
from aqe_desktop.core.usage import Timing, Usage

if TYPE_CHECKING:
    import apsw

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
_log = logging.getLogger(__name__)

CONVERSATION_COLUMNS = "id, title, created, updated, pinned, project, model, zone, head, parameters, draft"
ATTACHMENT_COLUMNS = "name, text, path, private, data, media"


def select(connection: apsw.Connection, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """All rows at once: an unfinished query would hold up the commit."""
    return connection.execute(sql, values).fetchall()


def storable(text: str) -> str:
    """The text with halves of surrogate pairs mended or replaced: a clipboard may hold them, UTF-8 cannot."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def attachment_to(attachment: Attachment) -> tuple[str, str, str, str, bytes, str]:
    """The columns of ATTACHMENT_COLUMNS."""
    words = attachment.name, attachment.text, attachment.path, attachment.private
    name, text, path, private = (storable(each) for each in words)
    return name, text, path, private, attachment.data, attachment.media


def attachment_from(row: Sequence[Any], where: str) -> Attachment:
    """A row of ATTACHMENT_COLUMNS. An image of a kind that is not known here keeps its name only."""
    name, text, path, private, data, media = row
    known = tolerated(media, _media, where, "media") or ""
    return Attachment(name, text, path, private, data if known else b"", known)


def conversation_from(row: tuple[Any, ...], snippet: str = "") -> Conversation:
    """A row of CONVERSATION_COLUMNS."""
    number, title, created, updated, pinned, project, model, zone, head, parameters, draft = row
    where = f"conversation {number}"
    return Conversation(
        number,
        title,
        created,
        updated,
        bool(pinned),
        project,
        tolerated(model, _model, where, "model"),
        tolerated(zone, Zone, where, "zone"),
        head,
        parameters_from(parameters, where),
        draft,
        snippet,
    )


def parameters_to(parameters: Parameters) -> str:
    """JSON without the fields that are left to the engine."""
    sampling = {name: value for name, value in asdict(parameters.sampling).items() if value not in (None, (), "")}
    named = {"preset": parameters.preset} if parameters.preset else {}
    return _dump({"system": parameters.system, "sampling": sampling, **named})


def parameters_from(text: str, where: str) -> Parameters:
    """`where` names the row in the log."""
    stored = _object(text, where, "parameters")
    sampling = tolerated(stored.get("sampling"), _dictionary, where, "sampling") or {}
    read = {
        name: tolerated(sampling.get(name), check, where, name) for name, check in _SAMPLING.items() if name in sampling
    }
    known = {name: value for name, value in read.items() if value is not None}
    system, preset = (tolerated(stored.get(name, ""), _text, where, name) or "" for name in ("system", "preset"))
    return Parameters(system, Sampling(**known), preset)


def reply_to(reply: Reply) -> str:
    """JSON of everything but the zone, which has a column of its own."""
    known = {
        "model": str(reply.model) if reply.model else None,
        "proof": reply.proof,
        "usage": asdict(reply.usage) if reply.usage else None,
        "timing": asdict(reply.timing) if reply.timing else None,
        "cost": asdict(reply.cost) if reply.cost else None,
        "received": reply.received,
        "finish": reply.finish,
        "error": reply.error,
    }
    return _dump({name: value for name, value in known.items() if value})


def reply_from(text: str, zone: str | None, where: str) -> Reply:
    """`where` names the row in the log."""
    stored = _object(text, where, "reply")
    known = {name: tolerated(stored.get(name), check, where, name) for name, check in _REPLY.items()}
    present = {name: value for name, value in known.items() if value is not None}
    return Reply(zone=tolerated(zone, Zone, where, "zone"), **present)


def tolerated(value: Any, check: Callable[[Any], T], where: str, field: str) -> T | None:
    """The checked value; None for a missing or broken one, which is logged without its content."""
    if value is None:
        return None
    try:
        return check(value)
    except (ValueError, TypeError, KeyError, UsageError):
        _log.warning("%s: its field %s cannot be read and is left out", where, field)
        return None


def _object(text: str, where: str, field: str) -> dict[str, Any]:
    return tolerated(text, lambda raw: _dictionary(json.loads(raw)), where, field) or {}


def _dump(value: dict[str, Any]) -> str:
    return storable(json.dumps(value, ensure_ascii=False, default=str))


def _model(value: Any) -> ModelRef:
    return ModelRef.parse(_text(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _dictionary(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(type(value).__name__)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(type(value).__name__)
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(type(value).__name__)
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(type(value).__name__)
    return tuple(_text(item) for item in value)


def _usage(value: Any) -> Usage:
    stored = _dictionary(value)
    return Usage(**{f.name: _number(stored[f.name]) for f in fields(Usage) if f.name in stored})  # type: ignore[arg-type]


def _timing(value: Any) -> Timing:
    stored = _dictionary(value)
    given = {f.name: stored[f.name] for f in fields(Timing) if stored.get(f.name) is not None}
    return Timing(**{name: _number(number) for name, number in given.items()})


def _cost(value: Any) -> Cost:
    stored = _dictionary(value)
    amount = stored["picodollars"]
    return Cost(None if amount is None else _whole(amount), Basis(stored["basis"]))


def _error(value: Any) -> dict[str, str]:
    return {_text(name): _text(words) for name, words in _dictionary(value).items()}


def _media(value: Any) -> str:
    if value not in ("", *MEDIA):
        raise ValueError(value)
    return str(value)


def _thinking(value: Any) -> str:
    if value not in THINK:
        raise ValueError(value)
    return str(value)


def _origin(value: Any) -> Origin:
    known = _dictionary(value)
    return Origin(_text(known["path"]), _text(known.get("private", "")))


_SAMPLING: dict[str, Callable[[Any], Any]] = {
    "temperature": _number,
    "top_p": _number,
    "top_k": _whole,
    "min_p": _number,
    "seed": _whole,
    "stop": _texts,
    "max_output": _whole,
    "think": _thinking,
    "schema": _text,
    "tools": _text,
    "schema_from": _origin,
    "tools_from": _origin,
}
_REPLY: dict[str, Callable[[Any], Any]] = {
    "model": _model,
    "proof": Proof,
    "usage": _usage,
    "timing": _timing,
    "cost": _cost,
    "received": _dictionary,
    "finish": _text,
    "error": _error,
}
