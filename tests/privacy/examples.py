"""Examples of the rule rows made whole: {alnum:36} stands for 36 drawn characters, so that no token is in a file."""

from __future__ import annotations

import random
import re
import string
import uuid

ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "alnuml": string.ascii_lowercase + string.digits,
    "ALNUM": string.ascii_uppercase + string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "digit": string.digits,
    "hexd": "0123456789abcdef",
    "HEXD": "0123456789ABCDEF",
    "HEX": "0123456789ABCDEF",
    "b64": string.ascii_letters + string.digits + "+/",
    "base32": string.ascii_lowercase + "234567",
    "BASE32": string.ascii_uppercase + "234567",
    "BASE58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
    "bech": "023456789acdefghjklmnpqrstuvwxyz",
    "BECH": "023456789ACDEFGHJKLMNPQRSTUVWXYZ",
}
WORDS = ("apple", "river", "cloud", "stone", "tiger", "music", "ocean", "paper", "green", "light")
_MARK = re.compile(rf"\{{({'|'.join(ALPHABETS)}):(\d+)\}}|\{{(uuid|word)\}}")


def whole(template: str, dice: random.Random) -> str:
    """The example with every mark drawn."""
    return _MARK.sub(lambda found: _drawn(found, dice), template)


def _drawn(found: re.Match[str], dice: random.Random) -> str:
    if found[3] == "uuid":
        return str(uuid.UUID(int=dice.getrandbits(128), version=4))
    if found[3]:
        return dice.choice(WORDS)
    return "".join(dice.choice(ALPHABETS[found[1]]) for _ in range(int(found[2])))
