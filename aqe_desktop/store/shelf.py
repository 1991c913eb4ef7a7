"""The rows of conversations: made, listed, renamed, hidden and, a week later, gone."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.chat import Parameters
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import Conversation
from aqe_desktop.core.models import ModelRef
from aqe_desktop.store.rows import CONVERSATION_COLUMNS, conversation_from, parameters_to, select, storable

if TYPE_CHECKING:
    import apsw

WEEK = 7 * 24 * 3600 * 1000  # milliseconds
DAY = WEEK // 7
_DUE, _OVER = "deleted > 0 AND deleted <= ?", "deleted < 0 AND deleted >= ?"
_LARGEST = 2**63 - 1


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def create(
    connection: apsw.Connection, title: str, project: str | None, model: ModelRef | None, parameters: Parameters | None
) -> Conversation:
    moment = now()
    connection.execute(
        "INSERT INTO conversations (title, created, updated, project, model, parameters) VALUES (?, ?, ?, ?, ?, ?)",
        (
            storable(title),
            moment,
            moment,
            None if project is None else storable(project),
            storable(str(model)) if model else None,
            parameters_to(parameters or Parameters()),
        ),
    )
    return get(connection, connection.last_insert_rowid())


def get(connection: apsw.Connection, conversation: int) -> Conversation:
    """Raises UsageError for an unknown or deleted one."""
    sql = f"SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE id = ? AND deleted IS NULL"  # noqa: S608
    row = connection.execute(sql, (conversation,)).fetchone() if 0 < conversation <= _LARGEST else None
    if row is None:
        raise UsageError(f"There is no conversation {conversation}.", "`aqe history` lists those there are.")
    return _with_head(connection, conversation_from(row))


def _with_head(connection: apsw.Connection, conversation: Conversation) -> Conversation:
    """A head that is no message of the conversation would hide all of it: then the newest message is the head."""
    if conversation.head is None:
        return conversation
    place = (conversation.id, conversation.head)
    if select(connection, "SELECT 1 FROM messages WHERE conversation = ? AND id = ?", place):
        return conversation
    ((newest,),) = select(connection, "SELECT max(id) FROM messages WHERE conversation = ?", place[:1])
    return replace(conversation, head=newest)


def listed(connection: apsw.Connection, project: str | None, limit: int, offset: int) -> list[Conversation]:
    of_project = "" if project is None else "AND project = :project"
    sql = f"""SELECT {CONVERSATION_COLUMNS} FROM conversations WHERE deleted IS NULL {of_project}
        ORDER BY pinned DESC, updated DESC, id DESC LIMIT :limit OFFSET :offset"""  # noqa: S608 - no value in it
    values = {"project": project, "limit": limit, "offset": offset}
    return [conversation_from(row) for row in select(connection, sql, values)]


def latest(connection: apsw.Connection) -> Conversation | None:
    """The one with the newest message, by its number: a clock may have been set back. Else the newest empty one."""
    written = """SELECT c.id FROM messages m JOIN conversations c ON c.id = m.conversation
        WHERE c.deleted IS NULL ORDER BY m.id DESC LIMIT 1"""
    empty = "SELECT id FROM conversations WHERE deleted IS NULL ORDER BY id DESC LIMIT 1"
    row = connection.execute(written).fetchone() or connection.execute(empty).fetchone()
    return None if row is None else get(connection, row[0])


def change(connection: apsw.Connection, conversation: int, column: str, value: Any) -> None:
    """Set one column; what is shown in the list keeps its place, for nothing was said in it."""
    get(connection, conversation)
    connection.execute(f"UPDATE conversations SET {column} = ? WHERE id = ?", (value, conversation))  # noqa: S608


def hide(connection: apsw.Connection, conversation: int) -> None:
    """Deleted now, or when it was written last where the clock is behind that."""
    get(connection, conversation)
    connection.execute("UPDATE conversations SET deleted = max(?, updated) WHERE id = ?", (now(), conversation))


def bring_back(connection: apsw.Connection, conversation: int) -> None:
    if 0 < conversation <= _LARGEST:
        connection.execute("UPDATE conversations SET deleted = NULL WHERE id = ?", (conversation,))
    get(connection, conversation)


def purge(connection: apsw.Connection, age: int, grace: int) -> int:
    """Remove what has been due for `grace` milliseconds, from the search index too; how many went.

    Due is what was deleted longer than `age` milliseconds ago. When that was seen first is noted as a negative number,
    so that a clock that jumps ahead, seen by one start, takes nothing away."""
    moment = now()
    connection.execute(f"UPDATE conversations SET deleted = ? WHERE {_DUE}", (-moment, moment - age))  # noqa: S608
    connection.execute(f"DELETE FROM conversations WHERE {_OVER}", (grace - moment,))  # noqa: S608
    return connection.changes()


def is_due(connection: apsw.Connection, age: int, grace: int) -> bool:
    """Whether `purge` has work: opening a history should not write without need."""
    sql = f"SELECT 1 FROM conversations WHERE ({_DUE}) OR ({_OVER}) LIMIT 1"  # noqa: S608
    return connection.execute(sql, (now() - age, grace - now())).fetchone() is not None
