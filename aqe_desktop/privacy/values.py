"""Is this value a secret, or does it only stand where one would: for each place its own question."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64
from collections.abc import Callable
from itertools import pairwise

from aqe_desktop.privacy.placeholders import DOTS, TECHNICAL, VERSION, is_placeholder, is_reference, is_trivial
from aqe_desktop.privacy.randomness import HEX, SEQUENCE, UUID, changes, is_random

_NAME = re.compile(r"^(?:[A-Za-z]+|\d+)(?:[_-](?:[A-Za-z]+|\d+))+$")
_ONE_WORD = re.compile(r"^[A-Za-z0-9+/_=~-]+$")
_FOLDERS = re.compile(r"^(?:/[a-z]{2,12}){2}[/._]")
_NUMBERED = re.compile(r"^[A-Za-z]+\d$")
_SIGNS = re.compile(r"[!@#$%^&*?+~|=]")
_CODE_SIGNS = re.compile(r"[\s(){}\[\]<>;,]")


def is_mixed(value: str) -> bool:
    """Letters and digits, or letters and signs: what a rule for passwords asks for, and what a word is not."""
    letters = any(each.isalpha() for each in value)
    return letters and any(each.isdigit() for each in value)


def is_secret(value: str) -> bool:
    """For values behind `token`, `secret`, `key`: what a machine drew, or what looks like a person's password."""
    if (
        is_placeholder(value)
        or is_trivial(value)
        or is_reference(value)
        or _NAME.match(value)
        or re.search(r"\s", value)
    ):
        return False
    if is_random(value):
        return True
    if SEQUENCE.search(value) or (value.isidentifier() and sum(each.isdigit() for each in value) < 2):
        return False
    return is_strong(value) and (len(value) >= 10 or bool(_SIGNS.search(value)))


def is_key(value: str) -> bool:
    """For values behind a name that only ends in `key`: drawn, and no hash, identifier or name."""
    if (
        is_placeholder(value)
        or is_trivial(value)
        or UUID.match(value)
        or HEX.match(value)
        or _FOLDERS.match(value)
        or not _ONE_WORD.match(value)
    ):
        return False
    return len(value) >= 20 and any(each.isdigit() for each in value) and is_random(value)


_MARKS = re.compile(r"0[xX]|16#|#[xX]|&[hH]|\$")
_TAILS = re.compile(r"(?:[uU][lL8]?|[lL]{1,2}|#|(?<=[0-9])[bB](?=\s*,|$))(?=\s*,|\s*$)")


def is_drawn_numbers(value: str) -> bool:
    """For lists of bytes or words, and one long number: ten bytes or more that a machine drew, and no table."""
    hexadecimal = "," not in value or bool(_MARKS.search(value))
    parts = _TAILS.sub("", _MARKS.sub("", value)).split(",")
    try:
        numbers = [int(each.strip(), 16 if hexadecimal else 10) for each in parts]
    except ValueError:
        return False
    if hexadecimal and max(numbers) > 255:
        return is_random("".join(each.strip() for each in parts).lower())
    steps = [after - before for before, after in pairwise(numbers)]
    wide = max(numbers) - min(numbers) > 96
    return len(numbers) >= 10 and wide and len(set(numbers)) * 4 >= min(len(numbers), 64) * 3 and _no_ladder(steps)


def _no_ladder(steps: list[int]) -> bool:
    """Drawn numbers rise and fall; those of a table mostly rise."""
    rising = sum(step > 0 for step in steps)
    return 0.25 <= rising / len(steps) <= 0.75 and len(set(steps)) * 2 > len(steps)


_SPELLED = re.compile(r"\\u(?:00[89a-fA-F]|0[1-9a-fA-F]\w|[1-9a-fA-F]\w\w)\w|&[a-zA-Z]{2,8};|&#\d{2,5};")
"""Letters beyond ASCII, as properties and elements spell them."""


def is_password(value: str) -> bool:
    """For values behind `password` in quotes or a configuration line: anything that is no word of a form or manual."""
    value = _SPELLED.sub("e", value)
    if len(value) < 4 or is_placeholder(value) or is_trivial(value) or is_reference(value) or _SENTENCE.search(value):
        return False
    if is_strong(value) or is_random(value) or is_passphrase(value) or _is_signed(value):
        return True
    return len(value) >= 6 and is_mixed(value) and not _NUMBERED.match(value)


