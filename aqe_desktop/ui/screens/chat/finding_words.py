"""Findings in words: what they are, how many, and where, short enough for the line above the composer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.findings import OWN_WORD, PRIVATE_FILE, PRIVATE_PATH, UNREAD, Found, PartKind

_NOUNS = {
    "pii-email": "e-mail address",
    "phone": "phone number",
    "pii-name": "name",
    "pii-address": "postal address",
    "ssn": "national id",
    "national-id": "national id",
    "credit-card": "card number",
    "iban": "bank account",
    "internal-host": "internal host",
    "private-ip": "private address",
    "confidential-header": "confidential mark",
    OWN_WORD: "own word",
    PRIVATE_PATH: "private file",
    PRIVATE_FILE: "part of a private file",
    UNREAD: "unread text",
}
_TITLES = {
    "aws-key": "AWS key",
    "azure-key": "Azure key",
    "basic-auth-url": "Password in an address",
    "conn-string": "Connection string",
    "gcp-key": "Google Cloud key",
    "generic-high-entropy": "Random value that may be a key",
    "github-pat": "GitHub token",
    "gitlab-pat": "GitLab token",
    "jwt": "Signed token (JWT)",
    "llm-key": "Key of a model provider",
    "password-assign": "Password",
    "private-key": "Private key",
    "provider-token": "Token of a service",
    "slack-token": "Slack token",
    "stripe-key": "Stripe key",
}
_SECRET = "secret"  # noqa: S105 - the word for it
PROMPT, EARLIER = "prompt", "earlier in this chat"


def noun(kind: str) -> str:
    """What a finding of this kind is; of the many kinds of keys and tokens, a secret."""
    return _NOUNS.get(kind, _SECRET)


def title(kind: str) -> str:
    """The same for its own row, where there is room to be exact."""
    return _TITLES.get(kind) or _first_large(noun(kind) if kind in _NOUNS else kind.replace("-", " "))


def amount(found: Sequence[Found]) -> str:
    """ "2 secrets, 1 e-mail address, 1 hint": what decides first, then what only asks."""
    nouns = Counter(noun(each.finding.kind) for each in found if each.binds)
    hints = sum(each.hints for each in found)
    return ", ".join(_counted(number, word) for word, number in [*nouns.items(), *([("hint", hints)] if hints else [])])


def summary(found: Sequence[Found], files: Sequence[Attachment], earlier: Sequence[Found] = ()) -> str:
    """ "3 secrets, prompt and config.py": of what stands in the composer, else of the chat before it."""
    told = [each for each in found if each.binds or each.hints]
    if told:
        return f"{amount(told)}, {_joined(dict.fromkeys(place(each, files) for each in told))}"
    before = [each for each in earlier if each.binds]
    return f"{amount(before)} {EARLIER}" if before else ""


def place(found: Found, files: Sequence[Attachment]) -> str:
    """Which text of the message it is in."""
    if found.part.kind is PartKind.TEXT or found.part.file >= len(files):
        return PROMPT
    return files[found.part.file].name


def exact_place(found: Found, text: str, files: Sequence[Attachment]) -> str:
    """ "config.py, line 3", "prompt, line 1", "name of config.py"."""
    where = place(found, files)
    if found.part.kind is PartKind.NAME:
        return f"name of {where}"
    within = text if where == PROMPT and found.part.kind is PartKind.TEXT else files[found.part.file].text
    return f"{where}, line {within.count(chr(10), 0, found.finding.start) + 1}"


def _joined(places: Iterable[str]) -> str:
    named = list(places)
    shown = [*named[:2], f"{len(named) - 2} more"] if len(named) > 3 else named
    return " and ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def _counted(number: int, word: str) -> str:
    many = {"e-mail address": "e-mail addresses", "private address": "private addresses"}
    many |= {"postal address": "postal addresses", "part of a private file": "parts of private files"}
    return f"{number} {word if number == 1 else many.get(word, f'{word}s')}"


def _first_large(text: str) -> str:
    return text[:1].upper() + text[1:]
