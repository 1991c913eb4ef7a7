"""Tables of people: the head of a table says in which column the names stand, and every row below is read by it.

The functions of PARTS take the text of a table and give the spans that are findings; rule rows name them in `parts`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from aqe_desktop.privacy.fields import field_names
from aqe_desktop.privacy.money import IBAN_LENGTHS, iban
from aqe_desktop.privacy.names import address, first_name, given, person, person_first, person_strict
from aqe_desktop.privacy.national import us_ssn
from aqe_desktop.privacy.people_words import BARE, FULL, NONE, PART, ROLE, plain, said_by
from aqe_desktop.privacy.phones import national
from aqe_desktop.privacy.words import words

Span = tuple[int, int]
Cell = tuple[int, str]
Column = Callable[[Sequence[Cell]], Sequence[Cell]]
"""Which of a column's cells are findings: the column as a whole says more than a cell."""

_ADDRESS = words(
    """
    address homeaddress streetaddress street postaladdress shippingaddress billingaddress addressline1 address1
    adresse anschrift wohnort strasse straße dirección direccion domicilio indirizzo endereço endereco morada adres
    adresa адрес 住所 地址 주소 rue residence wohnadresse lieferadresse rechnungsadresse postadresse osoite cím adresă
    διεύθυνση العنوان כתובת
    """
)
_PHONES = words(
    """
    phone phonenumber phoneno mobile mobilephone cell tel telephone telefon telefonnummer telefono telefone telefoon
    handy handynummer mobil mobilnummer movil celular cellulare portable gsm fax телефон мобильный τηλεφωνο الهاتف
    טלפון 電話 電話番号 携帯 电话 手机 手机号 전화 전화번호 연락처 puhelin komorka nrtelefonu telefonszam cep
    ceptelefonu contactno contactnumber whatsapp
    """
)
_INSURANCE = words("ssn socialsecuritynumber socialsecurity socialsecurityno ssnnumber")
_TECHNICAL = words(
    "default required datatype version returns argument parameter typ optional nullable namespace restarts"
)
"""Columns of manuals and machines: no table with such a one holds people."""
_ADDRESS_HEADS = frozenset("".join(plain(each)) for each in _ADDRESS)

_PERSONAL = re.compile(
    r"birth|faeding|geburt|^geb|naissance|nacimiento|nascita|nascimento|urodz|narozen|fodsel|fodt|syntyma|szulet|nasterii|dogum|"
    r"рожд|народж|γεννησ|ميلاد|לידה|जन्म|ngaysinh|tanggallahir|生年月日|出生|생년|"
    r"^(?:dob|age|alter|edad|eta|idade|wiek|yas|vek|ika|alder|varsta|eletkor|возраст|вік|العمر|גיל|sex|gender|geschlecht|"
    r"sexe|sexo|sesso|plec|pohlavi|kon|cinsiyet|пол|الجنس|mrn|dni|nif|bsn|cpf|nino|nhs|ssn|mobile?|cell|handy|lohn|pay|"
    r"wage|나이|성별|年龄|年齢|性别|性別|personalemail|privatephone|e?mail|mailaddress|emailaddress|correo|courriel|phone|"
    r"phonenumber|tel|telephone|telefon|telefono|telefone|telefonnummer|telefoon|puhelin|телефон|الهاتف|טלפון|電話|電話番号|"
    r"电话|전화|전화번호|연락처|department|dept|abteilung|stanowisko|dzial|reparto|部署|部门|부서|직급|직위|должность|отдел|functie|position|posizione|posicion|beruf|puesto|cargo|ruolo|poste|funkcja|funkce|pozice|beosztas|meslek|gorev|bolum|stilling|tehtava|職位|职务|직책|phong|chucvu|แผนก|ตำแหน่ง|τμημα|θεση|القسم|الوظيفة|מחלקה|תפקיד|पद|विभाग|avdelning|avdeling|afdeling|deild|odjel|odeleni|oddeleni|osakond|skyrius|nodala|verzuim|pozemi|placa|plata|mzda|nastup|функция|длъжность|длъжност|посада|відділ|سمت|urlop|"
    r"urlaub|vacation|leavedays|conges|jobtitle|nota|pracownik|klient|kunde)$|手机|salar|gehalt|stipendi|зарплат|оклад|maas|"
    r"wynagrodz|plat$|الراتب|연봉|급여|工资|給与|diagnos|диагноз|التشخيص|診断|诊断|진단|insurance(?:no|num|id)|versichert|"
    r"passport|reisepass|pesel|身份证|allerg|patient|mitarbeiter|paciente|empleado|社員|従業員|员工|工号|사번|hiredate|"
    r"dateofhire|homeaddress|bloodtype|maritalstatus|nationalid|studentid|employee(?:id|no|num|$)"
)
"""Columns that only a table of people has."""