def is_weak_password(value: str) -> bool:
    """A word that could be a password, and as well a name or a label."""
    if is_placeholder(value) or is_trivial(value) or is_reference(value) or is_password(value):
        return False
    return re.fullmatch(r"[A-Za-z0-9!@#$%&*._-]{4,40}", value) is not None


def _is_signed(value: str) -> bool:
    """Large and small letters and a sign, as a rule for passwords asks for them."""
    cases = any(each.isupper() for each in value) and any(each.islower() for each in value)
    inside = bool(_SIGNS.search(value.rstrip("!?*:.")))
    return len(value) >= 8 and cases and (inside or changes(value) >= 0.3) and not _CODE_SIGNS.search(value)


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


_PASSPHRASE = re.compile(r"^[A-Za-z]{3,12}(?:[-_. ][A-Za-z]{3,12}){2,8}[-_. ]?\d{0,4}$")


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


_DEFAULT = re.compile(r"^(?:guest|tiger|(?:my)?secret\d?|my(?:pass|password)|secretpass|pass\d)$")
"""What the manuals of databases and brokers write into their addresses, and what is their own default."""


def is_text_password(value: str) -> bool:
    """Amid other text: a word with a number is not enough."""
    marked = bool(_SIGNS.search(value)) or (_is_cased(value) and not _LABEL.match(value)) or _is_numbered_phrase(value)
    return is_line_value(value) and is_prose_password(value) and marked


def _is_numbered_phrase(value: str) -> bool:
    return is_passphrase(value) and value[-1].isdigit() and value.count("-") > 1


_LABEL = re.compile(r"^[A-Z]+[a-z]+\d{1,2}$|^(?:[A-Z][a-z]+\d?){2,}$")


def is_real_url_password(value: str) -> bool:
    """The password inside an address: short and simple ones count too, a placeholder never."""
    if not value or is_placeholder(value) or _DEFAULT.match(value):
        return False
    return not re.fullmatch(r"[*.xX]+|pass|pw|pwd|p|port|\d{1,5}(?:/.*)?", value)


def is_pem(value: str) -> bool:
    """A key's head with some of its body, be it cut off: the head alone is a word of a program."""
    body = re.sub(r"-----[^-]*-----|^[^\n]{0,9}[A-Z][\w-]+: [^\n]*$|\\[nr]|[\s\"'+,>|\\]", "", value, flags=re.M)
    least = 40 if DOTS.search(body[:200]) else 20
    return any(len(run) >= least and _is_body(run) for run in re.findall(r"[A-Za-z0-9+/=]+", body[:300]))


def _is_body(run: str) -> bool:
    digits = any(each.isdigit() for each in run)
    return digits and run != run.lower() and run != run.upper() and changes(run) > 0.25


_CODE_END = re.compile(
    r"[;,({]$|\)$|^[-+*/&|!]?[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+,?$|^[A-Za-z_]\w*\[|=>|\)\.|\(\)|::"
)


_LISTED = re.compile(r"[\w!]+[:=][\w!]+[,&]\w+[:=]|&\w+=")


def is_line_value(value: str) -> bool:
    """Of an unquoted value: no piece of code."""
    return not (
        _CODE_END.search(value)
        or _LISTED.search(value)
        or ("(" in value and ")" in value and value.split("(")[0].isidentifier())
    )


def is_line_password(value: str) -> bool:
    value = value.rstrip(",;")
    return is_line_value(value) and is_password(value) and not _is_variable(value) and not _HUMPED.match(value)


def _is_variable(value: str) -> bool:
    """A name with a number; a word with a year or more digits is a password."""
    return value.isidentifier() and value in (value.lower(), value.upper()) and not _WORD_YEAR.match(value)


_HUMPED = re.compile(r"^(?:[A-Z][a-z]{2,}){3,}$")
_WORD_YEAR = re.compile(r"^[A-Za-z]+\d{3,}$|^(?=.*\d.*[a-z].*\d)[a-z0-9]{8,}$")


def is_line_secret(value: str) -> bool:
    value = value.rstrip(",;")
    if not is_line_value(value) or not is_secret(value):
        return False
    return is_random(value) or (len(value) >= 12 and not value.isidentifier() and "." not in value)


def is_given(value: str) -> bool:
    """What a machine drew or a person chose."""
    return is_secret(value) or is_password(value)


def is_line_given(value: str) -> bool:
    return is_line_secret(value) or is_line_password(value)


