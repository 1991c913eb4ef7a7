"""The kinds of findings by the words a person has for them."""

from __future__ import annotations

from aqe_desktop.core.findings import IMAGE, OWN_WORD, PRIVATE_FILE, PRIVATE_PATH, UNREAD

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
    IMAGE: "image",
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


def noun(kind: str) -> str:
    """What a finding of this kind is; of the many kinds of keys and tokens, a secret."""
    return _NOUNS.get(kind, _SECRET)


def title(kind: str) -> str:
    """The same for its own row, where there is room to be exact."""
    return _TITLES.get(kind) or _first_large(noun(kind) if kind in _NOUNS else kind.replace("-", " "))


def _first_large(text: str) -> str:
    return text[:1].upper() + text[1:]
