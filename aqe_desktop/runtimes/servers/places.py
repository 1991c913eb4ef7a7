"""Where a server of the user's own runs, and each of its models: by the socket's owner and the program that the user
named, else by the user's word, never by the address, which a tunnel wears too (threats T28)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from aqe_desktop.core.errors import PrivacyRefused
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.machine import sockets
from aqe_desktop.machine.door import Address
from aqe_desktop.runtimes.servers.kinds import Kind

LOOPBACK = "127.0.0.1"
_USUAL_PORTS = {"http": 80, "https": 443}
_TAKEN_TRIES, _TAKEN_PAUSE_S = 1000, 0.002
# A llama-server that was told so computes on other machines.
_ELSEWHERE_WORDS, _ELSEWHERE_NAMES = ("--rpc",), ("LLAMA_ARG_RPC",)
Trace = Callable[[str, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Options:
    """One server as the user set it: `declared` is where they say it runs, `program` the file it runs from where that
    is on this device; `patience` in seconds without a byte; `vision`: its models can see where it does not say."""

    id: str
    url: str
    name: str = ""
    declared: Zone | None = None
    program: Path | None = None
    patience: float = 300.0
    vision: bool = False

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or _USUAL_PORTS[parts.scheme]

    @property
    def on_loopback(self) -> bool:
        """Whether the kernel can say whose it is: 127.0.0.1 itself, in the clear, at its root."""
        parts = urlsplit(self.url)
        return parts.scheme == "http" and parts.hostname in (LOOPBACK, "localhost") and not parts.path

    @property
    def base(self) -> str:
        """What is asked. `localhost` is 127.0.0.1, whatever else a table of names makes of it."""
        return f"http://{LOOPBACK}:{self.port}" if self.on_loopback else self.url

    def address(self, place: Place) -> Address:
        """What the door takes: a port only for what is proved to be here."""
        if place.zone is Zone.DEVICE and place.proof is Proof.PROVED:
            return Address(port=self.port)
        return Address(url=self.base)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the listening socket is. `proved`: the program that the user named, run by them; `silent`: nobody listens,
    by the kernel's word; `everywhere`: it listens on every address of this machine."""

    proved: bool
    fact: str
    program: str = ""
    elsewhere: bool = False
    everywhere: bool = False
    silent: bool = False
    pid: int | None = None


def owner_of(options: Options) -> Owner:
    """Read now; blocks."""
    if not options.on_loopback:
        return Owner(False, f"The server is reached at {options.base}, and nothing here can tell what machine that is.")
    holders = sockets.listeners(options.port)
    if holders is None:
        return Owner(False, f"This system does not tell who listens on port {options.port}.")
    if not holders:
        return Owner(False, f"No process of this device listens on port {options.port}.", silent=True)
    judged = [_judged(holder, options) for holder in holders]
    worst = next((each for each in judged if not each.proved), judged[0])
    return Owner(
        worst.proved,
        f"Port {options.port} of this device belongs to {worst.fact}.",
        worst.program,
        elsewhere=any(each.elsewhere for each in judged),
        everywhere=any(each.everywhere for each in holders),
        pid=worst.pid,
    )


def place_of(options: Options, owner: Owner, kind: Kind | None = None, remote: str = "") -> Place:
    """The place of the server itself (`kind` None), or of a model of a server of this kind. `remote` is the machine
    that answers for the model by the server's own words."""
    if remote:
        return Place(Zone.CLOUD, Proof.PROVED, (f"The server says that {remote} answers for this model.",))
    facts = (owner.fact, *_doubts(owner, kind)) if owner.proved else (owner.fact,)
    if owner.proved and len(facts) == 1:
        return Place(Zone.DEVICE, Proof.PROVED, facts)
    if options.declared is not None:
        said = f"You said that this server is in the zone {options.declared}."
        return Place(options.declared, Proof.DECLARED, (*facts, said))
    return Place(Zone.CLOUD, Proof.UNPROVED, facts, f"If you know where it runs, say so: {_hint(options)}.")


def same_server(options: Options) -> Trace:
    """An httpx extension (`trace`) that looks at the server's end of each new connection before a byte is sent, and
    raises PrivacyRefused unless the named program has it: a port may change hands after it was looked at."""

    async def look(event: str, info: dict[str, Any]) -> None:
        if not event.endswith("connect_tcp.complete"):
            return
        stream = info["return_value"]
        if not await _is_taken(options, stream.get_extra_info("client_addr")[1]):
            await stream.aclose()
            raise PrivacyRefused(
                f"What took the connection to port {options.port} is not the server that was proved to be on this "
                "device, so nothing was sent to it.",
                "Look at the runtime's place again, then retry.",
            )

    return look


async def _is_taken(options: Options, client_port: int) -> bool:
    """A server takes a connection within moments; one that does not is not waited for longer than two seconds."""
    for _ in range(_TAKEN_TRIES):
        holder = await asyncio.to_thread(sockets.server_end, client_port, options.port)
        if holder is not None:
            return _judged(holder, options).proved
        await asyncio.sleep(_TAKEN_PAUSE_S)
    return False


def _doubts(owner: Owner, kind: Kind | None) -> tuple[str, ...]:
    """Why a server that is here may not be where its model answers."""
    if kind is None:
        return ()
    if kind.forwards:
        return (f"{kind.name} may pass questions on to other machines, so its models are not proved to be here.",)
    if owner.elsewhere:
        return ("It was started with the option --rpc, so other machines may do its work.",)
    if owner.program not in kind.programs:
        return (f"The program is not one that is known to be {kind.name} itself, and may run anything.",)
    return ()


def _judged(holder: sockets.Holder, options: Options) -> Owner:
    """A socket that several processes hold is as good as the worst of them."""
    if not holder.processes or holder.uid != os.getuid():
        names = " and ".join(_named(each) for each in holder.processes) or "a process that the system does not show"
        return Owner(False, f"{names} of the user {_user(holder.uid)}")
    judged = [_judged_process(each, options.program) for each in holder.processes]
    worst = next((each for each in judged if not each.proved), judged[0])
    return Owner(worst.proved, worst.fact, worst.program, any(each.elsewhere for each in judged), pid=worst.pid)


def _judged_process(process: sockets.Process, program: Path | None) -> Owner:
    wanted = None if program is None else sockets.identity(program)
    if process.uid != os.getuid() or wanted is None or process.binary != wanted:
        return Owner(False, f"{_named(process)}, which is not a program that you named for this server")
    fact = f"process {process.pid}, the program {process.exe} that you named, run by you"
    return Owner(True, fact, PurePath(process.exe).name, _works_elsewhere(process), pid=process.pid)


def _works_elsewhere(process: sockets.Process) -> bool:
    """By its words and its environment, as it was started."""
    told = any(word.partition("=")[0] in _ELSEWHERE_WORDS for word in process.argv)
    return told or any(name in _environment(process.pid) for name in _ELSEWHERE_NAMES)


def _environment(pid: int) -> Mapping[str, str]:
    """Names alone matter. A process whose environment is not shown counts as told everything."""
    try:
        words = (sockets.PROC / str(pid) / "environ").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return dict.fromkeys(_ELSEWHERE_NAMES, "")
    return dict(word.split("=", 1) for word in words if "=" in word)


def _hint(options: Options) -> str:
    here = "`program`, the file that it runs from, or " if options.on_loopback else ""
    return f"set {here}`zone` of {options.id} in settings.toml"


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _named(process: sockets.Process) -> str:
    return f"process {process.pid} ({process.exe or 'a program that the system does not show'})"