_PEOPLE = re.compile(
    r"(?i)(?:users?|benutzer|usuarios?|utilisateurs?|utenti|members?|contacts?|employees?|patients?|persons?|people|staff|students?|teachers?|applicants?|candidates?|guests?|residents?|attendees|"
    r"participants|voters|drivers|doctors|nurses|mitarbeiter|patienten|personen|mieter|empleados?|pacientes?|personas?|employes?|"
    r"dipendenti|pazienti|funcionarios?|pracownicy|pacjenci|medewerkers|сотрудники|пациенты|beneficiaries|policyholders?|insured)$"
)
"""Names of tables that hold people."""

_MOST_ROWS, _LONGEST_HEAD = 60, 600
_INSERT = re.compile(
    r"(?is)^.{0,20}?\binto\s+(?P<table>[^()\n]{1,80}?)\s*\((?P<head>[^()]{1,600})\)\s*(?:output\b[^()]{0,80})?values\s*"
)
_COPY = re.compile(r"(?i)^copy\s+(?P<table>[\w.\"]{1,80})\s*\((?P<head>[^()]{1,600})\)\s+from\s+stdin[^\n]*\n")
_CELL = re.compile(r"'(?:[^'\\\n]|''|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|[^,()'\"\n]+")
_WIDE = re.compile(r"\S+(?: \S+)*")
_PAGE_ROW = re.compile(r"(?is)<tr\b.*?(?=<tr\b|</table|$)")
_PAGE_CELL = re.compile(r"(?is)<t[hd]\b[^>]{0,200}>\s*(.*?)\s*(?=</?t[hdr]\b|$)")
_RULE = re.compile(r"^[\s|+:=\-─┼│]*$")
_NO_HEAD = re.compile(r"^(?!\|).*[()]|[{}=<>]|://")
_ROSTER = re.compile(
    r"[ \t]{0,8}(?:[-*•–]|\d{1,3}[.)])[ \t]{1,4}[^\W\d_]|[^\n]{0,60}[^\W\d_] {2,}[^\W\d_]|[^\n]{0,60}[|\t]"
)
_CREDITS = re.compile(r"(?i)author|credits|contributor|maintainer|thanks|reviewed")
_ROSTER_CELL = re.compile(
    r"(?:^[ \t]{0,8}(?:[-*•–]|\d{1,3}[.)])[ \t]{1,4}|[ \t|]{2}|\t|\| ?)"
    r"([^\W\d_][^\s|]*(?: [^\W\d_][^\s|]*){1,4})(?=\s{2}|\s?\||\t|\s*$|,| \(| [-–] )"
)
_TAG = re.compile(r"<[^>]{0,80}>")


def table_names(text: str) -> Iterator[Span]:
    """The names in a table whose first line is its head: CSV, TSV, Markdown, or what a database prints."""
    yield from _table(text, lambda heads: _name_columns(heads, table=""))


def table_addresses(text: str) -> Iterator[Span]:
    """The addresses in such a table."""
    yield from _table(text, _address_columns)


def insert_names(text: str) -> Iterator[Span]:
    """The names in the rows of an SQL statement that inserts or copies."""
    for pattern, rows in ((_INSERT, _tuples), (_COPY, _tabbed)):
        head = pattern.match(text)
        if head is not None:
            heads = [each.strip().strip('"`[]') for each in head["head"].split(",")]
            yield from _passing(rows(text, head.end()), _name_columns(heads, _table_name(head["table"])))
            return


