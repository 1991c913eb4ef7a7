"""Where an Ollama server and each of its models run: by the socket's owner and the model's own words, never by the
address, which a tunnel wears too (threats T28)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aqe_desktop.core.errors import PrivacyRefused, UsageError
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.machine import sockets
from aqe_desktop.machine.door import Address

ID = "ollama"
ACCOUNT, UNIT = "ollama", "ollama.service"
"""Of the service that Ollama's own installer makes on Linux."""
UNKNOWN = "unknown machine"
LOOPBACK, PORT = "127.0.0.1", 11434
_USUAL_PORTS = {"http": 80, "https": 443}
_EVERYWHERE = {"", "0.0.0.0", "::"}  # noqa: S104 - recognised here in what a user wrote
HINT = "End what holds the port and start Ollama from here, or say where it runs: aqe runtimes add --zone"
_TAKEN_TRIES, _TAKEN_PAUSE_S = 1000, 0.002
Trace = Callable[[str, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is reached. `everywhere`: it was told to listen on every address of its machine."""

    host: str = LOOPBACK
    port: int = PORT
    scheme: str = "http"
    path: str = ""
    everywhere: bool = False

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"

    @property
    def on_loopback(self) -> bool:
        """Whether the kernel can say whose it is: 127.0.0.1 itself, in the clear."""
        return self.host == LOOPBACK and self.scheme == "http" and not self.path

    def address(self, place: Place) -> Address:
        """What the door takes: a port only for what is proved to be here."""
        if place.zone is Zone.DEVICE and place.proof is Proof.PROVED:
            return Address(port=self.port)
        return Address(url=self.url)

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """As Ollama reads OLLAMA_HOST: host, host:port, [v6]:port, :port, each with or without scheme and path. What
        listens everywhere is reached on loopback. Raises UsageError for what cannot be an address."""
        scheme, mark, rest = text.strip().rpartition("://")
        scheme = scheme.lower() if mark else "http"
        if scheme not in _USUAL_PORTS:
            raise _no_address(text)
        rest, slash, path = rest.partition("/")
        host, port = _host_and_port(rest, _USUAL_PORTS[scheme] if mark else PORT, text)
        everywhere = host in _EVERYWHERE
        if everywhere or host == "localhost":
            host = LOOPBACK
        return cls(host, port, scheme, f"/{path}".rstrip("/") if slash else "", everywhere and bool(rest))


@dataclass(frozen=True, slots=True)
class Known:
    """Whom we take for Ollama: the server that we started, by pid and start time; the program that we found, run by
    this user; the system's service. `declared` is what the user said of the server's zone."""

    child: tuple[int, int] | None = None
    binary: Path | None = None
    declared: Zone | None = None


def place_of(endpoint: Endpoint, known: Known, remote: str | None = None) -> Place:
    """The zone of one (endpoint, model) with its facts, read now; blocks. `remote` is the machine that answers for the
    model by the server's own words, UNKNOWN where they prove nothing, "" where its weights are the server's own, None
    where the place of the server itself is asked for."""
    if remote:
        return _elsewhere(remote)
    proved, fact = _owner(endpoint, known)
    if proved:
        weights = () if remote is None else ("The server has the model's weights itself.",)
        return Place(Zone.DEVICE, Proof.PROVED, (fact, *weights))
    if known.declared is not None:
        return Place(
            known.declared, Proof.DECLARED, (fact, f"You said that this server is in the zone {known.declared}.")
        )
    return Place(Zone.CLOUD, Proof.UNPROVED, (fact,), HINT if endpoint.on_loopback else _hint_of_zone())


def same_server(endpoint: Endpoint, known: Known) -> Trace:
    """An httpx extension (`trace`) that looks at the server's end of each new connection before a byte is sent, and
    raises PrivacyRefused unless a server of `known` has it: a port may change hands after it was looked at."""

    async def look(event: str, info: dict[str, Any]) -> None:
        if not event.endswith("connect_tcp.complete") or not sockets.can_tell():
            return
        stream = info["return_value"]
        if not await _is_taken_by(known, stream.get_extra_info("client_addr")[1], endpoint.port):
            await stream.aclose()
            raise PrivacyRefused(
                f"What took the connection to port {endpoint.port} is not the Ollama server that was proved to be on "
                "this device, so nothing was sent to it.",
                "Look at the runtime's place again, then retry.",
            )

    return look


async def _is_taken_by(known: Known, client_port: int, server_port: int) -> bool:
    """A server takes a connection within moments; one that does not is not waited for longer than two seconds."""
    likely = None if known.child is None else known.child[0]
    for _ in range(_TAKEN_TRIES):
        holder = await asyncio.to_thread(sockets.server_end, client_port, server_port, likely)
        if holder is not None:
            return _judged(holder, known)[0]
        await asyncio.sleep(_TAKEN_PAUSE_S)
    return False


def _elsewhere(remote: str) -> Place:
    if remote == UNKNOWN:
        fact = "The server does not show whose the model's weights are, so another machine may answer for it."
        return Place(Zone.CLOUD, Proof.UNPROVED, (fact,))
    return Place(Zone.CLOUD, Proof.PROVED, (f"The server passes this model's questions on to {remote}.",))


def _owner(endpoint: Endpoint, known: Known) -> tuple[bool, str]:
    if not endpoint.on_loopback:
        return False, f"The server is reached at {endpoint.url}, and nothing here can tell what machine that is."
    holders = sockets.listeners(endpoint.port)
    if holders is None:
        return False, f"This system does not tell who listens on port {endpoint.port}."
    if not holders:
        return False, f"No process of this device listens on port {endpoint.port}."
    judged = [_judged(holder, known) for holder in holders]
    proved = all(fine for fine, _ in judged)
    who = next((words for fine, words in judged if fine is proved), "")
    return proved, f"Port {endpoint.port} of this device belongs to {who}."


def _judged(holder: sockets.Holder, known: Known) -> tuple[bool, str]:
    """Whether it is an Ollama that we know, and who it is in words. A socket that several processes hold is as good as
    the worst of them."""
    if holder.processes and holder.uid == os.getuid():
        judged = [_judged_process(each, known) for each in holder.processes]
        proved = all(fine for fine, _ in judged)
        return proved, next(words for fine, words in judged if fine is proved)
    if _is_the_service(holder):
        return True, f"the system's service {UNIT}, run by the account {ACCOUNT}"
    names = " and ".join(_named(each) for each in holder.processes) or "a process that the system does not show"
    return False, f"{names} of the user {_user(holder.uid)}"


def _judged_process(process: sockets.Process, known: Known) -> tuple[bool, str]:
    if (process.pid, process.started) == known.child:
        return True, f"process {process.pid}, the Ollama server that this app started"
    theirs = None if known.binary is None else sockets.identity(known.binary)
    if process.uid == os.getuid() and theirs is not None and process.binary == theirs:
        return True, f"process {process.pid}, Ollama ({known.binary}) run by you"
    return False, f"{_named(process)}, which is not an Ollama that this app knows"


def _is_the_service(holder: sockets.Holder) -> bool:
    """By the socket's user, and by the unit's processes being there under that user; where the kernel shows who holds
    the socket, these must be in the unit."""
    account = _account()
    if account is None or holder.uid != account:
        return False
    members = sockets.members(UNIT)
    found = [sockets.process(pid) for pid in members]
    alive = [each for each in found if each is not None]
    ours = all(each.pid in members for each in holder.processes)
    return bool(alive) and all(each.uid == account for each in alive) and ours


def _account() -> int | None:
    import pwd

    try:
        return pwd.getpwnam(ACCOUNT).pw_uid
    except KeyError:
        return None


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _named(process: sockets.Process) -> str:
    return f"process {process.pid} ({process.exe or 'a program that the system does not show'})"


def _hint_of_zone() -> str:
    return "If you know where it runs, say so: aqe runtimes add --zone"


def _host_and_port(text: str, usual: int, whole: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}" if text.count(":") < 2 or text.startswith("[") else f"//[{text}]")
        if parts.username is not None or parts.query or parts.fragment:
            raise _no_address(whole)
        return parts.hostname or "", usual if parts.port is None else parts.port
    except ValueError as error:
        raise _no_address(whole) from error


def _no_address(text: str) -> UsageError:
    return UsageError(f"“{text}” is not the address of a server.", "Write it as host:port, such as 127.0.0.1:11434.")
