"""The judge itself: it must complain of each way in which sink and ledger can differ."""

from __future__ import annotations

import base64
import hashlib

import pytest

from aqe_desktop.core.ledger import GENESIS, Entry, Purpose, Row, RowKind, chained
from aqe_desktop.core.models import Zone
from tests.proof.judge import PURPOSES, Seen, holds, judge

BODY = b"a body"
SHA = hashlib.sha256(BODY).hexdigest()
SYN: Seen = {"what": "syn", "from_port": 5000, "target": "192.0.2.1", "port": 443}
REQUEST: Seen = {
    "what": "request",
    "from_port": 5000,
    "path": "/v1/chat/completions",
    "host": "cloud.test",
    "sha256": SHA,
    "bytes": base64.b64encode(BODY).decode(),
}


def question(name: str) -> Seen:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    data = base64.b64encode(b"\0" * 12 + labels + b"\0\0\1\0\1").decode()
    return {"what": "datagram", "from_port": 6000, "target": "192.0.2.53", "port": 53, "bytes": data}


def row(**changes: str) -> Row:
    facts = {"host": "cloud.test", "sha256": SHA, **changes}
    entry = Entry(RowKind.SENT, 1, zone=Zone.CLOUD, purpose=Purpose.CHAT, **facts)  # type: ignore[arg-type]
    return chained(1, GENESIS, entry)


def test_one_request_with_its_row_is_no_complaint() -> None:
    assert judge([question("cloud.test"), SYN, REQUEST], [row()]) == []


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
        "a datagram",
        "a ping",
    ],
)
def test_whatever_does_not_match_is_a_complaint(seen: list[Seen], rows: list[Row]) -> None:
    assert judge(seen, rows) != []


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_a_canary_is_found_in_every_form(before: str) -> None:
    canary = "canary-4711 heron"
    encoded = base64.b64encode((before + canary).encode()).decode()
    for form in (canary, canary.encode().hex(), "canary-4711%20heron", encoded):
        assert holds([{"bytes": base64.b64encode(f"{{{form}}}".encode()).decode()}], canary)
    assert not holds([{"bytes": base64.b64encode(b"nothing of it").decode()}], canary)


def test_every_purpose_is_judged() -> None:
    assert set(PURPOSES.values()) == set(Purpose)
