"""The rows of messages: a tree of which one branch is on show, grown and never cut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.chat import Attachment, Role, State
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import Reply, StoredMessage
from aqe_desktop.store.rows import (
    ATTACHMENT_COLUMNS,
    attachment_from,
    attachment_to,
    reply_from,
    reply_to,
    select,
    storable,
)
from aqe_desktop.store.shelf import get, now

if TYPE_CHECKING:
    import apsw

_COLUMNS = "m.id, m.conversation, m.parent, m.role, m.text, m.state, m.created, m.reasoning, m.reply, m.zone"
_LARGEST = 2**63 - 1
_TO_THE_ROOT = """WITH RECURSIVE path (id) AS (
    SELECT :start UNION SELECT parent FROM messages JOIN path USING (id) WHERE parent IS NOT NULL
)"""
_DOWN = """WITH RECURSIVE below (id) AS (
    SELECT :start UNION ALL
    SELECT m.id FROM below JOIN messages m ON m.conversation = :conversation AND m.parent = below.id
) SELECT max(id) FROM below"""


def add(
    connection: apsw.Connection,
    conversation: int,
    parent: int | None,
    role: Role,
    text: str,
    state: State,
    attachments: Sequence[Attachment],
    reply: Reply,
    writer: str | None,
) -> StoredMessage:
    """Append, and show the branch that ends here. A question keeps its `writer` until its answer has a row."""
    get(connection, conversation)
    if parent is not None and _row(connection, parent)[0] != conversation:
        raise UsageError(f"Message {parent} is not in conversation {conversation}.")
    moment = now()
    connection.execute(
        """INSERT INTO messages (conversation, parent, role, state, created, zone, writer, reply, text)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (conversation, parent, role, state, moment, reply.zone, writer, reply_to(reply), storable(text)),
    )
    number = connection.last_insert_rowid()
    _attach(connection, number, attachments)
    connection.execute("UPDATE messages SET writer = NULL WHERE id = ? AND role = 'user'", (parent,))
    connection.execute("UPDATE conversations SET head = ?, updated = ? WHERE id = ?", (number, moment, conversation))
    return message(connection, number)


def end_of_branch(
    connection: apsw.Connection, conversation: int, elsewhere: Callable[[str | None], bool]
) -> int | None:
    """The head, for a message that goes under it. Raises UsageError while a process of `elsewhere` works there."""
    head = get(connection, conversation).head
    for (writer,) in select(connection, "SELECT writer FROM messages WHERE id = ?", (head,)):
        if elsewhere(writer):
            raise UsageError(
                "This chat is still answering in another window or terminal.",
                "Wait until the reply ends, or stop it there.",
            )
    return head


def keep(connection: apsw.Connection, number: int, text: str, reasoning: str, reply: Reply | None = None) -> None:
    """A late call, after the answer has ended, changes nothing."""
    _, zone, known = _row(connection, number)
    if reply is not None:
        zone, known = reply.zone or zone, reply_to(reply)
    connection.execute(
        "UPDATE messages SET text = ?, reasoning = ?, zone = ?, reply = ? WHERE id = ? AND state = 'streaming'",
        (storable(text), storable(reasoning), zone, known, number),
    )


def finish(
    connection: apsw.Connection, number: int, state: State, text: str, reasoning: str, reply: Reply | None
) -> None:
    """Without a `reply` the one given at `add` stays, and so does a zone once known."""
    conversation, zone, known = _row(connection, number)
    if reply is not None:
        zone, known = reply.zone or zone, reply_to(reply)
    connection.execute(
        "UPDATE messages SET state = ?, text = ?, reasoning = ?, zone = ?, reply = ?, writer = NULL WHERE id = ?",
        (state, storable(text), storable(reasoning), zone, known, number),
    )
    connection.execute("UPDATE conversations SET updated = ? WHERE id = ?", (now(), conversation))


def show(connection: apsw.Connection, number: int) -> None:
    """The branch on show ends at the newest message below: children are younger, so the largest id is a leaf."""
    conversation = _row(connection, number)[0]
    get(connection, conversation)
    ((head,),) = select(connection, _DOWN, {"start": number, "conversation": conversation})
    connection.execute("UPDATE conversations SET head = ? WHERE id = ?", (head, conversation))


