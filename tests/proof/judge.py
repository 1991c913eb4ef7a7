"""Does what the sink saw match what the ledger says, one to one? Every complaint is a sentence; none is a pass."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import struct
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from aqe_desktop.core.ledger import Purpose, Row, RowKind
from aqe_desktop.core.models import Zone
from tests.proof.sink import ADDRESS, PLAIN, TLS, answer_name

# What a path is asked for; the wire itself does not say it.
PURPOSES = {
    "/v1/chat/completions": Purpose.CHAT,
    "/v1/models": Purpose.MODELS,
    "/tokenize": Purpose.COUNT,
    "/apply-template": Purpose.COUNT,
    "/health": Purpose.HEALTH,
    "/version": Purpose.MODELS,
    "/v1/embeddings": Purpose.EMBED,
    "/api/chat": Purpose.CHAT,
    "/api/embed": Purpose.EMBED,
    "/api/tags": Purpose.MODELS,
    "/api/show": Purpose.MODELS,
    "/api/ps": Purpose.MODELS,
    "/api/version": Purpose.MODELS,
    "/api/status": Purpose.MODELS,
    "/api/pull": Purpose.PULL,
    "/api/copy": Purpose.MANAGE,
    "/api/delete": Purpose.MANAGE,
    "/api/create": Purpose.MANAGE,
}
# Ollama loads and lets go by a chat without messages.
_LOADING = "/api/chat"
_ASKING = (Purpose.CHAT, Purpose.COUNT, Purpose.EMBED)

# The end of an EDNS record without options: with and without the wish for signatures.
_EMPTY = (b"\0" * 6, b"\0\0\x80\0\0\0")

Seen = dict[str, Any]
Ends = tuple[str, int, str, int]


def judge(seen: Sequence[Seen], rows: Iterable[Row]) -> list[str]:
    """What is wrong. A request is a row's by host, purpose, and the size and SHA-256 of its body.

    What another process sends for us is not seen here, but that it was asked to is: by one request for each row."""
    everything = [row for row in rows if row.entry.kind is RowKind.SENT]
    sent = [row for row in everything if not row.entry.via]
    requests = [each for each in seen if each["what"] == "request"]
    asked = Counter(_of_request(each) for each in requests)
    told = Counter((row.entry.host, row.entry.purpose, row.entry.bytes, row.entry.sha256) for row in sent)
    return [
        *(f"a request without a row: {' '.join(map(str, each))}" for each in (asked - told).elements()),
        *(f"a row without a request: {' '.join(map(str, each))}" for each in (told - asked).elements()),
        *_by_others(asked, [row for row in everything if row.entry.via]),
        *_nameless(requests, sent),
        *_other_models(requests, sent),
        *_connections(seen, requests),
        *_datagrams(seen, {_split(row.entry.host)[0] for row in sent}),
        *(f"a packet of protocol {each['protocol']} to {each['target']}" for each in seen if each["what"] == "packet"),
        *(
            f"{each['packets']} packets were lost, so nobody can say what was sent"
            for each in seen
            if each["what"] == "lost"
        ),
        *(f"what is no request, to {each['target']} port {each['port']}" for each in seen if each["what"] == "stray"),
    ]


def holds(seen: Sequence[Seen], canary: str) -> bool:
    """Whether anything that was seen holds the text: as it is, as base64, base32 or hex, or escaped for an address."""
    raw = canary.encode()
    whole = b"\n".join(base64.b64decode(each["bytes"]) for each in seen if "bytes" in each)
    escaped = urllib.parse.quote(canary, safe="").encode(), b"".join(b"%%%02x" % byte for byte in raw)
    anyhow = [raw, raw.hex().encode(), *escaped, *_encoded(raw, base64.b32encode, 5)]
    exact = [*_encoded(raw, base64.b64encode, 6), *_encoded(raw, base64.urlsafe_b64encode, 6)]
    return any(form in whole for form in exact) or any(form.lower() in whole.lower() for form in anyhow)


def _of_request(request: Seen) -> tuple[str, Purpose | None, int, str]:
    return request["host"], _purpose(request), request["size"], request["sha256"]


def _purpose(request: Seen) -> Purpose | None:
    if request["path"] == _LOADING and _body(request).get("messages") == []:
        return Purpose.LOAD
    return PURPOSES.get(request["path"])


def _by_others(asked: Counter[tuple[str, Purpose | None, int, str]], by_others: Sequence[Row]) -> Iterable[str]:
    """What a server on this device downloads for us leaves this device: a row for its asking beside the one for
    ours. What one elsewhere does leaves from there."""
    pulls = sum(
        count for (host, purpose, _, _), count in asked.items() if purpose is Purpose.PULL and host.startswith("127.")
    )
    if pulls != len(by_others) or any(row.entry.purpose is not Purpose.PULL for row in by_others):
        yield f"{pulls} downloads were asked for, and {len(by_others)} rows tell of what others sent"


def _nameless(requests: Sequence[Seen], sent: Sequence[Row]) -> Iterable[str]:
    """What a match alone would let pass: a purpose nobody knows, another address than the host's, a false zone."""
    for each in requests:
        if each["path"] not in PURPOSES:
            yield f"a request for no known purpose: {each['path']}"
        if not _is_at(each["host"], each["target"], each["port"]):
            yield f"a request for {each['host']} went to {each['target']} port {each['port']}"
    for row in sent:
        if row.entry.zone in (None, Zone.DEVICE) and not _split(row.entry.host)[0].startswith("127."):
            yield f"a row of zone {row.entry.zone} for {row.entry.host}"


