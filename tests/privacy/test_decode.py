"""What is written in another form is read, one level deep, and shown where it stands."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from aqe_desktop.privacy.scanner import Scanner

SECRET = "password = 'Kx7!mQ2#vRt9'"
TOKEN = "ghp_" + "a8Kd0Lq2Zx" * 3 + "7Tm4Rp"


def placed(scanner: Scanner, text: str) -> list[str]:
    return [text[each.start : each.end] for each in scanner.scan(text) if each.binding]


def b64(text: str, encoding: str = "utf-8") -> str:
    return base64.b64encode(text.encode(encoding)).decode()


WRAPPED = "\n".join(b64(SECRET * 6)[at : at + 64] for at in range(0, len(b64(SECRET * 6)), 64))


@pytest.mark.parametrize(
    "form",
    [
        b64(SECRET),
        b64(SECRET).rstrip("="),
        base64.urlsafe_b64encode(f"{SECRET}???>>>".encode()).decode(),
        b64(SECRET, "utf-16-le"),
        b64(f"{SECRET}, Grüße"),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        "0x" + SECRET.encode().hex(),
    ],
    ids=["base64", "unpadded", "url-safe", "two bytes a letter", "beyond ASCII", "hex", "HEX", "0x"],
)
@pytest.mark.parametrize("around", ["{}", "data: {}\n", '"x": "{}",', "é😀 ({})"])
def test_base64_and_hex_are_read_and_shown_as_a_whole(scanner: Scanner, form: str, around: str) -> None:
    text = around.format(form)
    found = placed(scanner, text)
    assert len(found) == 1
    assert found[0].strip("=") in form
    assert len(found[0].strip("=")) >= len(form.strip("=").removeprefix("0x"))


def test_base64_of_several_lines_is_one(scanner: Scanner) -> None:
    assert placed(scanner, f"body:\n{WRAPPED}\nend")
    assert placed(scanner, "body: " + WRAPPED.replace("\n", "\\n") + "\\nend")


def test_what_is_no_text_is_not_read(scanner: Scanner) -> None:
    image = base64.b64encode(bytes(range(256)) * 40).decode()
    assert placed(scanner, f"data:image/png;base64,{image}") == []


def test_only_one_level_is_decoded(scanner: Scanner) -> None:
    assert "password-assign" in {each.kind for each in scanner.scan(f"x {b64(SECRET)} y")}
    assert "password-assign" not in {each.kind for each in scanner.scan(f"x {b64(b64(SECRET))} y")}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"x={quote(SECRET)}&y=1", "Kx7%21mQ2%23vRt9"),
        ("".join(f"\\x{ord(each):02x}" for each in TOKEN), None),
        ("".join(f"\\u{ord(each):04x}" for each in TOKEN), None),
        ("".join(f"\\{ord(each):03o}" for each in TOKEN), None),
        (json.dumps({"body": json.dumps({"password": "Kx7!mQ2#vRt9"})}), "Kx7!mQ2#vRt9"),
    ],
    ids=["percent", "hex escapes", "unicode escapes", "octal", "JSON in JSON"],
)
def test_escapes_are_read_and_shown_letter_by_letter(scanner: Scanner, text: str, shown: str | None) -> None:
    for before in ("", "é😀 "):
        assert placed(scanner, before + text) == [text if shown is None else shown]


@pytest.mark.parametrize(
    "text", ["password = &quot;Kx7!mQ2#vRt9&quot; x", "<b>password&#61;&#34;Kx7!mQ2#vRt9&#34;</b>"]
)
def test_entities_are_read(scanner: Scanner, text: str) -> None:
    assert "Kx7!mQ2#vRt9" in placed(scanner, text)[0]


LINE = f"use {TOKEN} ok"
RAW = LINE.encode()


def dump(form: str, between: str) -> str:
    rows = [RAW[at : at + 16] for at in range(0, len(RAW), 16)]
    shown = ["".join(chr(each) if 32 < each < 127 else "." for each in row) for row in rows]
    pairs = (
        (number * 16, row.hex(" ", int(between)), told)
        for number, (row, told) in enumerate(zip(rows, shown, strict=True))
    )
    return "\n".join(form.format(*each) for each in pairs)


@pytest.mark.parametrize(
    "form",
    [
        dump("{0:08x}: {1:<39}  {2}", "-2"),
        dump("{0:08x}  {1:<48} |{2}|", "1"),
        RAW.hex(" "),
        RAW.hex(":"),
        ", ".join(f"0x{each:02x}" for each in RAW),
        ",\n    ".join(f"0x{each:02X}" for each in RAW),
        ", ".join(str(each) for each in RAW),
        " ".join(str(each) for each in RAW),
        "".join(f"&#{each};" for each in RAW),
        "".join(f"&#x{each:x};" for each in RAW),
        "".join(f"\\u{{{each:x}}}" for each in RAW),
        base64.b32encode(RAW).decode(),
        base64.b32encode(RAW).decode().rstrip("="),
    ],
)
@pytest.mark.parametrize("around", ["{}", "é data:\n{}\n"])
def test_text_as_numbers_is_read(scanner: Scanner, form: str, around: str) -> None:
    text = around.format(form)
    (found,) = placed(scanner, text)
    assert found.strip() in text


@pytest.mark.parametrize(
    "text",
    [
        ", ".join(str(number) for number in range(32, 127)),
        ", ".join(f"0x{number:02x}" for number in range(256)),
        "20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40",
        "00000000: 7f45 4c46 0201 0100 0000 0000 0000 0000  .ELF............",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "aa:bb:cc:dd:ee:ff:11:22:33:44:55:66:77:88:99:00",
    ],
)
def test_numbers_that_are_no_text_are_nothing(scanner: Scanner, text: str) -> None:
    assert placed(scanner, text) == []


@pytest.mark.parametrize(
    "seam",
    ['" + "', "' + '", '" . "', '" .. "', '" & "', '" || "', '"\n    "', '" \\\n  "', '" +\n   "', '"\n  + "', "\\\n"],
)
def test_a_split_text_is_joined_and_shown_with_its_seam(scanner: Scanner, seam: str) -> None:
    quote_mark = seam[0] if seam[0] != "\\" else '"'
    for at in (4, 6, 20):
        text = f"key = {quote_mark}{TOKEN[:at]}{seam}{TOKEN[at:]}{quote_mark};"
        assert placed(scanner, text) == [f"{TOKEN[:at]}{seam}{TOKEN[at:]}"], seam


def test_an_array_that_is_joined_is_one_text(scanner: Scanner) -> None:
    parts = [TOKEN[:7], TOKEN[7:19], TOKEN[19:]]
    assert placed(scanner, f'{json.dumps(parts)}.join("")') == ['", "'.join(parts)]
    assert placed(scanner, f'"".join({json.dumps(parts)})') == ['", "'.join(parts)]


def test_plain_text_beside_it_is_not_moved(scanner: Scanner) -> None:
    text = f"é {b64(SECRET)} then {SECRET} then %41%42%43 done"
    assert placed(scanner, text) == [b64(SECRET), "Kx7!mQ2#vRt9"]


@pytest.mark.parametrize(
    "form",
    [
        'paste0("{}", "{}")',
        'concat!("{}", "{}")',
        "CONCAT('{}','{}')",
        '"{}" ++ "{}"',
        '"{}" << "{}"',
        '"{}".concat("{}")',
        'new StringBuilder("{}").append("{}")',
        'String.format("%s%s", "{}", "{}")',
        'strings.Join([]string{{"{}", "{}"}}, "")',
        "implode('', ['{}', '{}'])",
        "[\n  '{}',\n  '{}'\n].join('')",
        'key = "{}"\nkey += "{}"',
        'const a = "{}";\nconst b = "{}";',
        '"{}" & _\n  "{}"',
    ],
)
def test_strings_that_languages_put_together_are_one(scanner: Scanner, form: str) -> None:
    assert placed(scanner, form.format(TOKEN[:14], TOKEN[14:])) != []


def test_what_a_list_is_joined_with_stands_between_its_pieces(scanner: Scanner) -> None:
    parts = ", ".join(f'"{part}"' for part in ("sk", "or", "v1", "0123456789abcdef" * 2 + "fd40c29871be6a53" * 2))
    assert placed(scanner, f'[{parts}].join("-")') != []


@pytest.mark.parametrize("before", ["Bearer%20", "k%3D", "\\u0022", '\\"', "&quot;", "a\\n", "\\x22", "/bot"])
def test_a_token_right_behind_an_escape_is_found(scanner: Scanner, before: str) -> None:
    token = "7429172334:AA" + "rWzCZWl_u94mHSiU14oZPnoUjJGXwQQRw" if before == "/bot" else TOKEN
    assert placed(scanner, f"x {before}{token} y") != []
