"""Kinds beyond secrets, where it is hard: other languages, tables, near misses, and words that only talk about them."""

from __future__ import annotations

from pathlib import Path

import pytest

import aqe_desktop.privacy
from aqe_desktop.privacy.checks import CHECKS
from aqe_desktop.privacy.rule import read_rules
from aqe_desktop.privacy.scanner import Scanner

FILES = ("identity", "infrastructure", "markers", "people", "personal")


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    folder = Path(aqe_desktop.privacy.__file__).with_name("rules")
    scanner = Scanner(read_rules({each: (folder / f"{each}.toml").read_text("utf-8") for each in FILES}), CHECKS)
    scanner.compile()
    return scanner


def found(scanner: Scanner, text: str, name: str = "") -> list[tuple[str, str]]:
    """Kinds and texts of what decides."""
    return [(each.kind, text[each.start : each.end]) for each in scanner.scan(text, name=name) if each.binding]


PRIVATE = [
    ("pii-name", "id;Nachname;Vorname;Geburtsdatum\n7;Krause;Ursula;1970-01-01\n", "Krause"),
    ("pii-name", "| Name | Telefon |\n|------|---------|\n| Zofia Nowak | x |\n", "Zofia Nowak"),
    ("pii-name", "名前,年齢,住所\n佐藤 花子,34,x\n", "佐藤 花子"),
    ("pii-name", "Имя\tВозраст\nОльга Смирнова\t41\n", "Ольга Смирнова"),
    (
        "pii-name",
        " id |   full_name    | salary\n----+----------------+-------\n  1 | Chidi Anagonye |  5000\n",
        "Chidi Anagonye",
    ),
    ("pii-name", "Patient          DOB         Ward\nOlga Lindberg    1980-01-01  3\n", "Olga Lindberg"),
    ("pii-name", "<tr><th>Name</th><th>E-mail</th></tr>\n<tr><td>Olga Lindberg</td><td>x</td></tr>", "Olga Lindberg"),
    (
        "pii-name",
        "INSERT INTO kunden (id, nachname, ort) VALUES\n(1, 'Krause', 'Bonn'),\n(2, 'Yılmaz', 'Köln');",
        "Yılmaz",
    ),
    ("pii-name", "COPY public.patients (id, name, ward) FROM stdin;\n4\tAoife Byrne\t3\n\\.\n", "Aoife Byrne"),
    ("pii-name", '[{"id": 4, "name": "Ngozi Okafor", "email": null}]', "Ngozi Okafor"),
    ("pii-name", "$user = ['name' => 'Ngozi Okafor', 'phone' => null];", "Ngozi Okafor"),
    ("pii-name", "patients:\n  - Carmen Ortega Ruiz\n  - x\n", "Carmen Ortega Ruiz"),
    ("pii-name", "Patientin: Ayşe Yılmaz, Station 4", "Ayşe Yılmaz"),
    ("pii-name", "Sehr geehrter Herr Dr. Krause,\n\nanbei", "Krause"),
    ("pii-name", "Bien à vous,\n\nÉlodie Lefèvre", "Élodie Lefèvre"),
    ("pii-name", "<customer><firstName>Aoife</firstName><lastName>Byrne</lastName></customer>", "Aoife"),
    ("pii-address", "name,street,ort\nOlga Lindberg,Lindenweg 7,Bonn\n", "Lindenweg 7"),
    ("pii-address", "Anschrift: Lindenstraße 7, 53111 Bonn", "Lindenstraße 7, 53111 Bonn"),
    ("pii-address", "ship it to 14 Elm Street, Dayton, OH 45402 please", "14 Elm Street, Dayton, OH 45402"),
    ("pii-email", "mailto:jana.nováková@firma.cz", "jana.nováková@firma.cz"),
    ("pii-email", "reach me at jana [at] firma [dot] cz", "jana [at] firma [dot] cz"),
    ("phone", "Tél. : 06 12 34 56 78", "06 12 34 56 78"),
    ("phone", "mi móvil es 612 345 678, llámame", "612 345 678"),
    ("phone", "手机号：13812345678", "13812345678"),
    ("phone", "тел. 8 (912) 345-67-89", "8 (912) 345-67-89"),
    ("iban", "Bitte auf DE89 3704 0044 0532 0130 00 überweisen", "DE89 3704 0044 0532 0130 00"),
    ("credit-card", "номер карты 4111 1111 1111 1111", "4111 1111 1111 1111"),
    ("ssn", "her SSN is 219-09-9999.", "219-09-9999"),
    ("national-id", "NIE del cliente: X1234567L", "X1234567L"),
    ("national-id", "身份证号 11010519491231002X", "11010519491231002X"),
    ("private-ip", "upstream { server 10.42.17.8:8080; }", "10.42.17.8"),
    ("private-ip", "inet6 fd12:3456:789a:1::1/64", "fd12:3456:789a:1::1"),
    ("internal-host", "could not resolve host: build-32.lan", "build-32.lan"),
    ("internal-host", "see https://wiki.intranet.globex.net/x", "https://wiki.intranet.globex.net"),
    ("internal-host", "redis://cache.prod.svc.cluster.local:6379/0", "redis://cache.prod.svc.cluster.local"),
    ("internal-host", "copy to \\\\fs01\\finance\\q3.xlsx", "\\\\fs01\\finance\\q3.xlsx"),
    ("internal-host", "deploy@web-prod-03:~$ systemctl restart x", "deploy@web-prod-03"),
    ("internal-host", "registry=https://npm.globex.io/", "https://npm.globex.io/"),
    ("confidential-header", "// UMBRELLA CONFIDENTIAL\nint x;", "UMBRELLA CONFIDENTIAL"),
    ("confidential-header", "# Streng vertraulich - nur für den internen Gebrauch\n", "Streng vertraulich"),
    ("confidential-header", "/* Confidentiel – ne pas diffuser */", "Confidentiel"),
    ("confidential-header", "-- Строго конфиденциально\nselect 1", "Строго конфиденциально"),
    ("confidential-header", "# 社外秘\n", "社外秘"),
    ("confidential-header", '"""Poufne. Do użytku wewnętrznego."""', "Poufne"),
    ("confidential-header", '{"name": "@x/y", "license": "UNLICENSED"}', '"license": "UNLICENSED"'),
]