def list_names(text: str) -> Iterator[Span]:
    """The names in a list with a name on each line, or in a grid with names in its cells, as rosters are."""
    lines: list[Cell] = []
    at = 0
    if _CREDITS.search(text):
        return
    for line in text.split("\n"):
        cells = [(at + cell.start(1), cell[1]) for cell in _ROSTER_CELL.finditer(line)] if _ROSTER.match(line) else []
        lines += [(start, value) for start, value in cells if person(value)]
        at += len(line) + 1
    sure = [cell for cell in lines if person_strict(cell[1])]
    if len(lines) > 1 and len(sure) * 2 >= len(lines):
        yield from ((start, start + len(value)) for start, value in lines)


def page_names(text: str) -> Iterator[Span]:
    """The names in a table of a web page."""
    head, _, _ = text.partition("</tr>")
    columns = _name_columns([_TAG.sub("", cell[1]) for cell in _PAGE_CELL.finditer(head)], table="")
    rows = (
        [(cell.start(1), cell[1]) for cell in _PAGE_CELL.finditer(text, *row.span())]
        for row in _PAGE_ROW.finditer(text, len(head))
    )
    yield from _passing(rows, columns)


def _table(text: str, choose: Callable[[Sequence[str]], dict[int, Column]]) -> Iterator[Span]:
    """The cells below every line that is the head of such a table."""
    at = 0
    lines = text.split("\n")
    for line, below in pairwise(lines):
        usual = 2 < len(line) <= _LONGEST_HEAD and _may_head(line, below) and not _NO_HEAD.search(line)
        heads, delimiter = _head_of(line) if usual else ([], "")
        columns = choose(heads) if heads else {}
        at += len(line) + 1
        if columns:
            yield from _passing(_rows(text, at, delimiter, len(heads)), columns)


def _may_head(line: str, below: str) -> bool:
    """Whether a line and the one below could be a head and its first row: told by counting, before cells are made."""
    delimiter = _delimiter(line)
    if delimiter == " ":
        return "  " in line and "  " in below
    return abs(line.count(delimiter) - below.count(delimiter)) <= 1 or bool(_RULE.match(below))


def _delimiter(line: str) -> str:
    for each in "|\t;,":
        if each in line:
            return each
    return " "


def _head_of(line: str) -> tuple[list[str], str]:
    """The cells of a line that may be a table's head, and what parts them."""
    delimiter = _delimiter(line)
    heads = [value.strip().strip("\"'*") for _, value in _cells(line, 0, delimiter)]
    return (heads if len(heads) > 1 or delimiter == "|" else []), delimiter


def _rows(text: str, at: int, delimiter: str, width: int) -> Iterator[list[Cell]]:
    """The rows below a head, until a line is no row."""
    for line in text[at:].split("\n")[:_MOST_ROWS]:
        if not line.strip():
            return
        if not _RULE.match(line):
            cells = list(_cells(line, at, delimiter))
            if abs(len(cells) - width) > 1:
                return
            yield cells
        at += len(line) + 1


def _tabbed(text: str, at: int) -> Iterator[list[Cell]]:
    for line in text[at:].split("\n")[:_MOST_ROWS]:
        yield list(_cells(line, at, "\t"))
        at += len(line) + 1


def _tuples(text: str, at: int) -> Iterator[list[Cell]]:
    """The same for `(…), (…)`."""
    for row in re.finditer(r"\((?:[^()'\"]|'(?:[^'\\]|''|\\.)*'|\"[^\"]*\"|\([^()]*\))*\)?", text[at:]):
        yield [(at + row.start() + cell.start(), cell[0]) for cell in _CELL.finditer(row[0]) if cell[0].strip()]


def _passing(rows: Iterator[list[Cell]], columns: dict[int, Column]) -> Iterator[Span]:
    """The spans of the cells that their columns choose."""
    filled: dict[int, list[Cell]] = {column: [] for column in columns}
    for cells in rows if columns else ():
        for column, found in filled.items():
            if column < len(cells):
                found += _bare(*cells[column])
    for column, choose in columns.items():
        yield from ((start, start + len(value)) for start, value in choose(filled[column]))


