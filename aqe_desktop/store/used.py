"""Which model was used last, and how fast each was: by answers that came to their end, for one that failed is no one's
habit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aqe_desktop.core.models import ModelRef
from aqe_desktop.store.rows import reply_from, select

if TYPE_CHECKING:
    import apsw

# Answers; older ones say little about a model as it runs now.
_BACK = 2000


def last_model(connection: apsw.Connection) -> ModelRef | None:
    """None before the first complete answer."""
    row = connection.execute(
        "SELECT id, reply FROM messages WHERE role = 'assistant' AND state = 'complete' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return None if row is None else reply_from(row[1], None, f"message {row[0]}").model


def last_speeds(connection: apsw.Connection) -> dict[ModelRef, float]:
    """Tokens a second of the newest answer of each model that has one."""
    rows = select(
        connection,
        """SELECT json_extract(reply, '$.model'), json_extract(reply, '$.timing.tokens_per_s') FROM (
            SELECT CASE WHEN json_valid(reply) THEN reply ELSE '{}' END AS reply FROM messages
            WHERE role = 'assistant' AND state = 'complete' ORDER BY id DESC LIMIT ?
        )""",
        (_BACK,),
    )
    newest: dict[ModelRef, float] = {}
    for model, speed in rows:
        if isinstance(model, str) and isinstance(speed, (int, float)) and 0 < model.find("/") < len(model) - 1:
            newest.setdefault(ModelRef.parse(model), float(speed))
    return newest