def _other_models(requests: Sequence[Seen], sent: Sequence[Row]) -> Iterable[str]:
    """A body with content may say which model it is for; a row of that body says it too, behind the provider's id."""
    told = {(row.entry.sha256, row.entry.model.partition("/")[2]) for row in sent}
    for each in requests:
        model = str(_body(each).get("model", "")) if _purpose(each) in _ASKING else ""
        if model and (each["sha256"], model) not in told:
            yield f"a request to the model {model}, of which its row says nothing"


def _body(request: Seen) -> dict[str, Any]:
    """Empty for one that is no JSON object."""
    with contextlib.suppress(ValueError):
        told = json.loads(_bytes(request)[-request["size"] :] if request["size"] else b"")
        return told if isinstance(told, dict) else {}
    return {}


def _is_at(host: str, target: str, port: int) -> bool:
    name, its_port = _split(host)
    address = name if re.fullmatch(r"[\d.]+", name) else ADDRESS
    return target == address and (port == int(its_port) if its_port else port in (PLAIN[0], TLS[0]))


def _split(host: str) -> tuple[str, str]:
    name, _, port = host.partition(":")
    return name, port


def _connections(seen: Sequence[Seen], requests: Sequence[Seen]) -> Iterable[str]:
    """A connection that carried no request that could be read carried something else, or tried to. The same two ends
    may meet more than once."""
    spoke = Counter(ends for ends, _ in {(_ends(each), each["connection"]) for each in requests})
    tried = Counter(ends for ends, _ in {(_ends(each), each["first"]) for each in seen if each["what"] == "syn"})
    for _, _, target, port in (tried - spoke).elements():
        yield f"a connection without a request: {target} port {port}"


def _ends(seen: Seen) -> Ends:
    return seen["source"], seen["from_port"], seen["target"], seen["port"]


def _datagrams(seen: Sequence[Seen], hosts: set[str]) -> Iterable[str]:
    """A question may ask for the host of a row and carry nothing else; an answer is what the sink makes of one."""
    datagrams = [each for each in seen if each["what"] == "datagram"]
    asked = [each for each in datagrams if each["port"] == 53 and any(_asks_for(host, _bytes(each)) for host in hosts)]
    answers = {(each["source"], each["from_port"], answer_name(_bytes(each))) for each in asked}
    for each in datagrams:
        is_answer = each["from_port"] == 53 and (each["target"], each["port"], _bytes(each)) in answers
        if each not in asked and not is_answer:
            yield f"a datagram without a row: {each['target']} port {each['port']} {_bytes(each)[:100]!r}"


def _bytes(seen: Seen) -> bytes:
    return base64.b64decode(seen["bytes"])


def _asks_for(name: str, data: bytes) -> bool:
    """Whether it is as resolvers make it, its id aside: one question, for an address (A or AAAA) of exactly that name,
    at most with an EDNS record that is empty."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    flags, record = data[2:4], data[16 + len(labels) :]
    asked = [(labels + struct.pack(">HH", kind, 1)) for kind in (1, 28)]
    return (
        flags in (b"\1\0", b"\1\x20")
        and data[4:12] == struct.pack(">4H", 1, 0, 0, 1 if record else 0)
        and data[12 : 16 + len(labels)] in asked
        and (not record or (len(record) == 11 and record[:3] == b"\0\0\x29" and record[5:] in _EMPTY))
    )


def _encoded(raw: bytes, encode: Callable[[bytes], bytes], bits: int) -> list[bytes]:
    """The part of its encodings, `bits` a letter, that does not depend on what stands before and after it."""
    ends = {5: 8, 6: 4}[bits]
    return [encode(b"\0" * shift + raw)[-(-shift * 8 // bits) : -ends] for shift in range(5 if bits == 5 else 3)]
