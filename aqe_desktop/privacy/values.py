"""Is this value a secret, or does it only stand where one would: for each place its own question."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64
from collections.abc import Callable

from aqe_desktop.privacy.placeholders import DOTS, TECHNICAL, VERSION, is_placeholder, is_reference
from aqe_desktop.privacy.randomness import HEX, SEQUENCE, UUID, is_random

_SIGNS = re.compile(r"[!@#$%^&*?+~|=]")
_CODE_SIGNS = re.compile(r"[\s(){}\[\]<>;,]")


def is_mixed(value: str) -> bool:
    """Letters and digits, or letters and signs: what a rule for passwords asks for, and what a word is not."""
    letters = any(each.isalpha() for each in value)
    return letters and any(each.isdigit() for each in value)


def is_secret(value: str) -> bool:
    """For values behind `token`, `secret`, `key`: what a machine drew, or what looks like a person's password."""
    if is_placeholder(value) or is_reference(value):
        return False
    if is_random(value):
        return True
    return is_strong(value) and (len(value) >= 16 or bool(_SIGNS.search(value)))


def is_key(value: str) -> bool:
    """For values behind a name that only ends in `key`: drawn, and no hash, identifier or name."""
    if is_placeholder(value) or is_reference(value) or UUID.match(value) or HEX.match(value):
        return False
    return len(value) >= 20 and is_random(value)


def is_password(value: str) -> bool:
    """For values behind `password` in quotes or a configuration line: anything that is no word of a form or manual."""
    if len(value) < 4 or is_placeholder(value) or is_reference(value) or _SENTENCE.search(value):
        return False
    return is_strong(value) or is_random(value) or is_passphrase(value) or is_mixed(value) or _is_signed(value)


def _is_signed(value: str) -> bool:
    """Large and small letters and a sign, as a rule for passwords asks for them."""
    cases = any(each.isupper() for each in value) and any(each.islower() for each in value)
    return len(value) >= 8 and cases and bool(_SIGNS.search(value)) and not _CODE_SIGNS.search(value)


_SENTENCE = re.compile(r"\s\S*\s|[<>{}]|\\[nt]|^\W*$|^[^\s]+\s[^\s]*$")


def is_strong(value: str) -> bool:
    """Letters with digits or signs in a way that neither a name nor a sentence has them."""
    if len(value) < 6 or any(each.isspace() for each in value) or VERSION.match(value) or SEQUENCE.fullmatch(value):
        return False
    letters = sum(each.isalpha() for each in value)
    digits = sum(each.isdigit() for each in value)
    signs = sum(not each.isalnum() and each not in "._-/:" for each in value)
    upper = any(each.isupper() for each in value) and any(each.islower() for each in value)
    if not letters or TECHNICAL.match(value):
        return False
    if digits and signs and not re.search(r"[\s(){}\[\]<>;,]", value):
        return True
    return bool(digits >= 2 or (digits and upper)) and len(value) >= 8 and not re.search(r"[\s(){}\[\]<>;,=]", value)


_PASSPHRASE = re.compile(r"^[A-Za-z]{3,12}(?:[-_. ][A-Za-z]{3,12}){2,8}\d{0,4}$")


def is_passphrase(value: str) -> bool:
    """Three or more words that say nothing together: nobody's label has that shape with these words."""
    return bool(_PASSPHRASE.match(value)) and not is_placeholder(value) and "_" not in value and "." not in value


def is_basic(value: str) -> bool:
    """Base64 of `user:password`, as HTTP sends it; or random text in its place."""
    letters = value.rstrip("=")
    try:
        text = base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True).decode("ascii")
    except (NotBase64, ValueError):
        return is_random(value)
    user, colon, password = text.partition(":")
    return (
        bool(colon)
        and text.isprintable()
        and bool(password)
        and not is_placeholder(password)
        and bool(user or password)
    )


def is_real_url_password(value: str) -> bool:
    """The password inside an address: short and simple ones count too, a placeholder never."""
    return bool(value) and not is_placeholder(value) and not re.fullmatch(r"[*.xX]+|pass|pw|pwd|p|port|\d{1,5}", value)


