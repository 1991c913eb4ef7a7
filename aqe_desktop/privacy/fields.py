"""Names of people in fields: “key: Name” in any notation, where the key says what the value is.

The engine stops where a separator is followed by words with capitals, which is rare; what the word before the
separator says is looked up here, so that a new language costs a word and no speed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from aqe_desktop.privacy.names import person, person_strict
from aqe_desktop.privacy.people_words import BARE, FULL, ROLE, WEAK, plain, said_by
from aqe_desktop.privacy.words import words

Check = Callable[[str], bool]

_LETTER = r"[^\W\d_]"
_WORD = (
    rf"(?:[A-Z\u00c0-\u024f\u0370-\U0002ffff]|{_LETTER}(?=[’'-]))(?:[\w.'’\u0300-\u036f\u0590-\u0eff-]{{0,40}}[\w.])?"
)
_SMALL = r"(?:de|da|do|dos|del|della|di|du|la|le|van|von|der|den|ter|ten|zu|af|av|al|el|bin|ibn|e|y)"
_NAME = rf"(?:{_SMALL} ){{0,2}}{_WORD}(?:,?[ \u3000](?:{_SMALL}(?!\w)|{_WORD})){{0,5}}"
_FIELD = re.compile(
    rf"[:=>：は][ \t*]{{0,4}}(?:str\s?=\s?|c\()?[\[({{]?\s{{0,12}}(?:[-*] )?[*]{{0,2}}[\"'“„«「]?(?P<name>{_NAME})"
)
_YEK = re.compile(r"[ \"'`*\]=>]{0,6}(?P<key>[^\n\"'`<>{}()\[\],;:=|：，。、]{1,60})")
"""The key before a separator, read backward from there."""
_CODE = re.compile(r"\b(?:class|def|function|import|return|type|interface|const [A-Z]\w* =)\b")
_CREDIT = re.compile(r"(?i)author|maintainer|contributor|copyright|licen[cs]e|\bby\b")
_CALL = re.compile(r"[\"'],?\s{0,20}(?:\w{1,30}=[\"'\w(\[]|\))")
_MADE = re.compile(
    r"(?:Patient|Customer|Employee|Person|Student|Contact|Member|Client|Applicant|Tenant|Kunde|Mitarbeiter|Cliente|"
    r"Empleado|Paciente|Klient|User)\w{0,12}\s?[({]"
)
"""A record of a person is made here, and its fields are handed over."""
_AROUND = 120
_NEXT = re.compile(
    rf"[\"'”“]?(?:\s{{0,2}}[,;、]\s{{0,20}}|\r?\n[ \t]{{0,12}}[-*] )[\"'“„]?(?P<name>{_NAME.replace('(?:,?[', '(?:[')})"
)
_HUMAN = re.compile(
    r"birth|\"dob|dob:|geburt|geboren|naissance|nacimiento|nascita|nascimento|urodz|рожд|生年月日|出生|"
    r"[\"' ]age[\"']?:|alter[\"']?:|edad|wiek|gender|geschlecht|salar|gehalt|salaire|stipendio|ssn|"
    r"national_id|diagnos|patient|blood|passport|hired|hire_date|marital|\bgeb\."
)
_RECORD = re.compile(
    r"mail[\"':=>]|phone|telefon|[\"' ]tel[\"':]|mobile|iban|customer|employee|kunde|mitarbeiter|cliente|empleado|"
    r"street|address[\":]|adresse|dirección|indirizzo|anschrift|contact[:\"']|[\"]user\"|user =|users|person|"
    r"member|people|student|tenant|resident|wage|insurance|card|電話|手机|тел|هاتف|טלפון|전화"
)
"""Beside a field called name: what only people have, and what people and firms have."""

_STRONG = words(
    """
    patient patientin kunde kundin mitarbeiter mitarbeiterin versicherter klient client cliente paciente empleado
    empleada employee customer pracownik pacjent klantnaam beneficiary tenant mieter insured policyholder nextofkin
    emergencycontact ansprechpartner ansprechpartnerin kontaktperson requestedby requester submittedby reportedby
    assignedto assignee signedby recipient passenger guest attendee applicant candidate bewerber bewerberin
    antragsteller antragstellerin nominee spouse doctor physician arzt medecin salarie locataire titulaire intestatario
    titular inquilino musteri hasta cardholder accountholder holder legalguardian patientname medewerker klant zakaznik
    zamestnanec ugyfel asiakas potilas tyontekija kund anstalld ansatt medarbejder funcionario funcionaria aluno aluna
    alumno alumna eleve schuler schulerin dipendente paziente empregado angajat calisan khachhang benhnhan nhanvien
    """
)
"""Keys behind which a person stands, whatever the name."""

_WEAK = words(
    """
    owner user createdby updatedby approver approvedby reviewer reviewedby lead sender seller buyer payee payer
    debtor creditor auftraggeber responsable responsabile verantwortlich verantwortlicher therapist attorney lawyer
    plaintiff defendant judge relative father mother child wife husband son daughter from to cc speaker interviewer
    interviewee caller agent rep author2 individual party signatory unterzeichner vertreter titolare proprietario
    nadawca odbiorca eigenaar владелец 差出人 联系人 负责人 받는사람 von an de para da an emisor firmante sign signed
    signature unterschrift firma signe podpis подпись interlocuteur gerente gerant jefe chef vedouci kierownik
    """
)
_LISTS = words(
    """
    attendees participants members employees patients customers students guests clients invitees assignees reviewers
    approvers people users contacts staff team residents drivers victims witnesses names teilnehmer teilnehmerinnen
    kunden patienten anwesende anwesend participantes asistentes empleados clientes pacientes invites presents
    partecipanti dipendenti pazienti uczestnicy obecni pracownicy deelnemers aanwezig aanwezigen участники сотрудники
    присутствовали 参加者 出席者 参会人员 与会人员 참석자 tilstede narvarande lasnaolijat resztvevok jelenlevok
    ucastnici pritomni katilimcilar presentes asistieron الحضور משתתפים
    """
)


def field_names(text: str) -> Iterator[tuple[int, int]]:
    """The names in the fields of a stretch of text."""
    at = 0
    for field in _FIELD.finditer(text):
        if field.start("name") < at or (_alone(field["name"]) and not _NEXT.match(text, field.end())):
            continue
        check = _check(text, field)
        if check is None:
            continue
        for start, end in _listed(text, field) if check is _of_list else (field.span("name"),):
            name = _longest(text[start:end], person_strict if check is _of_list else check)
            if name:
                at = start + len(name)
                yield start, at


def _alone(name: str) -> bool:
    """Whether it is a single word, which is nobody's whole name."""
    return name.isascii() and " " not in name


