"""Titles and prompts out of stored messages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import Attachment, Role, State
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.services.thread import TITLE_LENGTH, UNTITLED, messages_for, shown_title, title_of

FILE = Attachment("notes.txt", "abc")


def row(role: Role, text: str, *files: Attachment) -> StoredMessage:
    return StoredMessage(1, 1, None, role, text, State.COMPLETE, 0, attachments=files)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("\n\n  second line \n third", "second line"),
        ("", "notes.txt"),
        ("\u200b\n\u2800\nat last", "at last"),
        ("\u200b", "notes.txt"),
        ("word " * 30, ("word " * 11 + "word") + "…"),
        ("x" * 100, "x" * TITLE_LENGTH + "…"),
    ],
)
def test_a_title_is_one_short_line(text: str, title: str) -> None:
    assert title_of(text, (FILE,)) == title


@pytest.mark.parametrize(("title", "shown"), [("A title", "A title"), ("", UNTITLED), ("\u200b \u3164", UNTITLED)])
def test_a_title_with_nothing_to_read_is_shown_as_words(title: str, shown: str) -> None:
    assert shown_title(title) == shown


@given(st.text(max_size=300))
def test_a_title_is_never_empty_nor_long(text: str) -> None:
    title = title_of(text, ())
    assert 0 < len(title) <= TITLE_LENGTH + 1
    assert "\n" not in title


ROWS = st.lists(st.builds(row, st.sampled_from([Role.USER, Role.ASSISTANT]), st.text(max_size=5)))


@given(ROWS)
def test_roles_take_turns_and_no_words_are_lost(rows: list[StoredMessage]) -> None:
    sent = messages_for("", rows)
    assert all(one.role is not other.role for one, other in pairwise(sent))
    words = "".join(message.text for message in sent).replace("\n\n", "")
    assert words == "".join(message.text for message in rows).replace("\n\n", "")


def test_joined_questions_keep_their_files() -> None:
    sent = messages_for("", [row(Role.USER, "", FILE), row(Role.ASSISTANT, ""), row(Role.USER, "now", FILE)])
    assert [(message.text, message.attachments) for message in sent] == [("now", (FILE, FILE))]


def test_a_system_prompt_of_spaces_is_none() -> None:
    assert [m.role for m in messages_for(" \n", [row(Role.USER, "a")])] == [Role.USER]
