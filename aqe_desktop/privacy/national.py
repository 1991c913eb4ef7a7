"""Numbers that states give to people: each is told from any other number by the digits that check it.

Where a number has no check digit, its ranges or its date must hold. Separators are ignored."""

from __future__ import annotations

from collections.abc import Iterable

from aqe_desktop.privacy.money import digits_of, luhn

_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def us_ssn(value: str) -> bool:
    """US: no area 000, 666 or from 900, no group 00, no serial 0000 (SSA, randomised since 2011), not one digit."""
    d = digits_of(value)
    if len(d) != 9 or d in _NO_SSN or len(set(d)) == 1:
        return False
    return d[:3] not in {"000", "666"} and d[0] != "9" and d[3:5] != "00" and d[5:] != "0000"


_NO_SSN = frozenset({"123456789", "987654321", "012345678"})
"""Counting is no number of a person."""


def us_itin(value: str) -> bool:
    """US taxpayers without SSN: 9xx and a group from 50 (IRS)."""
    d = digits_of(value)
    return (
        len(d) == 9
        and d not in _NO_SSN
        and d[0] == "9"
        and (50 <= int(d[3:5]) <= 65 or 70 <= int(d[3:5]) <= 99)
        and d[3:5] not in {"89", "93"}
    )


def uk_nino(value: str) -> bool:
    """UK National Insurance: the letters that HMRC never gives out rule most other codes out."""
    packed = packed_of(value)
    if len(packed) != 9 or not packed[2:8].isdigit() or packed[8] not in "ABCD":
        return False
    first, second = packed[0], packed[1]
    return (
        first not in "DFIQUV"
        and second not in "DFIQUVO"
        and packed[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
    )


def uk_nhs(value: str) -> bool:
    """UK National Health Service: ten digits, the last by weights 10..2, modulo 11."""
    d = digits_of(value)
    return len(d) == 10 and len(set(d)) > 1 and (11 - weighed(d, range(10, 1, -1)) % 11) % 11 == int(d[9])


def de_tax(value: str) -> bool:
    """Germany's tax id: eleven digits of which one stands twice or thrice; ISO 7064 (11, 10)."""
    d = digits_of(value)
    if len(d) != 11 or d[0] == "0" or max(d[:10].count(each) for each in d[:10]) not in {2, 3}:
        return False
    rest = 10
    for each in d[:10]:
        rest = ((int(each) + rest) % 10 or 10) * 2 % 11
    return (11 - rest) % 10 == int(d[10])


def de_pension(value: str) -> bool:
    """Germany's pension number: area, date of birth, letter, serial, check digit over their digit sums."""
    p = packed_of(value)
    if len(p) != 12 or not (p[:8] + p[9:]).isdigit() or not "A" <= p[8] <= "Z":
        return False
    plain = p[:8] + f"{ord(p[8]) - 64:02d}" + p[9:11]
    sums = (sum(divmod(int(a) * b, 10)) for a, b in zip(plain, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(sums) % 10 == int(p[11])


def fr_nir(value: str) -> bool:
    """France's NIR: sex, year, month, department, and 97 minus the rest as key; Corsica counts as 19 and 18."""
    p = packed_of(value).replace("2A", "19", 1).replace("2B", "18", 1)
    if len(p) != 15 or not p.isdigit() or p[0] not in "123478":
        return False
    month = int(p[3:5])
    return (1 <= month <= 12 or month >= 20) and p[5:7] != "00" and 97 - int(p[:13]) % 97 == int(p[13:])


def es_dni(value: str) -> bool:
    """Spain's DNI and NIE: the letter is the number modulo 23."""
    p = packed_of(value)
    number = str("XYZ".find(p[:1])) + p[1:8] if p[:1] in "XYZ" else p[:8]
    return len(p) == 9 and number.isdigit() and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == p[8]


def it_fiscal(value: str) -> bool:
    """Italy's codice fiscale: sixteen characters, the last by two tables for odd and even places."""
    p = packed_of(value)
    if len(p) != 16 or not (p[:6].isalpha() and p[15].isalpha() and p.isascii()):
        return False
    odd = sum(_FISCAL_ODD[int(each, 36) - 10 if each.isalpha() else int(each)] for each in p[0:15:2])
    even = sum(int(each, 36) - 10 if each.isalpha() else int(each) for each in p[1:15:2])
    return (odd + even) % 26 == ord(p[15]) - 65


_FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def pl_pesel(value: str) -> bool:
    """Poland's PESEL: a date whose month holds the century, and weights 1, 3, 7, 9."""
    d = digits_of(value)
    if len(d) != 11 or not is_date(d[4:6], str(int(d[2:4] or 0) % 20)):
        return False
    return (10 - weighed(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)) % 10) % 10 == int(d[10])


def nl_bsn(value: str) -> bool:
    """Netherlands' BSN: nine digits, weights 9..2 and -1, a multiple of 11."""
    d = digits_of(value).zfill(9)
    return len(d) == 9 and len(set(d)) > 1 and weighed(d, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def be_register(value: str) -> bool:
    """Belgium's register number: 97 minus the rest, with a 2 before it for the born since 2000."""
    d = digits_of(value)
    if len(d) != 11 or not is_date(d[4:6], str(int(d[2:4] or 0) % 20)):
        return False
    return int(d[9:]) in {97 - int(d[:9]) % 97, 97 - int("2" + d[:9]) % 97}


def br_cpf(value: str) -> bool:
    """Brazil's CPF: two check digits, modulo 11."""
    d = digits_of(value)
    if len(d) != 11 or len(set(d)) == 1:
        return False
    return all(weighed(d, range(size + 1, 1, -1)) * 10 % 11 % 10 == int(d[size]) for size in (9, 10))


def cn_resident(value: str) -> bool:
    """China's resident id: region, date of birth, serial, ISO 7064 (11, 2)."""
    p = packed_of(value)
    if len(p) != 18 or not p[:17].isdigit() or not is_date(p[12:14], p[10:12]) or p[6:8] not in {"19", "20"}:
        return False
    return "10X98765432"[weighed(p, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)) % 11] == p[17]


def in_aadhaar(value: str) -> bool:
    """India's Aadhaar: twelve digits, the first from 2, the check of Verhoeff."""
    d = digits_of(value)
    return len(d) == 12 and d[0] > "1" and len(set(d)) > 1 and _verhoeff(d)


def se_person(value: str) -> bool:
    """Sweden's personnummer: a date, a serial, Luhn over the last ten digits."""
    d = digits_of(value)[-10:]
    day = f"{int(d[4:6] or 0) % 60:02d}"
    return len(d) == 10 and is_date(day, d[2:4]) and luhn(d)


def no_birth(value: str) -> bool:
    """Norway's birth number: a date and two check digits, modulo 11."""
    d = digits_of(value)
    if len(d) != 11 or not is_date(str(int(d[:2]) % 40), str(int(d[2:4]) % 40)):
        return False
    first = weighed(d, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11
    return first == 0 and weighed(d, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def day_first(value: str) -> bool:
    """Denmark's CPR and others that begin with a day and a month; no check digit since 2007."""
    d = digits_of(value)
    return len(d) in {10, 11} and is_date(d[:2], d[2:4])


def fi_person(value: str) -> bool:
    """Finland's henkilötunnus: a date, a mark for the century, a serial, one of 31 letters."""
    p = value.strip().upper()
    d = p[:6] + p[7:10]
    return (
        len(p) == 11
        and d.isdigit()
        and is_date(p[:2], p[2:4])
        and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(d) % 31] == p[10]
    )


def ch_ahv(value: str) -> bool:
    """Switzerland's AHV number: 756 and the check digit of EAN-13."""
    d = digits_of(value)
    return len(d) == 13 and d[:3] == "756" and (10 - weighed(d, (1, 3) * 6) % 10) % 10 == int(d[12])


def cz_birth(value: str) -> bool:
    """Czechia's and Slovakia's rodné číslo: a date, women's months plus 50, a multiple of 11."""
    d = digits_of(value)
    month = int(d[2:4] or 0) % 50
    return len(d) == 10 and is_date(d[4:6], str(month % 20)) and int(d) % 11 == 0


def ro_cnp(value: str) -> bool:
    """Romania's CNP: sex and century, a date, county, weights modulo 11."""
    d = digits_of(value)
    if len(d) != 13 or not is_date(d[5:7], d[3:5]):
        return False
    return weighed(d, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11 % 10 == int(d[12])


def tr_kimlik(value: str) -> bool:
    """Türkiye's number: the tenth digit by odd and even places, the eleventh by the sum."""
    d = digits_of(value)
    if len(d) != 11 or d[0] == "0":
        return False
    n = [int(each) for each in d]
    return (sum(n[0:9:2]) * 7 - sum(n[1:8:2])) % 10 == n[9] and sum(n[:10]) % 10 == n[10]


def kr_resident(value: str) -> bool:
    """Korea's resident number: a date and a digit for sex and century; no check digit since 2020."""
    d = digits_of(value)
    return len(d) == 13 and is_date(d[4:6], d[2:4]) and d[6] in "12345678"


def jp_my(value: str) -> bool:
    """Japan's My Number: twelve digits, modulo 11."""
    d = digits_of(value)
    if len(d) != 12 or len(set(d)) == 1:
        return False
    rest = weighed(d, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(d[11])


def cl_rut(value: str) -> bool:
    """Chile's RUT: weights 2..7 from the right, modulo 11, K for ten."""
    p = packed_of(value)
    if not 8 <= len(p) <= 9 or not p[:-1].isdigit():
        return False
    rest = 11 - sum(int(each) * (2 + at % 6) for at, each in enumerate(reversed(p[:-1]))) % 11
    return {11: "0", 10: "K"}.get(rest, str(rest)) == p[-1]


def sg_nric(value: str) -> bool:
    """Singapore's NRIC and FIN: weights modulo 11, and a row of letters by the first letter."""
    p = packed_of(value)
    if len(p) != 9 or not p[1:8].isdigit() or p[0] not in "STFG":
        return False
    total = weighed(p[1:], (2, 7, 6, 5, 4, 3, 2)) + (4 if p[0] in "TG" else 0)
    return ("JZIHGFEDCBA" if p[0] in "ST" else "XWUTRQPNMLK")[total % 11] == p[8]


def tw_id(value: str) -> bool:
    """Taiwan's identity number: a letter for the place, 1 or 2, weights modulo 10."""
    p = packed_of(value)
    if len(p) != 10 or not p[1:].isdigit() or p[1] not in "1289":
        return False
    place = "ABCDEFGHJKLMNPQRSTUVXYWZIO".find(p[0]) + 10
    return (place // 10 + weighed(str(place % 10) + p[1:], (9, 8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def il_id(value: str) -> bool:
    """Israel's identity number: nine digits, Luhn."""
    return len(digits_of(value)) == 9 and len(set(digits_of(value))) > 1 and luhn(value)


def za_id(value: str) -> bool:
    """South Africa's identity number: a date, a serial, Luhn."""
    d = digits_of(value)
    return len(d) == 13 and is_date(d[4:6], d[2:4]) and luhn(d)


def ca_sin(value: str) -> bool:
    """Canada's social insurance number: nine digits, Luhn, not from 8."""
    d = digits_of(value)
    return len(d) == 9 and d[0] not in "08" and luhn(d)


def au_tax(value: str) -> bool:
    """Australia's tax file number: nine digits, a multiple of 11."""
    d = digits_of(value)
    return len(d) == 9 and weighed(d, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def mx_curp(value: str) -> bool:
    """Mexico's CURP: a date inside, and a check digit modulo 10 over an alphabet with Ñ."""
    p = packed_of(value)
    if len(p) != 18 or not is_date(p[8:10], p[6:8]) or not p[17].isdigit():
        return False
    total = sum("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ".find(each) * (18 - at) for at, each in enumerate(p[:17]))
    return (10 - total % 10) % 10 == int(p[17])


def pt_nif(value: str) -> bool:
    """Portugal's NIF: nine digits, modulo 11."""
    d = digits_of(value)
    if len(d) != 9:
        return False
    return max(0, 11 - weighed(d, range(9, 1, -1)) % 11) % 11 % 10 == int(d[8])


def passport(value: str) -> bool:
    """A passport's number has letters or digits, and at least five digits; the word beside it decides."""
    return sum(each.isdigit() for each in value) >= 5


def packed_of(value: str) -> str:
    """Letters and ASCII digits of a value, upper case."""
    return "".join(each for each in value if each.isalpha() or "0" <= each <= "9").upper()


def weighed(digits: str, weights: Iterable[int]) -> int:
    """The sum of the first digits, each by its weight."""
    return sum(int(each) * weight for each, weight in zip(digits, weights, strict=False))


def is_date(day: str, month: str) -> bool:
    """Whether a day of that month exists in some year."""
    if not (day.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
        return False
    return 1 <= int(day) <= _MONTH_DAYS[int(month) - 1]


def _verhoeff(digits: str) -> bool:
    """Whether the last digit checks the others by the dihedral group of ten (Verhoeff, 1969)."""
    check = 0
    for at, each in enumerate(reversed(digits)):
        check = _dihedral(check, _permuted(int(each), at % 8))
    return check == 0


def _dihedral(a: int, b: int) -> int:
    """The product of two elements: 0..4 turn, 5..9 turn and flip."""
    if a < 5:
        return (a + b) % 5 if b < 5 else 5 + (a + b) % 5
    return 5 + (a - b) % 5 if b < 5 else (a - b) % 5


def _permuted(digit: int, times: int) -> int:
    """A digit moved by Verhoeff's permutation."""
    for _ in range(times):
        digit = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[digit]
    return digit
