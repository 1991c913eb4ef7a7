"""`aqe history`: the conversations the window shows, with every message, also the partial ones."""

from __future__ import annotations

import argparse

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.history import Conversation, StoredMessage
from aqe_desktop.services.export import conversation_json, message_json, when
from aqe_desktop.services.thread import shown_title

_CONVERSATION = ("id", "title", "created", "updated", "pinned", "project", "model", "zone", "snippet")
_FILE = ("name", "text", "media", "size", "sha256")
_MESSAGE = (
    "id",
    "parent",
    "role",
    "state",
    "created",
    "text",
    "reasoning",
    *(f"attachments[].{name}" for name in _FILE),
)
_REPLY = ("model", "zone", "proof", "usage", "timing", "cost", "received", "finish", "error")
LIST_FIELDS = tuple(f"conversations[].{name}" for name in _CONVERSATION)
SHOW_FIELDS = (
    *_CONVERSATION,
    *(f"messages[].{name}" for name in _MESSAGE),
    *(f"messages[].reply.{name}" for name in _REPLY),
)
WHO = {Role.USER: "You", Role.ASSISTANT: "Answer", Role.SYSTEM: "System prompt"}


def add_history(commands: Subparsers) -> None:
    parser = add_command(commands, "history", "list, show, delete and restore conversations", history, LIST_FIELDS)
    parser.add_argument("--search", default="", metavar="TEXT", help="those whose title or messages hold every word")
    actions = parser.add_subparsers(metavar="ACTION")
    for name, does, command, fields in (
        ("show", "every message of a conversation", show, SHOW_FIELDS),
        ("rm", "delete a conversation; it can be brought back for seven days", remove, ("deleted", "restore")),
        ("restore", "bring a deleted conversation back", restore, ("restored",)),
    ):
        action = add_command(actions, name, does, command, fields)
        action.add_argument("id", type=int, metavar="ID")


def history(args: argparse.Namespace) -> int:
    with Session("aqe history") as session:
        found = session.run(_list(session.app, args.search))
    if args.json:
        output.as_json({"conversations": [conversation_json(each) for each in found]})
    else:
        for each in found:
            output.line(_row(each))
        if not found:
            output.note("No conversation matches." if args.search else "There are no conversations yet.")
    return 0


def show(args: argparse.Namespace) -> int:
    with Session("aqe history") as session:
        conversation = session.run(session.app.history.get(args.id))
        messages = session.run(session.app.history.messages(args.id))
    if args.json:
        told = [message_json(message) for message in messages]
        output.as_json({**conversation_json(conversation), "messages": told})
    else:
        output.line(f"{shown_title(conversation.title)}  ({when(conversation.created) or 'time unknown'})")
        for message in messages:
            output.line(f"\n{_heading(message)}\n{message.text}")
    return 0


def remove(args: argparse.Namespace) -> int:
    back = f"aqe history restore {args.id}"
    with Session("aqe history") as session:
        session.run(session.app.history.delete(args.id))
    if args.json:
        output.as_json({"deleted": args.id, "restore": back})
    else:
        output.line(f"Deleted conversation {args.id}. `{back}` brings it back within seven days.")
    return 0


def restore(args: argparse.Namespace) -> int:
    with Session("aqe history") as session:
        session.run(session.app.history.restore(args.id))
    if args.json:
        output.as_json({"restored": args.id})
    else:
        output.line(f"Conversation {args.id} is back.")
    return 0


async def _list(app: App, search: str) -> list[Conversation]:
    """All of them, page by page."""
    found: list[Conversation] = []
    while page := await app.history.list(search, offset=len(found)):
        found += page
    return found


def _row(each: Conversation) -> str:
    pinned = "*" if each.pinned else " "
    snippet = f"  {' '.join(each.snippet.split())}" if each.snippet else ""
    return f"{each.id:>5} {pinned} {when(each.updated)[:16].replace('T', ' '):16}  {shown_title(each.title)}{snippet}"


def _heading(message: StoredMessage) -> str:
    state = "" if message.state is State.COMPLETE else f" ({message.state})"
    files = "".join(f" [{file.name}, {file.size} bytes]" for file in message.attachments)
    return f"{message.id} {WHO[message.role]}{state}{files}"
