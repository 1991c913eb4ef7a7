"""Search over titles and messages: every word must match, the beginning of a word counts, no input is an error."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.history import Conversation
from aqe_desktop.store.rows import CONVERSATION_COLUMNS, conversation_from, select, storable

if TYPE_CHECKING:
    import apsw

_WORDS_OF_SNIPPET = 16
_AROUND = 40


def search(connection: apsw.Connection, text: str, project: str | None, limit: int, offset: int) -> list[Conversation]:
    """Pinned first, then newest first; `snippet` shows the first message that matches, empty if only the title does."""
    words, symbols = _split(text)
    values: dict[str, Any] = {"match": _expression(words), "project": project, "limit": limit, "offset": offset}
    values |= {f"symbol{place}": symbol for place, symbol in enumerate(symbols)}
    rows = select(connection, _query(words, symbols, project), values)
    return [conversation_from(row[:-1], _snippet(connection, row[-1], values["match"], symbols)) for row in rows]


def _split(text: str) -> tuple[list[str], list[str]]:
    """The index holds letters and digits; a word of signs only (`!=`, an emoji) is looked for in the text itself."""
    words: list[str] = []
    symbols: list[str] = []
    for word in storable(text).replace("\0", " ").split():
        (words if any(unicodedata.category(sign)[0] in "LN" for sign in word) else symbols).append(word)
    return words, symbols[:8]


def _expression(words: list[str]) -> str:
    """Each word quoted, so that nothing in it is an operator, and open at its end."""
    return " ".join('"' + word.replace('"', '""') + '"*' for word in words)


def _query(words: list[str], symbols: list[str], project: str | None) -> str:
    return f"""WITH hits (id, first) AS ({_hits(words, symbols)})
        SELECT {_qualified()}, hits.first FROM conversations c LEFT JOIN hits ON hits.id = c.id
        WHERE c.deleted IS NULL AND (hits.id IS NOT NULL OR {_titles(words, symbols)})
        {"" if project is None else "AND c.project = :project"}
        ORDER BY c.pinned DESC, c.updated DESC, c.id DESC LIMIT :limit OFFSET :offset"""  # noqa: S608 - no value in it


def _qualified() -> str:
    return ", ".join(f"c.{column}" for column in CONVERSATION_COLUMNS.split(", "))


def _hits(words: list[str], symbols: list[str]) -> str:
    source = "messages_fts f JOIN messages m ON m.id = f.rowid" if words else "messages m"
    tests = ["messages_fts MATCH :match"] if words else ["m.state <> 'streaming'"]
    tests += [f"instr(m.text, :symbol{place})" for place in range(len(symbols))]
    return f"SELECT m.conversation, min(m.id) FROM {source} WHERE {' AND '.join(tests)} GROUP BY 1"  # noqa: S608


def _titles(words: list[str], symbols: list[str]) -> str:
    tests = ["c.id IN (SELECT rowid FROM titles_fts WHERE titles_fts MATCH :match)"] if words else []
    tests += [f"instr(c.title, :symbol{place})" for place in range(len(symbols))]
    return f"({' AND '.join(tests)})"


def _snippet(connection: apsw.Connection, message: int | None, match: str, symbols: list[str]) -> str:
    if message is None:
        return ""
    if match:
        sql = f"""SELECT snippet(messages_fts, 0, '', '', '…', {_WORDS_OF_SNIPPET}) FROM messages_fts
            WHERE messages_fts MATCH ? AND rowid = ?"""  # noqa: S608 - a number
        row = connection.execute(sql, (match, message)).fetchone()
    else:
        sql = f"""SELECT substr(text, max(1, instr(text, ?1) - {_AROUND}), {3 * _AROUND}) FROM messages WHERE id = ?2"""  # noqa: S608
        row = connection.execute(sql, (symbols[0], message)).fetchone()
    return "" if row is None else " ".join(str(row[0]).split())
