"""Does what the sink saw match what the ledger says, one to one? Every complaint is a sentence; none is a pass."""

from __future__ import annotations

import base64
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from aqe_desktop.core.ledger import Purpose, Row, RowKind

# What a path is asked for; the wire itself does not say it.
PURPOSES = {
    "/v1/chat/completions": Purpose.CHAT,
    "/v1/models": Purpose.CHAT,
    "/tokenize": Purpose.COUNT,
    "/apply-template": Purpose.COUNT,
}

Seen = dict[str, Any]


def judge(seen: Sequence[Seen], rows: Iterable[Row]) -> list[str]:
    """What is wrong. A request is a row's by host, purpose and the SHA-256 of its body."""
    sent = [row for row in rows if row.entry.kind is RowKind.SENT]
    requests = [each for each in seen if each["what"] == "request"]
    asked = Counter(_of_request(each) for each in requests)
    told = Counter((row.entry.host, row.entry.purpose, row.entry.sha256) for row in sent)
    return [
        *(f"a request without a row: {host} {purpose} {sha}" for host, purpose, sha in asked - told),
        *(f"a row without a request: {host} {purpose} {sha}" for host, purpose, sha in told - asked),
        *_connections(seen, requests),
        *_datagrams(seen, {row.entry.host.partition(":")[0] for row in sent}),
        *(f"a packet of protocol {each['protocol']} to {each['target']}" for each in seen if each["what"] == "packet"),
    ]


def holds(seen: Sequence[Seen], canary: str) -> bool:
    """Whether anything that was seen holds the text: as it is, as base64, hex, or escaped for an address."""
    raw = canary.encode()
    whole = b"\n".join(base64.b64decode(each["bytes"]) for each in seen if "bytes" in each)
    forms = [raw, raw.hex().encode(), urllib.parse.quote(canary, safe="").encode(), *_as_base64(raw)]
    return any(form in whole for form in forms)


def _of_request(request: Seen) -> tuple[str, Purpose | None, str]:
    return request["host"], PURPOSES.get(request["path"]), request["sha256"]


def _connections(seen: Sequence[Seen], requests: Sequence[Seen]) -> Iterable[str]:
    """A connection that carried no request that could be read carried something else, or tried to."""
    spoke = {each["from_port"] for each in requests}
    for each in seen:
        if each["what"] == "syn" and each["from_port"] not in spoke:
            yield f"a connection without a request: {each['target']} port {each['port']}"


def _datagrams(seen: Sequence[Seen], hosts: set[str]) -> Iterable[str]:
    """Answers come from port 53; a question may ask for the host of a row and for nothing else."""
    for each in seen:
        if each["what"] != "datagram" or each["from_port"] == 53:
            continue
        name = _question(base64.b64decode(each["bytes"])) if each["port"] == 53 else ""
        if name not in hosts:
            yield f"a datagram without a row: {each['target']} port {each['port']} {name}".rstrip()


def _question(data: bytes) -> str:
    labels, at = [], 12
    while at < len(data) and data[at]:
        labels.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return ".".join(labels)


def _as_base64(raw: bytes) -> list[bytes]:
    """The part of each of its three encodings that does not depend on what stands before and after it."""
    return [base64.b64encode(b"\0" * shift + raw)[-(-shift * 8 // 6) : -4] for shift in range(3)]
