"""What is written and attached but not sent, per conversation and for the one that does not exist yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.history import Draft
from aqe_desktop.store.rows import ATTACHMENT_COLUMNS, attachment_from, attachment_to, select, storable
from aqe_desktop.store.shelf import change, get

if TYPE_CHECKING:
    import apsw


def set_draft(
    connection: apsw.Connection, conversation: int | None, text: str, attachments: Sequence[Attachment] | None
) -> None:
    """Without `attachments` the files stay as they are."""
    if conversation is not None:
        change(connection, conversation, "draft", storable(text))
    else:
        connection.execute(
            "INSERT INTO unsent (id, text) VALUES (1, ?) ON CONFLICT DO UPDATE SET text = excluded.text",
            (storable(text),),
        )
    if attachments is not None:
        _set_files(connection, conversation, attachments)


def draft(connection: apsw.Connection, conversation: int | None) -> Draft:
    """Empty where nothing is kept. Raises UsageError for an unknown conversation."""
    text = _text(connection, conversation)
    rows = select(
        connection,
        f"SELECT {ATTACHMENT_COLUMNS} FROM draft_attachments WHERE conversation IS ? ORDER BY position",  # noqa: S608 - no value in it
        (conversation,),
    )
    return Draft(text, tuple(attachment_from(row, "a draft") for row in rows))


def _text(connection: apsw.Connection, conversation: int | None) -> str:
    if conversation is not None:
        return get(connection, conversation).draft
    row = connection.execute("SELECT text FROM unsent").fetchone()
    return "" if row is None else str(row[0])


def _set_files(connection: apsw.Connection, conversation: int | None, attachments: Sequence[Attachment]) -> None:
    connection.execute("DELETE FROM draft_attachments WHERE conversation IS ?", (conversation,))
    connection.executemany(
        f"INSERT INTO draft_attachments (conversation, position, {ATTACHMENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - no value in it
        [(conversation, place, *attachment_to(file)) for place, file in enumerate(attachments)],
    )
