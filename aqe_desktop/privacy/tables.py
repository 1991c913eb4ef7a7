"""Tables of people: the head of a table says in which column the names stand, and every row below is read by it.

The functions of PARTS take the text of a table and give the spans that are findings; rule rows name them in `parts`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from aqe_desktop.privacy.names import address, first_name, given, person, person_strict
from aqe_desktop.privacy.words import words

Span = tuple[int, int]
Check = Callable[[str], bool]

_FULL = words(
    """
    fullname customername clientname patientname employeename membername studentname contactname
    personname ownername holdername accountholder cardholder cardholdername displayname legalname guestname
    applicantname vollername vorundnachname nomcomplet nometprenom nomprenom nombrecompleto nombreyapellidos
    nomecognome nomecompleto imieinazwisko imięinazwisko volledigenaam naamklant jmenoaprijmeni jménoapříjmení фио
    полноеимя adsoyad adısoyadı adiyoadi fuldenavn fulltnamn patient kunde kundin mitarbeiter mitarbeiterin
    versicherter klient client cliente paciente empleado employee customer teacher schüler student eleve élève
    studente pracownik pacjent manager supervisor beneficiary tenant mieter nominee ansprechpartner
    ansprechpartnerin kontaktperson 姓名 氏名
    お名前 名前 患者名 顧客名 客户姓名 員工姓名 员工姓名 患者姓名 성명 이름 ονοματεπώνυμο الاسمالكامل שםמלא
    họtên họvàtên namalengkap
    """
)
"""Heads of columns that hold whole names, without signs and in small letters."""

_PART = words(
    """
    firstname lastname givenname familyname surname forename middlename secondname fname lname vorname nachname
    familienname zuname prenom prénom nomdefamille nomfamille apellido apellidos primerapellido segundoapellido
    nombres cognome sobrenome apelido imie imię nazwisko voornaam achternaam tussenvoegsel prijmeni příjmení
    krestnijmeno имя фамилия отчество ad2 soyad soyadı fornavn efternavn etternavn förnamn efternamn fornamn etunimi
    sukunimi keresztnév vezetéknév prenume numedefamilie όνομα επώνυμο 姓 名 氏 lastnames firstnames maidenname
    geburtsname 姓氏 名字 성 الاسمالأول اسمالعائلة שםפרטי שםמשפחה
    """
)
"""Heads of columns that hold one of a person's names."""

_BARE = words(
    """
    name names nom nombre nome nazwa naam namn navn nimi név nume jméno jmeno ime isim имя ad الاسم שם नाम tên nama
    ชื่อ
    """
)
"""Heads that name people or things: what stands beside them decides."""

_ADDRESS = words(
    """
    address homeaddress streetaddress street postaladdress shippingaddress billingaddress addressline1 address1
    adresse anschrift wohnort strasse straße dirección direccion domicilio indirizzo endereço endereco morada adres
    adresa адрес 住所 地址 주소 rue residence wohnadresse lieferadresse rechnungsadresse postadresse osoite cím adresă
    διεύθυνση العنوان כתובת
    """
)

_PERSONAL = re.compile(
    r"birth|geburt|^geb|naissance|nacimiento|nascita|nascimento|urodz|рожд|生年月日|出生|생년|^(?:dob|age|alter|edad|et(?:à|a)|âge|"
    r"idade|wiek|yaş|sex|gender|geschlecht|sexe|sexo|sesso|mrn|dni|nif|bsn|cpf|nino|nhs|ssn|mobile?|cell|handy|"
    r"lohn|pay|wage|пол|возраст|나이|성별|年龄|年齢|性别|性別|personalemail|privatephone)$|手机|salar|gehalt|stipendio|зарплата|"
    r"diagnos|insurance(?:no|num|id)|versichert|passport|pesel|身份证|allerg|patient|mitarbeiter|paciente|empleado|hiredate|"
    r"dateofhire|homeaddress|bloodtype|maritalstatus|nationalid|studentid|employee(?:id|no|num|$)"
)
"""Columns that only a table of people has."""