def _bare(start: int, cell: str) -> Iterator[Cell]:
    """A cell without blanks and quotes; none where nothing is left."""
    value = cell.strip().lstrip("N").strip("\"'*") if cell.strip()[:2] == "N'" else cell.strip().strip("\"'*")
    value = value.strip()
    if value:
        yield start + cell.find(value), value


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
    if '"' not in plain and "'" not in plain:
        for cell in plain[start:].split(delimiter):
            yield at + start, cell
            start += len(cell) + 1
        return
    quote = ""
    for index in range(start, len(plain) + 1):
        letter = plain[index : index + 1]
        if letter in ('"', "'") and (quote == letter or (not quote and not plain[start:index].strip())):
            quote = "" if quote else letter
        if not letter or (letter == delimiter and not quote):
            yield at + start, plain[start:index]
            start = index + 1


def _table_name(written: str) -> str:
    return written.rpartition(".")[2].strip('"`[]')


def _name_columns(heads: Sequence[str], table: str) -> dict[int, Column]:
    """Which columns hold names, and which of their cells."""
    said = [said_by(each) for each in heads]
    if not any(said) or any("".join(plain(each)) in _TECHNICAL for each in heads):
        return {}
    people = _of_people(table) or any(_PERSONAL.search("".join(plain(each))) for each in heads)
    alone = len(heads) == 1
    return {at: _column(what, people, alone, bool(table)) for at, what in enumerate(said) if what != NONE}


def _column(what: str, people: bool, alone: bool, named: bool) -> Column:
    """How to choose the cells of such a column. `named`: the table has a name, and it is no word for people."""
    if what == PART:
        return _each(_either)
    if what in (FULL, ROLE) and not alone:
        return _each(_anybody if what == FULL else person)
    if what == BARE and people:
        return _each(_anybody)
    if what == BARE and named:
        return _mostly(person_first, least=2)
    return _mostly(person_strict, least=4)


def _each(check: Callable[[str], bool]) -> Column:
    return lambda cells: [cell for cell in cells if check(cell[1])]


def _mostly(check: Callable[[str], bool], least: int) -> Column:
    """Where one in `least` cells passes, all that look like names are names."""

    def choose(cells: Sequence[Cell]) -> Sequence[Cell]:
        sure = [cell for cell in cells if check(cell[1])]
        return [cell for cell in cells if person(cell[1])] if sure and len(sure) * least >= len(cells) else ()

    return choose


def _anybody(value: str) -> bool:
    """A whole name, or a given name alone."""
    return person(value) or given(value)


def _either(value: str) -> bool:
    return first_name(value) or person(value)


def _of_people(table: str) -> bool:
    return bool(table) and (bool(_PEOPLE.search(table)) or said_by(table) in (ROLE, FULL))


def _address_columns(heads: Sequence[str]) -> dict[int, Column]:
    people = any(said_by(each) or _PERSONAL.search("".join(plain(each))) for each in heads)
    return {at: _each(address) for at, head in enumerate(heads) if "".join(plain(head)) in _ADDRESS_HEADS and people}


def account_numbers(text: str) -> Iterator[Span]:
    """The account number that a text begins with, however its characters are grouped."""
    end, left = 0, IBAN_LENGTHS.get("".join(each for each in text[:4] if each.isalnum())[:2].upper(), 0)
    while left and end < len(text):
        left -= text[end].isalnum()
        end += 1
    if end and iban(text[:end]):
        yield 0, end


def table_phones(text: str) -> Iterator[Span]:
    """The telephone numbers in a column for them."""
    yield from _table(text, lambda heads: _columns(heads, _PHONES, national))


def table_insurance(text: str) -> Iterator[Span]:
    """The social security numbers in a column for them."""
    yield from _table(text, lambda heads: _columns(heads, _INSURANCE, us_ssn))


def _columns(heads: Sequence[str], known: frozenset[str], check: Callable[[str], bool]) -> dict[int, Column]:
    return {at: _each(check) for at, head in enumerate(heads) if "".join(plain(head)) in known}


PARTS: dict[str, Callable[[str], Iterator[Span]]] = {
    each.__name__: each
    for each in (
        account_numbers,
        table_insurance,
        table_phones,
        field_names,
        insert_names,
        list_names,
        page_names,
        table_addresses,
        table_names,
    )
}
"""What a row's `parts` may name."""