def is_pem(value: str) -> bool:
    """A key's head with some of its body: the head alone is a word of a program."""
    body = re.sub(r"-----[^-]*-----|\\[nr]|[\s\"'+,\\]", "", value)
    return len(re.sub(r"[^A-Za-z0-9+/=]", "", body)) >= 24 and not DOTS.search(body[:200])


_CODE_END = re.compile(
    r"[;,({]$|\)$|^[-+*/&|!]?[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+,?$|^[A-Za-z_]\w*\[|=>|\)\.|\(\)|::"
)


def is_line_value(value: str) -> bool:
    """Of an unquoted value: no piece of code."""
    return not (_CODE_END.search(value) or ("(" in value and ")" in value and value.split("(")[0].isidentifier()))


def is_line_password(value: str) -> bool:
    value = value.rstrip(",;")
    return is_line_value(value) and is_password(value)


def is_line_secret(value: str) -> bool:
    value = value.rstrip(",;")
    return is_line_value(value) and is_secret(value)


_LINKING = re.compile(
    r"(?:^|-)(?:of|the|to|by|in|and|or|a|on|for|at|end|as|is|be|up|per|non|well|self|case)(?:-|$)", re.I
)
_TALKED_OF = re.compile(
    r"^(?:[a-z]+\d{1,2}|[A-Z][a-z]+\d|[A-Z]+-?\d+|\d+[a-z]+|[a-z]+-\d+|\d+-[a-z-]+|[\w-]+\.[a-z]{2,4}\d?)$"
)


def is_prose_password(value: str) -> bool:
    """In a sentence most words are words: only what no sentence holds is taken."""
    if len(value) < 6 or is_placeholder(value) or is_reference(value) or _TALKED_OF.match(value) or "=" in value[:-2]:
        return False
    if value.startswith(("http", "www.", "/", "./", "~", "--", "#")) or re.search(r"[(){}\[\]<>,;]|://", value):
        return False
    return is_strong(value) or (is_passphrase(value) and not _LINKING.search(value))


def is_prose_secret(value: str) -> bool:
    return is_prose_password(value) and (is_random(value) or len(value) >= 8)


def is_strong_pair(value: str) -> bool:
    """Beside a user's name: not a path or a list of names."""
    return "/" not in value and ":" not in value


def is_header_token(value: str) -> bool:
    """What follows `Bearer`: drawn, or long and with digits."""
    return is_secret(value.rstrip(".,:")) and any(each.isdigit() or each.isupper() for each in value)


def is_flag_value(value: str) -> bool:
    return not value.startswith(("-", "/")) and not re.search(r"[(){}\[\]<>,;|]", value)


def is_not_dots(value: str) -> bool:
    return not DOTS.search(value) and "EXAMPLE" not in value.upper()


def is_jwt(value: str) -> bool:
    """A header that is JSON; the token of the documentation (subject 1234567890) is clean."""
    head = value.split(".")[0]
    try:
        text = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (NotBase64, ValueError):
        return False
    return text[:1] == b"{" and "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6Ikpvag" not in value and not DOTS.search(value)


VALUES: dict[str, Callable[[str], bool]] = {
    "basic": is_basic,
    "flag": is_flag_value,
    "header-token": is_header_token,
    "jwt": is_jwt,
    "key": is_key,
    "line-password": is_line_password,
    "line-secret": is_line_secret,
    "mixed": is_mixed,
    "not-dots": is_not_dots,
    "not-placeholder": lambda value: not is_placeholder(value),
    "not-reference": lambda value: not is_reference(value),
    "passphrase": is_passphrase,
    "password": is_password,
    "pem": is_pem,
    "prose-password": is_prose_password,
    "prose-secret": is_prose_secret,
    "random": is_random,
    "secret": is_secret,
    "strong": is_strong,
    "strong-pair": is_strong_pair,
    "url-password": is_real_url_password,
}
"""What a rule's `check` may name, beside the rows of checks.py."""
