"""Each validator says yes to a real form and no to its near miss: one digit, one letter, one range off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.privacy.checks import CHECKS

YES_AND_NO = [
    ("card", "4111 1111 1111 1111", "4111 1111 1111 1112"),
    ("card", "3782-822463-10005", "3782-822463-10006"),
    ("card", "2223003122003222", "2121003122003222"),
    ("card", "30569309025904", "122000000000003"),
    ("card_named", "122000000000003", "122000000000004"),
    ("card_named", "4222222222222", "4222222222223"),
    ("card_named", "5019717010103742", "0000000000000000"),
    ("iban", "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 33"),
    ("iban", "de89370400440532013000", "DE8937040044053201300"),
    ("iban", "MT84MALT011000012345MTLCAST001S", "XX84MALT011000012345MTLCAST001S"),
    ("us_ssn", "078-05-1120", "666-05-1120"),
    ("us_ssn", "219099999", "219-00-9999"),
    ("us_ssn", "536-90-4399", "123-45-6789"),
    ("us_itin", "912-70-1234", "912-69-1234"),
    ("uk_nino", "AB 12 34 56 C", "GB 12 34 56 C"),
    ("uk_nhs", "943 476 5919", "943 476 5918"),
    ("de_tax", "86 095 742 719", "86 095 742 718"),
    ("de_tax", "47036892816", "12345678901"),
    ("de_pension", "15 070649 C 103", "15 070649 C 104"),
    ("fr_nir", "2 55 08 14 168 025 38", "2 55 08 14 168 025 39"),
    ("fr_nir", "255081416802538", "200001416802538"),
    ("es_dni", "12345678Z", "12345678A"),
    ("es_dni", "X-1234567-L", "X-1234567-M"),
    ("it_fiscal", "RSSMRA85T10A562S", "RSSMRA85T10A562T"),
    ("pl_pesel", "44051401359", "44051401358"),
    ("nl_bsn", "111222333", "111222334"),
    ("be_register", "85.07.30-033.28", "85.07.30-033.29"),
    ("br_cpf", "529.982.247-25", "111.111.111-11"),
    ("cn_resident", "11010519491231002X", "110105194912310021"),
    ("in_aadhaar", "9999 4105 7058", "9999 4105 7059"),
    ("se_person", "811218-9876", "811318-9876"),
    ("no_birth", "13097248022", "13097248023"),
    ("day_first", "211062-5629", "411362-5629"),
    ("fi_person", "131052-308T", "131052-308U"),
    ("ch_ahv", "756.9217.0769.85", "756.9217.0769.86"),
    ("cz_birth", "736028/5163", "736028/5164"),
    ("ro_cnp", "1800101221144", "1800101221145"),
    ("tr_kimlik", "10000000146", "10000000147"),
    ("kr_resident", "900101-1234567", "901301-1234567"),
    ("jp_my", "1234 5678 9018", "1234 5678 9012"),
    ("cl_rut", "12.345.678-5", "12.345.678-6"),
    ("sg_nric", "S1234567D", "S1234567E"),
    ("tw_id", "A123456789", "A123456788"),
    ("il_id", "123456782", "123456783"),
    ("za_id", "8001015009087", "8013015009087"),
    ("ca_sin", "130 692 544", "130 692 545"),
    ("au_tax", "123 456 782", "123 456 783"),
    ("mx_curp", "HEGG560427MVZRRL04", "HEGG560427MVZRRL05"),
    ("pt_nif", "123456789", "123456780"),
    ("passport", "C01X00T47", "passport"),
    ("grouped", "503-085-896", "03-04-2026"),
    ("international", "+49 (0)151 23456789", "+49 12"),
    ("international", "0044 20 7946 0958", "+1 (098) 229-5467"),
    ("international", "+86 138 0013 8000", "+999 1234567"),
    ("north_american", "(415) 555-0132", "(115) 555-0132"),
    ("north_american", "225-259-1340", "555-555-5555"),
    ("national", "06 12 34 56 78", "1234567890"),
    ("national", "0171 2345678", "01 02 03 04 05"),
    ("mail", "priya.rao@web.de", "user@example.com"),
    ("mail", "a@xn--d1acufc.xn--p1ai", "logo@2x.png"),
    ("mail", "jana@firma.rs", "git@github.com"),
    ("mail", "jana.novak@firma.local", "app@settings.default"),
    ("mail", "x.y+news@mail.firm.co.uk", "me@mail.example.org"),
    ("spelled_mail", "anna [at] firma [dot] de", "name [at] example [dot] com"),
    ("private_v4", "10.42.17.8", "11.42.17.8"),
    ("private_v4", "172.31.4.9", "172.32.4.9"),
    ("private_v4", "192.168.77.4", "192.168.1.1"),
    ("usual_v4", "192.168.1.1", "10.0.0.0"),
    ("private_net", "10.79.127.0/24", "10.0.0.0/8"),
    ("private_net", "172.22.8.0/22", "192.168.1.0/24"),
    ("shared_v4", "100.101.22.7", "100.64.0.0"),
    ("local_v6", "fd12:3456:789a:1::1", "fe80::1"),
    ("internal_host", "db01.prod.internal", "host.docker.internal"),
    ("internal_host", "https://wiki.acme.corp/x", "com.acme.internal"),
    ("numbered_host", "build-agent-7", "my-host"),
    ("plain_host", "jenkins", "localhost"),
    ("private_registry", "https://nexus.firma.de/simple", "https://pypi.org/simple"),
    ("index_path", "https://nexus.firma.de/repository/x", "https://www.firma.de/team"),
    ("unc_host", "\\\\fs01\\finance", "\\\\u6c49\\u8bed"),
    ("unc_name", "\\\\nordsee\\projekte\\plan.xlsx", "\\\\hline\\textbf{x}"),
    ("company_host", "db1.prod.firma.de", "db1.prod.example.com"),
    ("header_line", "Vertraulich - nur intern", "the client is confidential when it can keep it"),
    ("header_words", "UMBRELLA CONFIDENTIAL", "NOT CONFIDENTIAL"),
    ("mark_line", "Poufne. Nie kopiować.", "Důvěrné informace chrání zákon."),
    ("mark_line", "機密", "What does confidential mean?"),
    ("short_mark", "Коммерческая тайна", "Obchodní tajemství upravuje § 504 zákona"),
    ("short_mark", "Poslovna tajna – nije za javnost", "Secretul comercial este definit de lege"),
    ("spaced_mark", "C O N F I D E N T I A L", "A B C D E F G"),
    ("spaced_mark", "D Ů V Ě R N É", "S T A R T E D"),
    ("person", "Zofia Wiśniewska-Nowak", "John Doe"),
    ("person", "佐藤 花子", "山田太郎"),
    ("person", "Ludwig van der Berg", "Text Editor"),
    ("person", "MARIA GARCIA", "BUILD AND TEST"),
    ("person_strict", "Olga Lindberg", "Blue Sky"),
    ("surname", "O'Brien", "Enterprise 4"),
    ("first_name", "Chidi", "Alice"),
    ("postal", "14 Elm Street, Dayton", "0x7ffe1234abcd"),
    ("address", "Via Roma 8, Bari", "10.0.0.1"),
    ("luhn", "79927398713", "79927398710"),
]


@pytest.mark.parametrize(("name", "yes", "no"), YES_AND_NO)
def test_a_validator_says_yes_to_a_form_and_no_to_its_near_miss(name: str, yes: str, no: str) -> None:
    assert CHECKS[name](yes)
    assert not CHECKS[name](no)


def test_every_validator_has_its_yes_and_its_no() -> None:
    assert {name for name, _, _ in YES_AND_NO} == set(CHECKS)


@given(st.text(max_size=40) | st.text(alphabet="0123456789-. XK²٣８éÑ", max_size=24))
def test_no_validator_fails_on_any_text(text: str) -> None:
    assert {check(text) for check in CHECKS.values()} <= {True, False}


@given(st.sampled_from([name for name, yes, _ in YES_AND_NO if yes.isdigit() and name in ("luhn", "ca_sin", "il_id")]))
def test_a_changed_digit_breaks_the_check(name: str) -> None:
    good = next(yes for each, yes, _ in YES_AND_NO if each == name)
    for at, digit in enumerate(good):
        changed = good[:at] + str((int(digit) + 1) % 10) + good[at + 1 :]
        assert not CHECKS[name](changed)
