"""Numbers that pay: a card or account number is told from any other long number by its issuer, length and check digits.

Issuer ranges follow ISO/IEC 7812, lengths of account numbers the IBAN registry of ISO 13616."""

from __future__ import annotations

_WALKS: dict[str, frozenset[int]] = {
    "4": frozenset({16, 18, 19}),
    "34": frozenset({15}),
    "37": frozenset({15}),
    "36": frozenset({14}),
    "38": frozenset({14}),
    "39": frozenset({14}),
    "3095": frozenset({14}),
    "62": frozenset({16, 17, 18, 19}),
    "81": frozenset({16}),
    "82": frozenset({16}),
    "60": frozenset({16}),
    "65": frozenset({16}),
    "9792": frozenset({16}),
    "1": frozenset({15}),
    "57": frozenset({16}),
    "58": frozenset({16}),
}
"""Lengths of a whole number by its first digits, where the digits are no range."""

_RANGES: tuple[tuple[int, int, frozenset[int]], ...] = (
    (300, 305, frozenset({14})),
    (500, 509, frozenset({12, 13, 14, 15, 16, 18, 19})),
    (510, 559, frozenset({16})),
    (560, 569, frozenset({12, 13, 14, 15, 16, 18, 19})),
    (630, 639, frozenset({12, 13, 14, 15, 16, 18, 19})),
    (644, 649, frozenset({16})),
    (670, 679, frozenset({12, 13, 14, 15, 16, 18, 19})),
    (222, 272, frozenset({16})),
    (220, 220, frozenset({16})),
    (352, 358, frozenset({16})),
)
"""Lengths by a range of the first three digits."""

_OLD_VISA = 13
"""Digits of Visa's numbers of before 1995: only beside the word card."""

_USUAL = 16
_MAESTRO = frozenset({"50", "56", "57", "58", "63", "67"})
"""Issuers that give out many lengths; bare, only the usual one counts."""

_SHORTEST_BARE = 14
"""A shorter number passes the check by chance too often to be taken for a card without the word."""

IBAN_LENGTHS: dict[str, int] = {
    part[:2]: int(part[2:])
    for part in [
        "AD24",
        "AE23",
        "AL28",
        "AT20",
        "AZ28",
        "BA20",
        "BE16",
        "BG22",
        "BH22",
        "BI27",
        "BR29",
        "BY28",
        "CH21",
        "CR22",
        "CY28",
        "CZ24",
        "DE22",
        "DJ27",
        "DK18",
        "DO28",
        "EE20",
        "EG29",
        "ES24",
        "FI18",
        "FK18",
        "FO18",
        "FR27",
        "GB22",
        "GE22",
        "GI23",
        "GL18",
        "GR27",
        "GT28",
        "HN28",
        "HR21",
        "HU28",
        "IE22",
        "IL23",
        "IQ23",
        "IS26",
        "IT27",
        "JO30",
        "KW30",
        "KZ20",
        "LB28",
        "LC32",
        "LI21",
        "LT20",
        "LU20",
        "LV21",
        "LY25",
        "MC27",
        "MD24",
        "ME22",
        "MK19",
        "MN20",
        "MR27",
        "MT31",
        "MU30",
        "NI28",
        "NL18",
        "NO15",
        "OM23",
        "PK24",
        "PL28",
        "PS29",
        "PT25",
        "QA29",
        "RO24",
        "RS22",
        "RU33",
        "SA24",
        "SC31",
        "SD18",
        "SE24",
        "SI19",
        "SK24",
        "SM27",
        "SO23",
        "ST25",
        "SV28",
        "TL23",
        "TN24",
        "TR26",
        "UA29",
        "VA22",
        "VG24",
        "XK20",
        "YE30",
        "DZ26",
        "AO25",
        "BF28",
        "BJ28",
        "CF27",
        "CG27",
        "CI28",
        "CM27",
        "CV25",
        "GA27",
        "GQ27",
        "GW25",
        "IR26",
        "KM27",
        "MA28",
        "MG27",
        "ML28",
        "MZ25",
        "NE28",
        "SN28",
        "TD27",
        "TG28",
    ]
}
"""Characters of an account number by country."""


def luhn(value: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812 over the others."""
    digits = digits_of(value)
    doubled = (sum(divmod(2 * int(each), 10)) for each in digits[-2::-2])
    return len(digits) > 1 and (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def card(value: str) -> bool:
    """Whether this is a card number by issuer, length and check digit; published test numbers are too."""
    digits = digits_of(value)
    rare = digits[:1] == "1" or (digits[:2] in _MAESTRO and len(digits) != _USUAL)
    return len(digits) >= _SHORTEST_BARE and not rare and card_named(digits)


def card_named(value: str) -> bool:
    """Whether this is a card number where a word beside it says so: rare issuers and short numbers count too."""
    digits = digits_of(value)
    fits = len(digits) in _lengths(digits) or (len(digits) == _OLD_VISA and digits[0] == "4")
    return fits and luhn(digits) and _varied(digits)


def iban(value: str) -> bool:
    """Whether this is an account number by country, length and the remainder of ISO 7064 (97, 10)."""
    packed = "".join(each for each in value if each.isalnum()).upper()
    if IBAN_LENGTHS.get(packed[:2]) != len(packed) or not packed.isascii():
        return False
    return int("".join(str(int(each, 36)) for each in packed[4:] + packed[:4])) % 97 == 1


def _lengths(digits: str) -> frozenset[int]:
    """The lengths that this number's issuer gives out."""
    for size in (4, 2, 1):
        if found := _WALKS.get(digits[:size]):
            return found
    head = int(digits[:3] or 0)
    return next((sizes for low, high, sizes in _RANGES if low <= head <= high), frozenset())


def _varied(digits: str) -> bool:
    """Whether it is no row of one digit, which passes many checks."""
    return len(set(digits)) > 1


def digits_of(value: str) -> str:
    """The ASCII digits of a value, without what separates them."""
    return "".join(each for each in value if "0" <= each <= "9")
