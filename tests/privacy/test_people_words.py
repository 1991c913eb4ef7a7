"""Heads of columns and fields in many languages, and tables of people by them."""

from __future__ import annotations

import pytest

from aqe_desktop.privacy.fields import field_names
from aqe_desktop.privacy.people_words import BARE, FULL, NONE, PART, ROLE, WEAK, said_by
from aqe_desktop.privacy.tables import insert_names, list_names, table_names

HEADS = [
    ("Imię i nazwisko", FULL),
    ("Nombre del cliente", FULL),
    ("Name des Mitarbeiters", FULL),
    ("customerName", FULL),
    ("Müşteri Adı", FULL),
    ("اسم العميل", FULL),
    ("氏名", FULL),
    ("担当者名", FULL),
    ("Họ và tên", FULL),
    ("ชื่อลูกค้า", FULL),
    ("имя клиента", FULL),
    ("Фамилия", PART),
    ("achternaam", PART),
    ("Klient", ROLE),
    ("الاسم", BARE),
    ("pet name", WEAK),
    ("file_name", NONE),
    ("product name", NONE),
    ("status", NONE),
]


@pytest.mark.parametrize(("head", "says"), HEADS)
def test_a_head_says_what_its_column_holds(head: str, says: str) -> None:
    assert said_by(head) == says


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("| Imię i nazwisko | Urlop |\n|---|---|\n| Małgorzata Wiśniewska | 12 |", "Małgorzata Wiśniewska"),
        ("الاسم,المدينة\nفاطمة الزهراء بنعلي,طنجة", "فاطمة الزهراء بنعلي"),
        ("社員番号\t氏名\n1042\t佐藤 美咲", "佐藤 美咲"),
        ("नाम,पद\nराहुल शर्मा,लिपिक", "राहुल शर्मा"),
        ("Ügyfél neve;Város\nNagy Katalin;Pécs", "Nagy Katalin"),
    ],
)
def test_a_table_in_any_language_tells_its_names(table: str, name: str) -> None:
    assert [table[start:end] for start, end in table_names(table)] == [name]


def test_one_common_name_in_a_column_tells_of_the_others() -> None:
    table = "name,points\nOlga Lindberg,3\nXhemal Berisha,4\n"
    assert [table[start:end] for start, end in table_names(table)] == ["Olga Lindberg", "Xhemal Berisha"]


def test_ships_are_no_people() -> None:
    text = "INSERT INTO ship (name, launched) VALUES ('Queen Mary', 1934), ('Santa Maria', 1460)"
    assert list(insert_names(text)) == []


def test_a_roster_tells_its_names_and_a_list_of_credits_does_not() -> None:
    roster = "Teilnehmer:\n- Torben Kowalczyk\n- Giulia Novotná\n"
    assert [roster[start:end] for start, end in list_names(roster)] == ["Torben Kowalczyk", "Giulia Novotná"]
    assert list(list_names("Authors:\n- Torben Kowalczyk\n- Giulia Novotná\n")) == []


def test_a_field_of_people_tells_all_of_its_names() -> None:
    text = 'attendees: ["Olga Lindberg", "Carmen Ortega"]'
    assert [text[start:end] for start, end in field_names(text)] == ["Olga Lindberg", "Carmen Ortega"]