def _check(text: str, field: re.Match[str]) -> Check | None:
    """What a name must be like behind this key; None where the key says nothing of people."""
    first = max(text.rfind("\n", 0, field.start()) + 1, field.start() - 66)
    found = _YEK.match(text[first : field.start()][::-1])
    key = found["key"][::-1].strip(" \t#*-_/") if found else ""
    alone = found is not None and first + found.end() >= field.start()
    for said in _says(key):
        check = _of_record(text, field, alone=alone) if said is None else said
        if check is not None:
            return None if _is_code(text, first, field) else check
    return None


def _is_code(text: str, first: int, field: re.Match[str]) -> bool:
    """Whether the line is a program's own, or names who wrote it."""
    begin, end = field.span()
    made = _MADE.search(text, first, begin)
    handed = _CALL.match(text, end) and not made
    return bool(_CODE.search(text, first, begin) or handed or _CREDIT.search(text, first, begin))


def _tails(key: str) -> Iterator[str]:
    """The key, and the last words of it: it may be the end of a sentence."""
    if not key:
        return
    yield key
    parts = key.split()
    yield from (" ".join(parts[-size:]) for size in (3, 2, 1) if size < len(parts))


@lru_cache(1 << 14)
def _says(key: str) -> tuple[Check | None, ...]:
    """What the key and its tails say of the value; None stands for a bare “name”, which its record explains."""
    return tuple(check for tail in _tails(key) for check in _by_key(tail))


def _by_key(key: str) -> tuple[Check | None, ...]:
    parts = plain(key)
    whole, said = "".join(parts), said_by(key)
    far = not key.isascii() and parts and ord(parts[0][0]) > 0x300
    if whole in _LISTS:
        return (_of_list,)
    if said == FULL or whole in _STRONG or (said == ROLE and far):
        return (person,)
    if said == BARE:
        return (None,)
    return (person_strict,) if said in (ROLE, WEAK) or whole in _WEAK else ()


def _of_record(text: str, field: re.Match[str], *, alone: bool) -> Check | None:
    """A field called name: what stands around it says whose."""
    around = text[max(0, field.start() - _AROUND) : field.end() + _AROUND].lower()
    if _HUMAN.search(around):
        return person
    if _MADE.search(text, max(0, field.start() - 80), field.start()):
        return person_strict
    rest = text[field.end("name") :].split("\n", 1)[0].strip("\"'*.,; \r")
    return person_strict if (alone and not rest) or _RECORD.search(around) else None


def _of_list(value: str) -> bool:
    return person_strict(value)


def _listed(text: str, field: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The first name, and those that follow behind commas or on lines of their own."""
    yield field.span("name")
    at = field.end("name")
    while (found := _NEXT.match(text, at)) is not None:
        yield found.span("name")
        at = found.end("name")


def _longest(name: str, check: Check) -> str:
    """The name, or the longest beginning of it that passes: words with capitals may follow."""
    shorter = name.rstrip(".-’'")
    while " " in shorter or "\u3000" in shorter or len(shorter) > 1:
        if check(shorter):
            return shorter
        cut = max(shorter.rfind(" "), shorter.rfind("\u3000"))
        if cut < 0:
            return ""
        shorter = shorter[:cut].rstrip(",")
    return ""
