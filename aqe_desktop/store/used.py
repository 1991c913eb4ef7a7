"""Which model was used last: the one of the last answer that came to its end, for one that failed is no one's habit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqe_desktop.core.models import ModelRef
from aqe_desktop.store.rows import reply_from

if TYPE_CHECKING:
    import apsw


def last_model(connection: apsw.Connection) -> ModelRef | None:
    """None before the first complete answer."""
    row = connection.execute(
        "SELECT id, reply FROM messages WHERE role = 'assistant' AND state = 'complete' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else reply_from(row[1], None, f"message {row[0]}").model
