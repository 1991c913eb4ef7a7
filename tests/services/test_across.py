"""What two messages hold together, and what a private file's text is in another form."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Message, Role
from aqe_desktop.core.findings import PRIVATE_FILE
from tests.rules import compiled_scanner
from tests.services.privately import CODE, Privately, asks, kinds, policy, written

TOKEN = "ghp_aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z05"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx7v3mC3kqJ8mQ1l5cXn\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("first", "then", "value"),
    [
        (f"It begins with {TOKEN[:20]}", TOKEN[20:], TOKEN[20:]),
        (f"The first half is `{TOKEN[:20]}`", f"and the rest: `{TOKEN[20:]}` ok", TOKEN[20:]),
        ("the password is:", "Tr0ub4dor&3xQz!9", "Tr0ub4dor&3xQz!9"),
        ("DB_PASSWORD", "Kx7mQ2vRt9", "Kx7mQ2vRt9"),
        ("card 4539 1488", "0343 6467 please", "0343 6467"),
        ("the Blue", "Heron plan", "Heron"),
    ],
)
@pytest.mark.parametrize("between", [(), (Message(Role.ASSISTANT, "ok?"),)], ids=["next", "after an answer"])
async def test_what_two_messages_hold_together_binds_in_the_later_one(
    parts: Privately, project: Path, first: str, then: str, value: str, between: tuple[Message, ...]
) -> None:
    await parts.policies.add_word(project, "Blue Heron")
    messages = (Message(Role.USER, first), *between, Message(Role.USER, then))
    found = await parts.privacy.scan(messages, str(project))
    late = [each for each in found if each.part.message == len(messages) - 1 and each.binds]
    assert [each.value for each in late] == [value]
    assert then[late[0].finding.start : late[0].finding.end] == value


@pytest.mark.parametrize("at", [10, 25, 36, 50, 70])
async def test_a_key_in_two_messages_binds(parts: Privately, at: int) -> None:
    found = await parts.privacy.scan((Message(Role.USER, PEM[:at]), Message(Role.USER, PEM[at:])))
    assert any(each.binds for each in found)


async def test_messages_that_hold_nothing_together_stay_clean(parts: Privately) -> None:
    told = [
        "How do I reset the password?",
        "Open the settings.",
        "and the token?",
        "Rotate it",
        "thanks",
        "Sure:",
        "ok",
    ]
    roles = [Role.USER, Role.ASSISTANT]
    messages = [Message(roles[number % 2], text) for number, text in enumerate(told)]
    assert await parts.privacy.scan(messages) == ()


async def test_a_long_chat_is_read_once_across_its_messages_too(
    parts: Privately, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [Message(Role.USER, f"line {number} of a talk") for number in range(100)]
    await parts.privacy.scan(messages)
    read: list[str] = []
    whole = compiled_scanner()
    kept = whole.read

    def counted(text: str, *, name: str = "") -> object:
        read.append(text)
        return kept(text, name=name)

    monkeypatch.setattr(whole, "read", counted)
    await parts.privacy.scan(messages)
    assert read == []
    await parts.privacy.scan([*messages, Message(Role.USER, "one more")])
    assert 1 < len(read) < 12


@pytest.mark.parametrize(
    "form",
    [
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.replace("e", "e\u200b"),
        lambda text: text.encode().hex(),
    ],
    ids=["base64", "unseen", "hex"],
)
async def test_text_of_a_private_file_is_known_in_another_form(
    parts: Privately, project: Path, form: Callable[[str], str]
) -> None:
    policy(project, 'private_paths = ["vault/**"]')
    written(project / "vault" / "a.py", CODE)
    found = await parts.privacy.scan(asks(form(CODE)), str(project), final=True)
    assert PRIVATE_FILE in kinds(found)