_PEOPLE = re.compile(
    r"(?i)(?:users?|benutzer|usuarios?|utilisateurs?|utenti|members?|contacts?|employees?|patients?|persons?|people|staff|students?|teachers?|applicants?|candidates?|guests?|residents?|attendees|"
    r"participants|voters|drivers|doctors|nurses|mitarbeiter|patienten|personen|mieter|empleados?|pacientes?|personas?|employes?|"
    r"dipendenti|pazienti|funcionarios?|pracownicy|pacjenci|medewerkers|сотрудники|пациенты|beneficiaries|policyholders?|insured)$"
)
"""Names of tables that hold people."""

_NAME_ENDS = ("name", "nom", "nombre", "nome", "namn", "navn")
_THINGS = words(
    """
    filename hostname classname productname companyname tablename columnname domainname projectname eventname
    servicename brandname cityname countryname teamname itemname username pathname typename keyname fieldname
    rolename groupname packagename
    """
)
"""Heads with such an end that name things."""

_MOST_ROWS, _LONGEST_HEAD = 60, 600
_INSERT = re.compile(
    r"(?is)^.{0,20}?\binto\s+(?P<table>[\w.\"`\[\]]{1,80})\s*\((?P<head>[^()]{1,600})\)\s*(?:output\b[^()]{0,80})?values\s*"
)
_COPY = re.compile(r"(?i)^copy\s+(?P<table>[\w.\"]{1,80})\s*\((?P<head>[^()]{1,600})\)\s+from\s+stdin[^\n]*\n")
_CELL = re.compile(r"'(?:[^'\\\n]|''|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|[^,()'\"\n]+")
_WIDE = re.compile(r"\S+(?: \S+)*")
_PAGE_ROW = re.compile(r"(?is)<tr\b.*?(?=<tr\b|</table|$)")
_PAGE_CELL = re.compile(r"(?is)<t[hd]\b[^>]{0,200}>\s*(.*?)\s*(?=</?t[hdr]\b|$)")
_RULE = re.compile(r"^[\s|+:=\-]*$")


def table_names(text: str) -> Iterator[Span]:
    """The names in a table whose first line is its head: CSV, TSV, Markdown, or what a database prints."""
    yield from _table(text, lambda heads: _name_columns(heads, table=""))


def table_addresses(text: str) -> Iterator[Span]:
    """The addresses in such a table."""
    yield from _table(text, _address_columns)


def insert_names(text: str) -> Iterator[Span]:
    """The names in the rows of an SQL statement that inserts or copies."""
    head = _INSERT.match(text)
    if head is not None:
        columns = _name_columns(_heads(head["head"].split(",")), _table_name(head["table"]))
        yield from _tuples(text, head.end(), columns)
        return
    head = _COPY.match(text)
    if head is not None:
        columns = _name_columns(_heads(head["head"].split(",")), _table_name(head["table"]))
        yield from _rows(text, head.end(), "\t", columns)


def page_names(text: str) -> Iterator[Span]:
    """The names in a table of a web page."""
    head, _, _ = text.partition("</tr>")
    columns = _name_columns(_heads([cell[1] for cell in _PAGE_CELL.finditer(head)]), table="")
    for row in _PAGE_ROW.finditer(text, len(head)):
        yield from _passing([(cell.start(1), cell[1]) for cell in _PAGE_CELL.finditer(text, *row.span())], columns)


def _table(text: str, choose: Callable[[Sequence[str]], dict[int, Check]]) -> Iterator[Span]:
    """The cells below every line that is the head of such a table."""
    at = 0
    for line in text.split("\n"):
        delimiter = next((each for each in "|\t;," if each in line), " ")
        heads = _heads([value for _, value in _cells(line, 0, delimiter)]) if len(line) <= _LONGEST_HEAD else []
        columns = choose(heads) if len(heads) > 1 or delimiter == "|" else {}
        at += len(line) + 1
        if columns:
            yield from _rows(text, at, delimiter, columns, len(heads))


