"""A conversation as text for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aqe_desktop.core.chat import Attachment, Role, State
from aqe_desktop.core.history import Conversation, Reply, StoredMessage

_NAMES = {Role.USER: "You", Role.ASSISTANT: "Answer", Role.SYSTEM: "System prompt"}


def as_markdown(conversation: Conversation, branch: Sequence[StoredMessage]) -> str:
    """Headings for the speakers, the words as they are; an unfinished answer says so."""
    parts = [f"# {conversation.title}", f"{when(conversation.created)}"]
    if conversation.parameters.system:
        parts += ["## System prompt", conversation.parameters.system]
    for message in branch:
        parts += [f"## {_heading(message)}", message.text]
        parts += [f"### {file.name}\n\n{_body(file)}" for file in message.attachments]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def as_json(conversation: Conversation, messages: Sequence[StoredMessage]) -> str:
    return json.dumps(
        {**conversation_json(conversation), "messages": [message_json(message) for message in messages]},
        ensure_ascii=False,
        indent=2,
    )


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """The fields of one conversation in every `--json`; times in ISO 8601, UTC."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": when(conversation.created),
        "updated": when(conversation.updated),
        "pinned": conversation.pinned,
        "project": conversation.project,
        "model": None if conversation.model is None else str(conversation.model),
        "zone": conversation.zone,
        "snippet": conversation.snippet,
    }


def message_json(message: StoredMessage) -> dict[str, Any]:
    """The fields of one message in every `--json`; `parent` tells branches apart."""
    return {
        "id": message.id,
        "parent": message.parent,
        "role": message.role,
        "state": message.state,
        "created": when(message.created),
        "text": message.text,
        "reasoning": message.reasoning,
        "attachments": [_file_json(file) for file in message.attachments],
        "reply": _reply_json(message.reply) if message.role is Role.ASSISTANT else None,
    }


def when(milliseconds: int) -> str:
    """ISO 8601 in UTC, to the second; empty for a number that is no time, as a damaged row may hold."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
    except (OSError, OverflowError, ValueError):
        return ""


def fenced(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _body(file: Attachment) -> str:
    """An image is named and described: megabytes of it would make the text unreadable."""
    if not file.is_image:
        return fenced(file.text)
    return f"Image, {file.media}, {file.size} bytes, SHA-256 {_digest(file)}"


def _file_json(file: Attachment) -> dict[str, Any]:
    described = {"media": file.media, "size": file.size, "sha256": _digest(file)}
    return {"name": file.name, "text": file.text, **described}


def _digest(file: Attachment) -> str:
    return hashlib.sha256(file.content).hexdigest()


def _heading(message: StoredMessage) -> str:
    name = _NAMES[message.role]
    if message.role is Role.ASSISTANT and message.reply.model is not None:
        name = f"{name} ({message.reply.model})"
    return name if message.state is State.COMPLETE else f"{name}, {message.state}"


def _reply_json(reply: Reply) -> dict[str, Any]:
    return {
        "model": None if reply.model is None else str(reply.model),
        "zone": reply.zone,
        "proof": reply.proof,
        "usage": None if reply.usage is None else reply.usage.as_json(),
        "timing": None if reply.timing is None else reply.timing.as_json(),
        "cost": None if reply.cost is None else reply.cost.as_json(),
        "received": reply.received,
        "finish": reply.finish,
        "error": reply.error,
    }
