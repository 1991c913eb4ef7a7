"""From a branch of stored messages to what a model gets, and from a question to a title. Pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from aqe_desktop.core.chat import Attachment, Message, Role, State
from aqe_desktop.core.errors import ContextTooLong, UsageError
from aqe_desktop.core.history import StoredMessage

TITLE_LENGTH = 60
UNTITLED = "Untitled chat"
# Spaces, line ends, controls and marks without width; then the letters that are drawn as a blank.
_UNSEEN = ("Zs", "Zl", "Zp", "Cc", "Cf")
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"


def require_question(text: str, attachments: Sequence[Attachment]) -> None:
    """Raises UsageError where there is nothing to answer, or what is there is no text."""
    if not text.strip() and not attachments:
        raise UsageError("The prompt is empty.", "Type a question, or attach a file.")
    if not is_text(text):
        raise UsageError("The prompt is binary data, not text.", "Type text, or attach a file.")


def is_text(text: str) -> bool:
    """Bytes that were no text arrive as lone surrogates, e.g. from a command line; nothing can store or send them."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def has_words(text: str) -> bool:
    """Whether there is anything for a reader to see."""
    return any(letter not in _BLANK and unicodedata.category(letter) not in _UNSEEN for letter in text)


def shown_title(title: str) -> str:
    """Never blank: a row, a header or a message must name the conversation."""
    return title if has_words(title) else UNTITLED


def title_of(text: str, attachments: Sequence[Attachment]) -> str:
    """The first line with words in it, shortened between words; else the first attachment's name."""
    line = next((" ".join(line.split()) for line in text.splitlines() if has_words(line)), "")
    if not line:
        return attachments[0].name if attachments else "New chat"
    if len(line) <= TITLE_LENGTH:
        return line
    head = line[:TITLE_LENGTH]
    return (head.rpartition(" ")[0] or head).rstrip(" ,;:.") + "…"


def messages_for(system: str, branch: Iterable[StoredMessage]) -> tuple[Message, ...]:
    """The messages to send: the system prompt where there is one, then the branch, roles taking turns.

    Where an answer is left out, the two questions around it become one: templates refuse two messages of one role in a
    row."""
    sent: list[Message] = []
    for message in (row.as_sent() for row in in_context(branch)):
        if sent and sent[-1].role is message.role:
            message = _joined(sent.pop(), message)
        sent.append(message)
    return ((Message(Role.SYSTEM, system),) if system.strip() else ()) + tuple(sent)


def in_context(branch: Iterable[StoredMessage]) -> tuple[StoredMessage, ...]:
    """What of a branch is sent along.

    Left out is an answer that never got a word, and a question that was too long for the model: it would make every
    later one too long as well."""
    rows = tuple(branch)
    fitting = [row for row, after in zip_longest(rows, rows[1:]) if after is None or not too_long(after)]
    return tuple(row for row in fitting if row.role is Role.USER or row.text)


def too_long(answer: StoredMessage) -> bool:
    """Whether this is all that came of a question that the model's context could not hold: no answer was begun."""
    error = answer.reply.error or {}
    return answer.state is State.FAILED and not answer.text and error.get("kind") == ContextTooLong.kind


def branch_to(messages: Sequence[StoredMessage], last: int) -> tuple[StoredMessage, ...]:
    """The messages from the first question to `last`, whichever branch is on show."""
    by_id = {message.id: message for message in messages}
    path: list[StoredMessage] = []
    step: int | None = last
    while step is not None:
        path.append(by_id[step])
        step = by_id[step].parent
    return tuple(reversed(path))


def _joined(first: Message, second: Message) -> Message:
    text = "\n\n".join(part for part in (first.text, second.text) if part)
    return Message(first.role, text, first.attachments + second.attachments)
