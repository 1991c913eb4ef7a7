"""Numbers that ring: a country's code and the length of its numbers tell a telephone number from any other digits.

Country codes and lengths follow ITU-T E.164 and its national plans."""

from __future__ import annotations

import re

from aqe_desktop.privacy.money import digits_of
from aqe_desktop.privacy.words import words

_SHORT = frozenset({"1", "7"})
"""Country codes of one digit."""

_PAIRS = words(
    """
    20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86
    90 91 92 93 94 95 98
    """
)
"""Country codes of two digits; all others have three."""

_TRIPLES = words(
    """
    211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242
    243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 291
    297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380 381 382 383 385 386
    387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673
    674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 850 852 853 855 856 880 886 960 961 962
    963 964 965 966 967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 998
    """
)

_LENGTHS: dict[str, tuple[int, int]] = {
    "1": (10, 10),
    "7": (10, 10),
    "31": (9, 9),
    "32": (8, 9),
    "33": (9, 9),
    "34": (9, 9),
    "39": (8, 11),
    "41": (9, 9),
    "44": (9, 10),
    "45": (8, 8),
    "46": (7, 10),
    "47": (8, 8),
    "48": (9, 9),
    "49": (6, 12),
    "52": (10, 11),
    "55": (10, 11),
    "61": (9, 9),
    "81": (9, 10),
    "82": (8, 10),
    "86": (10, 11),
    "90": (10, 10),
    "91": (10, 10),
}
"""Fewest and most digits after the country's code, where they are narrower than what E.164 allows."""

_MOST = 15
"""Digits that E.164 allows in all."""


def international(value: str) -> bool:
    """Whether a number with + or 00 and a country's code can be dialled."""
    digits = digits_of(value)
    digits = digits.removeprefix("00") if value.lstrip("( ").startswith("00") else digits
    code = country(digits)
    low, high = _LENGTHS.get(code, (6, _MOST - len(code)))
    national = digits[len(code) :]
    if "(0)" in value:
        national = national.removeprefix("0")
    return bool(code) and low <= len(national) <= high and len(set(national)) > 2 and (code != "1" or _north(national))


def north_american(value: str) -> bool:
    """Whether area and exchange begin with 2..9, as all numbers of the North American plan do."""
    digits = digits_of(value)
    digits = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    return len(digits) == 10 and _north(digits) and _lively(digits)


def national(value: str) -> bool:
    """Whether a number without a country's code can be dialled: the word or the form beside it has said what it is."""
    digits = digits_of(value)
    if _DATE.match(value.strip()):
        return False
    if digits.startswith(("0800", "0900")) or digits in _COUNTING or digits.count("0") >= 5:
        return False
    return 7 <= len(digits) <= 14 and _lively(digits)


def grouped(value: str) -> bool:
    """Whether a number beside a word for calling is written as one is: eight to twelve digits, and no date."""
    return 8 <= len(digits_of(value)) <= 12 and national(value)


_DATE = re.compile(r"(?:19|20)\d\d[-./ ]\d\d?[-./ ]\d\d?$|\d\d?[-./ ]\d\d?[-./ ](?:19|20)\d\d$")


def country(digits: str) -> str:
    """The country's code that these digits begin with; empty: none does."""
    for known, size in ((_SHORT, 1), (_PAIRS, 2), (_TRIPLES, 3)):
        if digits[:size] in known:
            return digits[:size]
    return ""


def _north(digits: str) -> bool:
    return digits[0] > "1" and digits[3] > "1" and digits[1:3] != "11" and digits[4:6] != "11"


def _lively(digits: str) -> bool:
    """Whether it is no placeholder: one digit all along, or a count upward."""
    return len(set(digits)) > 2 and digits not in _COUNTING


_COUNTING = frozenset(
    {"1234567", "12345678", "123456789", "1234567890", "0123456789", "01234567890", "2345678901", "9876543210"}
)