CLEAN = [
    "sku,name,qty\n1,Blue Widget,3\n2,Garden Hose,1\n",
    "INSERT INTO products (name, price) VALUES ('Blue Widget', 3)",
    "class Customer(Person):\n    name = models.CharField(max_length=4)\n    phone = models.CharField(max_length=9)\n",
    "Dear Sir or Madam,",
    "Name: Text Editor\nVersion: 1.2",
    "NAME     READY   STATUS    AGE\nweb-1    1/1     Running   3d\n",
    "OAuth 2.0 knows confidential clients and public clients.",
    "What does 'confidential computing' mean on AMD SEV?",
    "CLIENT_CONFIDENTIAL = 'confidential'",
    "This function is for internal use only; call run() instead.",
    "Copyright (c) 2024 The Authors. All rights reserved.\nRedistribution and use in source and binary forms",
    "SPDX-License-Identifier: Apache-2.0",
    "import com.acme.internal.Foo;\nfrom pkg.internal import x\nself.local = threading.local()",
    "pip install requests==10.0.3.17 # version 10.0.3.17",
    "Windows 10.0.19041.1 Chrome/120.10.1.10",
    "bind 0.0.0.0:80, dns 8.8.8.8, docs 192.0.2.7, loop 127.0.0.1, 10.0.0.0/8",
    "http://localhost:8080 http://example.com:8080 s3://bucket-1/key host.docker.internal",
    "pip install --index-url https://pypi.org/simple x",
    "git@github.com:pallets/flask.git user@example.com logo@2x.png @pytest.fixture",
    "order=3151798477 ts=1718700832154 amount=622.67 ean=7457480556739",
    "0.4111111111111111 + 44111111111111114",
    '"\\\\alpha\\\\beta" r"\\d+\\w+" "\\u6c49\\u8bed"',
    "2024-01-02 03:04:05 00:00:12 01 02 03 04 05 06 07",
    "Write a regex to match US phone numbers like 123-456-7890.",
    "const user = { name: 'John Doe', role: 'admin' };",
]


@pytest.mark.parametrize(("kind", "text", "value"), PRIVATE)
def test_what_is_private_is_found_where_it_stands(scanner: Scanner, kind: str, text: str, value: str) -> None:
    assert any(kind == each and value in part for each, part in found(scanner, text)), found(scanner, text)


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_it_does_not_decide(scanner: Scanner, text: str) -> None:
    assert found(scanner, text) == []


def test_a_table_tells_every_name_and_nothing_else(scanner: Scanner) -> None:
    text = 'id,name,city,email\n1,Olga Lindberg,New York,x\n2,"Byrne, Aoife",Cork,y\n\nNew York,Ngozi Okafor\n'
    assert found(scanner, text) == [("pii-name", "Olga Lindberg"), ("pii-name", "Byrne, Aoife")]


@pytest.mark.parametrize(
    "line",
    [
        "# Copyright 2019 Jana Novak <jana@firma.cz>",
        " * @author Jana Novak <jana@firma.cz>",
        'authors = [{ name = "Jana Novak", email = "jana@firma.cz" }]',
        "Signed-off-by: Jana Novak <jana@firma.cz>",
        " -- Jana Novak <jana@firma.cz>  Mon, 01 Jan 2024 10:00:00 +0100",
        "# Jana Novak <jana@firma.cz>, 2019",
    ],
)
def test_an_address_in_a_line_of_credit_is_a_hint(scanner: Scanner, line: str) -> None:
    mails = [each for each in scanner.scan(line) if each.kind == "pii-email"]
    assert [each.binding for each in mails] == [False]


def test_a_file_of_credits_makes_its_addresses_hints(scanner: Scanner) -> None:
    text = "Jana Novak <jana@firma.cz>\n"
    assert found(scanner, text) == [("pii-email", "jana@firma.cz")]
    assert found(scanner, text, name="docs/AUTHORS.rst") == []


def test_an_address_that_every_router_has_is_a_hint(scanner: Scanner) -> None:
    assert [each.binding for each in scanner.scan("gateway 192.168.1.1")] == [False]


def test_long_runs_of_what_rules_look_for_end(scanner: Scanner) -> None:
    for run in ("name," * 40_000, "1 " * 100_000, "a@" * 100_000, "a." * 100_000, "\\\\a" * 60_000, "A b " * 50_000):
        scanner.scan(run + "\n" + run)
