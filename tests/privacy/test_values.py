"""Secrets from what only stands in their place: by the value alone."""

from __future__ import annotations

import pytest

from aqe_desktop.privacy.placeholders import is_placeholder, is_reference, is_trivial
from aqe_desktop.privacy.randomness import changes, entropy, is_random
from aqe_desktop.privacy.values import VALUES


@pytest.mark.parametrize(
    "value",
    [
        "your_password",
        "<your token>",
        "${API_KEY}",
        "{{ api_key }}",
        "$PASSWORD",
        "changeme",
        "REPLACE_ME",
        "xxxxxxxxxxxx",
        "********",
        "sk-...",
        "INSERT_TOKEN_HERE",
        "%(password)s",
        "example-token",
        "YourSecretKey",
        "#{password}",
        "vault:secret/db#pw",
        "ENC[abc]",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "$2b$12$abcdefghijk",
        "********1234",
    ],
)
def test_a_placeholder_is_none(value: str) -> None:
    assert is_placeholder(value)
    assert not VALUES["password"](value)
    assert not VALUES["secret"](value)


@pytest.mark.parametrize(
    "value", ["Kx7!mQ2#vRt9", "purple-monkey-dish-washer", "P@ssmonkey58", "my-p4ss!Wq82kd", "monkey3958"]
)
def test_what_a_person_chose_is_a_password(value: str) -> None:
    assert not is_placeholder(value)
    assert VALUES["password"](value)


@pytest.mark.parametrize(
    "value",
    [
        "user.password",
        "getPassword()",
        "settings.DB_PASSWORD1",
        "/etc/passwd1",
        "password2",
        "sha256",
        "utf8",
        "1.2.3",
        "2024-01-31",
        "./keys/id_rsa.pem",
        "Enter your password",
        "Passwort",
        "self->pw1",
        "pbkdf2_sha256",
        "#login-pw2",
        "scram-sha-256",
        "required|min:10|confirmed",
        "Contrase\\u00f1a",
        "Contrase&ntilde;a",
    ],
)
def test_a_piece_of_code_or_a_label_is_no_password(value: str) -> None:
    assert not VALUES["password"](value)


@pytest.mark.parametrize("value", ["abc123", "secret123", "mypassword", "guest", "1234", "foobar123", "abcd1234"])
def test_what_every_manual_writes_is_trivial(value: str) -> None:
    assert is_trivial(value)
    assert not VALUES["password"](value)


@pytest.mark.parametrize(
    "value",
    [
        "v5JnvV5ynh0orpnUCECW8185aEKFbhsuQKb",
        "28517f2b30b34b4e765bc9871cbea264",
        "tkRpat9jWYl2mZkjnyjXMLURe+KK/jCEhzAr7J=",
        "zmo809ghqqjugm2k8vxi",
        "3f2b8c1e-9d4a-4f6b-8e2c-1a7d5c9b0e3f",
    ],
)
def test_what_a_machine_drew_is_random(value: str) -> None:
    assert is_random(value)
    assert VALUES["secret"](value)


@pytest.mark.parametrize(
    "value",
    [
        "test_SubstForFractionalPowerOfLinear",
        "getElementsByClassNameFromDocument",
        "0006_require_contenttypes_0002",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "abcdefghijklmnop0123456789",
        "some_function_name_that_is_long",
        "createdAtDescending2",
    ],
)
def test_names_and_sequences_are_not_random(value: str) -> None:
    assert not VALUES["secret"](value)


def test_references_are_told_from_values() -> None:
    assert is_reference("process.env.TOKEN")
    assert is_reference("https://example.com/reset")
    assert not is_reference("https://bob:Kx7mQ2@example.com")


def test_entropy_and_changes_measure_what_they_say() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
    assert changes("aB1c") == 1
    assert changes("abcd") == 0


_BODY = "MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQwwHAQI"


@pytest.mark.parametrize("form", ["\n{}\n{}...", "{}", "\\n{}\\n", "\n> {}\n> {}\n", "\n// {}\n", '", "{}", "'])
def test_a_private_key_counts_also_where_it_is_cut_or_quoted(form: str) -> None:
    assert VALUES["pem"]("-----BEGIN PRIVATE KEY-----" + form.format(_BODY, _BODY))


@pytest.mark.parametrize(
    "body", ["\nMIIEpAIBAAKCAQEA...\n", "\n<your key>\n", "') { return parseThePrivateKeyFrom(text2); }"]
)
def test_the_head_of_a_private_key_alone_is_none(body: str) -> None:
    assert not VALUES["pem"]("-----BEGIN PRIVATE KEY-----" + body)


def test_a_value_amid_a_sentence_is_no_product() -> None:
    assert VALUES["lone-password"]("Kaffee5674!")
    assert not VALUES["lone-password"]("PostgreSQL16?")
    assert not VALUES["lone-password"]("Windows2019!")
    assert not VALUES["lone-password"]("SHA-256")
