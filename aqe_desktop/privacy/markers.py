"""Is this line a header by which an owner marks a text, or a sentence that only uses the word?"""

from __future__ import annotations

import re
import unicodedata

from aqe_desktop.privacy.words import words

_MOST_WORDS = 24
_CODE = re.compile(r"[=;{}`<>\\$]|\w\(|\(\)|\w\[|['\w]\.\w+\(|,$|:$|\w_\w")
_PROSE = re.compile(
    r"(?i)\b(?:is|are|was|were|be|the|an?(?= )|when|can|could|will|which|that|if|or|then|should|must|may|has|have|"
    r"ist|sind|wird|eine?n?|est|sont|une?|les|es|son|unas?|los|è|sono|um|uma|são|jest|są|je|jsou|sú|su|är|zijn|adalah|"
    r"müssen|muss|werden|must|ialah|este|sunt|είναι|это|є|است|हैं?|là)\b"
)
_SUBJECTS = re.compile(
    r"(?i)confidential[- ](?:clients?|comput|transaction|application|vm|instance|container|assets?|issue|user|ledger|"
    r"space|node|guest|mode|value|data (?:is|are)|oauth)"
)
_OWNERSHIP = re.compile(
    r"(?i)property|proprietary|company|corp|inc\b|gmbh|intern|draft|only|distribut|disclos|use|copyright|©|nda|information|"
    r"eigentum|propri|propied|własno|собственн|prohib|verboten|interdit|vietat|weitergabe|gebrauch|\buso\b|\busage\b|nutzung|"
    r"внутр|использ|zabroni|divulg|diffus|difund|partag"
)


def header_line(value: str) -> bool:
    """Whether a line that holds such a word is a header: few words, a capital first, no code and no sentence."""
    line = value.strip(" \t\r*=#-/|\"'<>!%;")
    words = line.split()
    if not words or len(words) > _MOST_WORDS or _CODE.search(line) or _SUBJECTS.search(line):
        return False
    if len(words) == 1:
        return not line.islower() or not line.isascii()
    begins = line[0].isupper() or not line[0].isascii() or not line[0].isalpha()
    return begins and (not _PROSE.search(line) or bool(_OWNERSHIP.search(line)))


def mark_line(value: str) -> bool:
    """Whether a line is no question and no plain sentence: those end with a stop and have no other break."""
    line = value.strip(" \t\r*=#-/|\"'<>!%;")
    if not line or "?" in line or line[-1] in "؟？" or line.count(",") > 2:
        return False
    return line[-1] not in ".。।" or len(line.split()) + len(line) // 24 < 3 or bool(_BREAK.search(line[:-1]))


def short_mark(value: str) -> bool:
    """Whether a line that names a trade secret marks the text, and is no sentence or heading about such."""
    line = value.strip(" \t\r*=#-/|\"'<>!%;")
    words = line.split()
    if not header_line(value) or not mark_line(value) or "§" in line or _CHAPTER.match(line):
        return False
    return (
        len(words) <= 4
        or (len(words) <= 14 and bool(_BREAK.search(line)) and bool(_OWNERSHIP.search(line)))
        or (len(words) <= 8 and bool(_BREAK.search(line)))
    )


def spaced_mark(value: str) -> bool:
    """Whether letters with blanks between them spell a word of confidence."""
    whole = unicodedata.normalize("NFD", re.sub(r"[\s.-]+", "", value).lower())
    return bool(_SPELLED.search("".join(each for each in whole if not unicodedata.combining(each))))


_CHAPTER = re.compile(r"(?i)(?:kapitel|chapter|chapitre|cap[ií]tulo|capitolo|глава|kapitola|rozdział|lesson|lektion)\b")
_BREAK = re.compile(r"[:|/·(!;•]|[.。] ?[^\W\d_a-z]| [-–—]+ |[–—]")
_SPELLED = re.compile(
    "confiden|konfiden|riservat|vertrau|vertrouw|geheim|secret|segret|sigilos|poufn|tajn|taine|duvern|dovern|"
    "povjerljiv|poverljiv|zaupno|bizalmas|titkos|luottamuk|salainen|fortrolig|hemmelig|hemlig|gizli|rahasia|"
    "proprietary|restricted|privileged|internaluse|onlyintern|trunadarmal|"
    "конфиденц|секретн|конфіденц|таємно|таемно|поверит|поверљив|таино|тајно|εμπιστευτικ|απορρητ"
)


def header_words(value: str) -> bool:
    """Whether the words before a shouted marker are an owner's name and no sentence."""
    before = value.split()[:-1]
    return not any(each.lower().strip(".") in _NO_OWNER for each in before)


_NO_OWNER = words(
    """
    not non is are the a an as be if oauth client public or and to of for
    """
)