def is_handed_password(value: str) -> bool:
    """Between the arguments of a call: no name and no label."""
    return is_password(value) and (
        bool(_SIGNS.search(value))
        or is_random(value)
        or is_passphrase(value)
        or (is_strong(value) and _is_cased(value))
    )


def _is_cased(value: str) -> bool:
    """Large and small letters not as a name has them."""
    return value != value.lower() and value != value.upper() and not (value.isidentifier() and changes(value) < 0.35)


_CONSTANT = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")
_LINKING = re.compile(
    r"(?:^|-)(?:of|the|to|by|in|and|or|a|on|for|at|end|as|is|be|up|per|non|well|self|case)(?:-|$)", re.I
)
_TALKED_OF = re.compile(
    r"^(?:[a-z]+\d{1,2}|[A-Z][a-z]+\d|[A-Z]+-?\d+|\d+[a-z]+|[a-z]+-\d+|\d+-[a-z-]+|[A-Z]+\d?-[A-Z][a-z]+|(?:[A-Z][a-z]+\d?){2,}|[\w-]+\.[a-z]{2,4}\d?)$"
)


def is_prose_password(value: str) -> bool:
    """In a sentence most words are words: only what no sentence holds is taken."""
    if len(value) < 6 or is_placeholder(value) or is_reference(value) or _TALKED_OF.match(value) or "=" in value[:-2]:
        return False
    if (
        _SPELLED.search(value)
        or _CONSTANT.match(value)
        or value.startswith(("http", "www.", "/", "./", "~", "--", "#"))
        or re.search(r"[(){}\[\]<>,;]|://", value)
    ):
        return False
    return is_strong(value) or (is_passphrase(value) and not _LINKING.search(value))


_PRODUCT = re.compile(
    r"^(?:windows|office|server|sql\w*|mysql|postgres\w*|oracle|visual|exchange|ios|java|python|php|node|debian|ubuntu|rhel|"
    r"centos|android|outlook|sharepoint|chrome|firefox|safari|http|tls|ssl|wpa|aes|sha|rsa|base|utf|iso|rfc|cve|v)[-_]?\d",
    re.I,
)


def is_lone_password(value: str) -> bool:
    """Amid a sentence that only speaks of a password: a sign or mixed letters, and digits, and no product's name."""
    core = value.rstrip("!?.")
    if _TALKED_OF.match(core) or _PRODUCT.match(core) or core.count("-") > 2:
        return False
    return is_text_password(value) and is_pair(value) and is_strong_pair(value)


def is_prose_secret(value: str) -> bool:
    if not is_prose_password(value):
        return False
    return is_random(value) or bool(_SIGNS.search(value)) or (value != value.lower() and value != value.upper())


def is_pair(value: str) -> bool:
    """Beside a user's name: not a path, an assignment or a list of names."""
    return not re.search(r"[/:=]|[.]\d", value)


def is_strong_pair(value: str) -> bool:
    """Right beside a user's name: a sign or both cases, and a digit."""
    cases = value != value.lower() and value != value.upper()
    return any(each.isdigit() for each in value) and (cases or bool(_SIGNS.search(value))) and "." not in value


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
    return text[:1] == b"{" and "eyJzdWIiOiIxMjM0NTY3ODkw" not in value and not DOTS.search(value)


VALUES: dict[str, Callable[[str], bool]] = {
    "basic": is_basic,
    "drawn-numbers": is_drawn_numbers,
    "flag": is_flag_value,
    "given": is_given,
    "handed-password": is_handed_password,
    "handed-or-mixed": lambda value: is_handed_password(value) or (is_mixed(value) and is_strong(value)),
    "header-token": is_header_token,
    "jwt": is_jwt,
    "key": is_key,
    "line-given": is_line_given,
    "line-password": is_line_password,
    "line-secret": is_line_secret,
    "lone-password": is_lone_password,
    "mixed": is_mixed,
    "not-dots": is_not_dots,
    "not-placeholder": lambda value: not is_placeholder(value),
    "not-reference": lambda value: not is_reference(value),
    "pair": is_pair,
    "passphrase": is_passphrase,
    "password": is_password,
    "pem": is_pem,
    "prose-password": is_prose_password,
    "prose-secret": is_prose_secret,
    "random": is_random,
    "secret": is_secret,
    "strong": is_strong,
    "strong-pair": is_strong_pair,
    "text-password": is_text_password,
    "url-password": is_real_url_password,
    "weak-password": is_weak_password,
}
"""What a rule's `check` may name, beside the rows of checks.py."""