def _rows(text: str, at: int, delimiter: str, columns: dict[int, Check], width: int = 0) -> Iterator[Span]:
    """Cells that pass their column's check, until a line is no row."""
    for line in text[at:].split("\n")[:_MOST_ROWS]:
        if columns and line.strip() and not _RULE.match(line):
            cells = list(_cells(line, at, delimiter))
            if width and abs(len(cells) - width) > 1:
                return
            yield from _passing(cells, columns)
        elif not line.strip():
            return
        at += len(line) + 1


def _tuples(text: str, at: int, columns: dict[int, Check]) -> Iterator[Span]:
    """The same for `(…), (…)`."""
    for row in re.finditer(r"\((?:[^()'\"]|'(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|\([^()]*\))*\)?", text[at:]):
        cells = [(at + row.start() + cell.start(), cell[0]) for cell in _CELL.finditer(row[0]) if cell[0].strip()]
        yield from _passing(cells, columns)


def _passing(cells: Sequence[tuple[int, str]], columns: dict[int, Check]) -> Iterator[Span]:
    for column, check in columns.items():
        if column < len(cells):
            start, cell = cells[column]
            value = cell.strip().strip("\"'").strip()
            if value and check(value):
                begin = start + cell.find(value)
                yield begin, begin + len(value)


def _cells(line: str, at: int, delimiter: str) -> Iterator[tuple[int, str]]:
    """The cells of a line with their places; a delimiter inside quotes is none, and outer bars enclose no cells."""
    plain = line.rstrip("\r")
    if delimiter == " ":
        yield from ((at + cell.start(), cell[0]) for cell in _WIDE.finditer(plain))
        return
    start = 0
    if delimiter == "|":
        start = len(plain) - len(plain.lstrip(" |"))
        plain = plain.rstrip(" |")
    quote = ""
    for index in range(start, len(plain) + 1):
        letter = plain[index : index + 1]
        if letter in ('"', "'") and (quote == letter or (not quote and not plain[start:index].strip())):
            quote = "" if quote else letter
        if not letter or (letter == delimiter and not quote):
            yield at + start, plain[start:index]
            start = index + 1


def _heads(cells: Iterator[str] | Sequence[str]) -> list[str]:
    """Heads in small letters, without signs and blanks."""
    return ["".join(each for each in cell.lower() if each.isalnum()) for cell in cells]


def _table_name(written: str) -> str:
    return written.rpartition(".")[2].strip('"`[]')


def _name_columns(heads: Sequence[str], table: str) -> dict[int, Check]:
    """Which columns hold names, and what a name there must look like."""
    people = bool(_PEOPLE.search(table)) or any(_PERSONAL.search(each) for each in heads)
    found: dict[int, Check] = {}
    for at, head in enumerate(heads):
        if head in _FULL:
            found[at] = _anybody if people or len(heads) > 1 else person_strict
        elif head in _PART:
            found[at] = _either
        elif head in _BARE:
            found[at] = _anybody if people else person_strict
        elif head.endswith(_NAME_ENDS) and head not in _THINGS:
            found[at] = person_strict
    return found


def _anybody(value: str) -> bool:
    """A whole name, or a given name alone."""
    return person(value) or given(value)


def _either(value: str) -> bool:
    return first_name(value) or person(value)


def _address_columns(heads: Sequence[str]) -> dict[int, Check]:
    people = any(each in _FULL | _PART | _BARE or _PERSONAL.search(each) for each in heads)
    return {at: address for at, head in enumerate(heads) if head in _ADDRESS and people}


PARTS: dict[str, Callable[[str], Iterator[Span]]] = {
    each.__name__: each for each in (insert_names, page_names, table_addresses, table_names)
}
"""What a row's `parts` may name."""
