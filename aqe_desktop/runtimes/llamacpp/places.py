"""Where this engine runs, proved: the sentences here are read from the kernel when asked, not remembered."""

from __future__ import annotations

import asyncio
import functools
import os
import stat
from pathlib import Path

from aqe_desktop.core.models import Model, Place, Proof, Zone
from aqe_desktop.machine import sandbox, seccomp
from aqe_desktop.machine.processes import listener_of
from aqe_desktop.runtimes.llamacpp.link import Link, Ready

HINT = (
    "Allow unprivileged user namespaces (user.max_user_namespaces and user.max_net_namespaces, or the container's "
    "settings), or seccomp filters; `aqe doctor` looks again."
)


def before_start(model: Model, run: Path, *, loopback: bool) -> Place:
    """The place of a model that is not loaded: how it will be run, which `of` checks once it is. Blocking: where the
    kernel does not tell whether an engine can be cut off, that is tried, once."""
    where = "a loopback port with a one-time token" if loopback else f"a private Unix socket in {run}"
    facts = (
        f"The model is a file on this device: {model.file}.",
        f"This app starts the engine as a process of its own, reached only by {where}.",
    )
    if refusal := "" if loopback or not sandbox.has_means() else _why_not_cut_off():
        return Place(Zone.DEVICE, Proof.UNPROVED, (*facts, f"The engine could reach the network: {refusal}."), HINT)
    return Place(Zone.DEVICE, Proof.PROVED, facts)


async def of(link: Link) -> Place:
    """The place of a loaded model. A socket that is not ours alone leaves it unproved, and so does a network where this
    platform could take it away."""
    ready = await link.ready
    network = await link.facts()
    owner, owned = await asyncio.to_thread(_owner, link, ready)
    socket, private = _socket(ready)
    facts = (owner, socket, network["sentence"])
    if network["missing"]:
        return Place(Zone.DEVICE, Proof.UNPROVED, facts, HINT)
    return Place(Zone.DEVICE, Proof.PROVED if owned and private else Proof.UNPROVED, facts)


@functools.cache
def _why_not_cut_off() -> str:
    """Empty where an engine will be cut off. Our filter needs no right of the user, so where the kernel has it, that is
    enough to know; else it is tried."""
    if seccomp.is_available():
        return ""
    from aqe_desktop.machine.checks import why_not_cut_off

    return why_not_cut_off()


def _owner(link: Link, ready: Ready) -> tuple[str, bool]:
    peer = link.peer()
    if peer is None:
        return f"The engine is process {ready.engine_pid}; it proved a one-time token from a private file.", True
    ours = peer == (ready.keeper_pid, os.getuid()) and _descends(ready.engine_pid, peer[0]) and _listens(ready)
    whose = "a process of this app under your user account" if ours else "not a process of this app"
    return f"The engine is process {ready.engine_pid}, {whose}.", ours


def _descends(pid: int, keeper: int) -> bool:
    """An engine is the keeper's child, or that child's where it is a program of its own; True where the kernel does not
    tell."""
    parent = _parent(pid)
    return parent is None or keeper in (parent, _parent(parent))


def _listens(ready: Ready) -> bool:
    """Whether the socket is that engine's own by the kernel's word; True where it does not say."""
    path = ready.address.path
    return path is None or listener_of(path) in ((ready.engine_pid, os.getuid()), None)


def _socket(ready: Ready) -> tuple[str, bool]:
    path = ready.address.path
    if path is None:
        return f"It listens on loopback port {ready.address.port} and answers only to a one-time token.", True
    try:
        facts = path.lstat()
    except OSError:
        return f"Its socket {path} is gone.", False
    private = stat.S_ISSOCK(facts.st_mode) and facts.st_uid == os.getuid() and not stat.S_IMODE(facts.st_mode) & 0o077
    mode = stat.S_IMODE(facts.st_mode)
    return f"It listens only on the Unix socket {path} (mode {mode:04o}, no network port).", private


def _parent(pid: int) -> int | None:
    """The parent of a process by the kernel; None where that cannot be read."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
    except (OSError, ValueError, IndexError):
        return None
