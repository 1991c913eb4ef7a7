"""The judge itself: it must complain of each way in which sink and ledger can differ."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from aqe_desktop.core.ledger import GENESIS, Entry, Purpose, Row, RowKind, chained
from aqe_desktop.core.models import Zone
from tests.proof.judge import PURPOSES, Seen, holds, judge
from tests.proof.sink import answer_name

BODY = b"a body"
SHA = hashlib.sha256(BODY).hexdigest()
ENDS: Seen = {"source": "192.0.2.9", "from_port": 5000, "target": "192.0.2.1", "port": 443}
SYN: Seen = {"what": "syn", **ENDS, "first": 1}
REQUEST: Seen = {
    "what": "request",
    **ENDS,
    "connection": 1,
    "path": "/v1/chat/completions",
    "host": "cloud.test",
    "size": len(BODY),
    "sha256": SHA,
    "bytes": base64.b64encode(BODY).decode(),
}


def datagram(data: bytes, **changes: Any) -> Seen:
    ends = {"source": "192.0.2.9", "from_port": 6000, "target": "192.0.2.53", "port": 53, **changes}
    return {"what": "datagram", **ends, "bytes": base64.b64encode(data).decode()}


def asking(name: str, tail: bytes = b"\0\1\0\1", head: bytes = b"\1\0\0\1\0\0\0\0\0\0") -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"id" + head + labels + b"\0" + tail


def question(name: str) -> Seen:
    return datagram(asking(name))


def row(**changes: Any) -> Row:
    facts = {"host": "cloud.test", "sha256": SHA, "bytes": len(BODY), "zone": Zone.CLOUD, "purpose": Purpose.CHAT}
    return chained(1, GENESIS, Entry(RowKind.SENT, 1, **{**facts, **changes}))


WITH_EDNS = b"\1\x20\0\1\0\0\0\0\0\1"
AAAA, EDNS = b"\0\x1c\0\1", b"\0\0\x29\4\xd0\0\0\0\0\0\0"
OPTION = EDNS[:-1] + b"\4ABCD"


@pytest.mark.parametrize(
    "asked",
    [
        asking("cloud.test"),
        asking("cloud.test", AAAA),
        asking("cloud.test", AAAA + EDNS, WITH_EDNS),
    ],
)
def test_one_request_with_its_row_is_no_complaint(asked: bytes) -> None:
    answer = datagram(answer_name(asked), source="192.0.2.53", from_port=53, target="192.0.2.9", port=6000)
    assert judge([datagram(asked), answer, SYN, REQUEST], [row()]) == []


def test_a_name_with_its_port_is_at_that_port() -> None:
    ends = {**ENDS, "port": 8080}
    assert judge([{**SYN, **ends}, {**REQUEST, **ends, "host": "cloud.test:8080"}], [row(host="cloud.test:8080")]) == []


def test_an_address_is_its_own_name() -> None:
    there = {"target": "198.51.100.7"}
    assert judge([{**SYN, **there}, {**REQUEST, **there, "host": "198.51.100.7"}], [row(host="198.51.100.7")]) == []


@pytest.mark.parametrize(
    ("seen", "rows"),
    [
        ([SYN, REQUEST], []),
        ([], [row()]),
        ([SYN, REQUEST], [row(sha256="b" * 64)]),
        ([SYN, REQUEST], [row(host="other.test")]),
        ([SYN, {**REQUEST, "path": "/v1/embeddings"}], [row()]),
        ([SYN, REQUEST, REQUEST], [row()]),
        ([SYN, REQUEST, {**SYN, "from_port": 5001}], [row()]),
        ([SYN, REQUEST, question("other.test")], [row()]),
        ([SYN, REQUEST, question("secret.cloud.test")], [row()]),
        ([SYN, REQUEST, question("cloud.test.")], [row()]),
        ([SYN, REQUEST, datagram(asking("cloud.test") + b"more")], [row()]),
        ([SYN, REQUEST, datagram(asking("cloud.test", b"\0\x10\0\1"))], [row()]),
        ([SYN, REQUEST, datagram(asking("cloud.test", AAAA + OPTION, WITH_EDNS))], [row()]),
        ([SYN, REQUEST, datagram(asking("cloud.test", AAAA + EDNS + b"more", WITH_EDNS))], [row()]),
        ([SYN, REQUEST, datagram(b"more", from_port=53)], [row()]),
        ([SYN, REQUEST, {**SYN, "target": "198.51.100.7"}], [row()]),
        ([SYN, REQUEST, {**SYN, "first": 2}], [row()]),
        ([{**SYN, "target": "198.51.100.7"}, {**REQUEST, "target": "198.51.100.7"}], [row()]),
        ([{**SYN, "port": 8080}, {**REQUEST, "port": 8080}], [row()]),
        ([SYN, REQUEST], [row(bytes=0)]),
        ([SYN, REQUEST], [row(zone=Zone.DEVICE)]),
        ([SYN, REQUEST], [row(zone=None)]),
        ([SYN, {**REQUEST, "path": "/elsewhere"}], [row(purpose=None)]),
        ([SYN, REQUEST, {"what": "stray", **ENDS, "connection": 1, "bytes": ""}], [row()]),
        ([{**question("cloud.test"), "port": 9999}], []),
        ([{"what": "packet", "protocol": 1, "target": "192.0.2.1", "bytes": ""}], []),
    ],
    ids=[
        "a request without a row",
        "a row without a request",
        "another body",
        "another host",
        "another purpose",
        "one row for two requests",
        "a connection that says nothing",
        "the name of another host",
        "a name that carries something",
        "a name and the root",
        "a question with data after it",
        "a question for a text",
        "a question with an option",
        "a question with data after its record",
        "an answer to nothing",
        "the same port to another address",
        "the same ends again",
        "another address",
        "another port",
        "a row of no bytes",
        "a row of this device",
        "a row of no zone",
        "no purpose at all",
        "what is no request",
        "a datagram",
        "a ping",
    ],
)
def test_whatever_does_not_match_is_a_complaint(seen: list[Seen], rows: list[Row]) -> None:
    assert judge(seen, rows) != []


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "abcd"])
def test_a_canary_is_found_in_every_form(before: str) -> None:
    canary = "canary-4711 heron"
    encoded = base64.b64encode((before + canary).encode()).decode()
    in_base32 = base64.b32encode((before + canary).encode()).decode()
    in_hex, each_byte = canary.encode().hex(), "".join(f"%{byte:02X}" for byte in canary.encode())
    forms = (canary, canary.upper(), in_hex, in_hex.upper(), "canary-4711%20heron", each_byte, encoded)
    for form in (*forms, in_base32, in_base32.lower()):
        assert holds([{"bytes": base64.b64encode(f"{{{form}}}".encode()).decode()}], canary)
    assert not holds([{"bytes": base64.b64encode(b"nothing of it").decode()}], canary)


def test_every_purpose_is_judged() -> None:
    assert {*PURPOSES.values(), Purpose.LOAD} == set(Purpose)


@pytest.mark.parametrize(
    ("messages", "purpose"), [("[]", Purpose.LOAD), ('[{"role": "user", "content": "x"}]', Purpose.CHAT)]
)
def test_a_chat_without_messages_is_a_load_and_one_with_them_is_none(messages: str, purpose: Purpose) -> None:
    body = f'{{"model": "large", "messages": {messages}}}'.encode()
    facts = {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body), "path": "/api/chat"}
    asked = {**REQUEST, **facts, "bytes": base64.b64encode(body).decode()}
    told = {"sha256": facts["sha256"], "bytes": len(body), "model": "ollama/large"}
    assert judge([SYN, asked], [row(**told, purpose=purpose)]) == []
    other = ({Purpose.LOAD, Purpose.CHAT} - {purpose}).pop()
    assert judge([SYN, asked], [row(**told, purpose=other)]) != []


def test_what_a_server_on_this_device_downloads_for_us_has_a_row_of_its_own() -> None:
    here = {"target": "127.0.0.1", "port": 8080}
    asked: Seen = {**REQUEST, **here, "host": "127.0.0.1:8080", "path": "/api/pull"}
    pull = row(purpose=Purpose.PULL, host="127.0.0.1:8080")
    by_another = row(purpose=Purpose.PULL, via="ollama", host="registry.test", bytes=0)
    assert judge([{**SYN, **here}, asked], [pull, by_another]) == []
    for rows in ([pull], [pull, by_another, by_another], [pull, row(purpose=Purpose.CHAT, via="ollama")]):
        assert judge([{**SYN, **here}, asked], rows) != []
    assert judge([SYN, {**REQUEST, "path": "/api/pull"}], [row(purpose=Purpose.PULL)]) == []