def branch(connection: apsw.Connection, conversation: int) -> list[StoredMessage]:
    """First question to head; ids grow along a branch."""
    head = get(connection, conversation).head
    where = "m.id IN (SELECT id FROM path) AND m.conversation = :conversation"
    return _load(connection, conversation, where, {"start": head, "conversation": conversation}, _TO_THE_ROOT)


def messages(connection: apsw.Connection, conversation: int) -> list[StoredMessage]:
    """The whole tree, oldest first."""
    get(connection, conversation)
    return _load(connection, conversation, "m.conversation = :conversation", {"conversation": conversation})


def message(connection: apsw.Connection, number: int) -> StoredMessage:
    """Raises UsageError for an unknown one, or one of a deleted conversation."""
    conversation = _row(connection, number)[0]
    get(connection, conversation)
    return _load(connection, conversation, "m.id = :id", {"id": number})[0]


def questions(connection: apsw.Connection, limit: int) -> list[str]:
    """The last different texts of the user, newest first, out of conversations that are not deleted."""
    rows = select(
        connection,
        """SELECT m.text FROM messages m JOIN conversations c ON c.id = m.conversation
        WHERE m.role = 'user' AND c.deleted IS NULL ORDER BY m.id DESC LIMIT ?""",
        (limit * 10,),
    )
    return list(dict.fromkeys(text for (text,) in rows if text))[:limit]


def _row(connection: apsw.Connection, number: int) -> tuple[int, str | None, str]:
    """Conversation, zone and reply of a message that exists."""
    sql = "SELECT conversation, zone, reply FROM messages WHERE id = ?"
    row = connection.execute(sql, (number,)).fetchone() if 0 < number <= _LARGEST else None
    if row is None:
        raise UsageError(f"There is no message {number}.")
    return row[0], row[1], row[2]


def _attach(connection: apsw.Connection, number: int, attachments: Sequence[Attachment]) -> None:
    connection.executemany(
        f"INSERT INTO attachments (message, position, {ATTACHMENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - no value in it
        [(number, place, *attachment_to(each)) for place, each in enumerate(attachments)],
    )


def _load(
    connection: apsw.Connection, conversation: int, where: str, values: dict[str, Any], prefix: str = ""
) -> list[StoredMessage]:
    rows = select(
        connection,
        f"{prefix} SELECT {_COLUMNS} FROM messages m WHERE {where} ORDER BY m.id",  # noqa: S608 - no value in it
        values,
    )
    attached = _attached(connection, where, values, prefix)
    versions = _versions(connection, conversation, rows)
    return [_message(row, attached.get(row[0], ()), tuple(versions[row[2]])) for row in rows]


def _attached(
    connection: apsw.Connection, where: str, values: dict[str, Any], prefix: str
) -> dict[int, tuple[Attachment, ...]]:
    rows = select(
        connection,
        f"""{prefix} SELECT a.message, a.name, a.text, a.path, a.private, a.data, a.media
        FROM messages m JOIN attachments a ON a.message = m.id WHERE {where} ORDER BY a.message, a.position""",  # noqa: S608 - no value in it
        values,
    )
    found: dict[int, tuple[Attachment, ...]] = {}
    for number, *columns in rows:
        found[number] = (*found.get(number, ()), attachment_from(columns, f"message {number}"))
    return found


def _versions(
    connection: apsw.Connection, conversation: int, rows: list[tuple[Any, ...]]
) -> dict[int | None, list[int]]:
    """The children of each parent of the rows, oldest first; one row asks for its own siblings only."""
    children: dict[int | None, list[int]] = defaultdict(list)
    siblings = "AND parent IS :parent" if len(rows) == 1 else ""
    sql = f"SELECT id, parent FROM messages WHERE conversation = :conversation {siblings} ORDER BY id"  # noqa: S608
    values = {"conversation": conversation, "parent": rows[0][2] if rows else None}
    for number, parent in select(connection, sql, values):
        children[parent].append(number)
    return children


def _message(row: tuple[Any, ...], attached: tuple[Attachment, ...], versions: tuple[int, ...]) -> StoredMessage:
    number, conversation, parent, role, text, state, created, reasoning, reply, zone = row
    return StoredMessage(
        number,
        conversation,
        parent,
        Role(role),
        text,
        State(state),
        created,
        reasoning,
        attached,
        reply_from(reply, zone, f"message {number}"),
        versions,
    )
