"""Who listens on a loopback port, and who holds the other end of a connection: by the kernel's word, for an address is
no proof of anything (threats T28)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
_ESTABLISHED, _LISTEN = "01", "0A"
_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Row:
    """One socket of the kernel's table. Addresses are bytes in network order, IPv4 as 4 and IPv6 as 16 of them."""

    local: tuple[bytes, int]
    remote: tuple[bytes, int]
    state: str
    uid: int
    inode: int


@dataclass(frozen=True, slots=True)
class Process:
    """`started` is in ticks since the system was, so that with the pid it names one process for ever; `binary` is the
    device and inode of the file it runs, which a path in another mount namespace cannot imitate; `unit` its control
    group, such as /system.slice/ollama.service. What the kernel does not show is empty."""

    pid: int
    started: int
    uid: int
    exe: str = ""
    binary: tuple[int, int] | None = None
    argv: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a socket is: the user by the socket itself, the processes as far as the kernel shows them to this user.

    `everywhere`: it listens on every address of this machine, not on loopback alone."""

    uid: int
    inode: int
    processes: tuple[Process, ...] = ()
    everywhere: bool = False


def can_tell() -> bool:
    """Whether this platform has such tables; elsewhere nobody's socket is known."""
    return sys.platform.startswith("linux") and (PROC / "net" / "tcp").exists()


def listeners(port: int) -> tuple[Holder, ...] | None:
    """All that could take a connection to 127.0.0.1 at this port; None where this platform does not tell. Blocks."""
    if not can_tell():
        return None
    rows = [row for row in _table() if row.state == _LISTEN and row.local[1] == port and _takes_loopback(row.local[0])]
    return _held(rows)


def server_end(client_port: int, server_port: int, likely: int | None = None) -> Holder | None:
    """The other end of our own loopback connection, once a process has taken it: before that it has no inode. Where the
    `likely` process has it, no other is looked for: to look into all takes tens of milliseconds.

    None where it is not taken yet, or not in this machine's table at all: a rule of a firewall may have led it
    off."""
    rows = [
        row
        for row in _table()
        if row.state == _ESTABLISHED
        and (row.local[1], row.remote[1]) == (server_port, client_port)
        and _is_loopback(row.local[0])
        and row.inode
    ]
    if not rows:
        return None
    if likely is not None and f"socket:[{rows[0].inode}]" in _open_files(likely) and (found := process(likely)):
        return Holder(rows[0].uid, rows[0].inode, (found,))
    return _held(rows[:1])[0]


def parsed(text: str) -> list[Row]:
    """The rows of /proc/net/tcp or tcp6 (Linux, Documentation/networking/proc_net_tcp); lines that are none are left
    out."""
    rows = []
    for line in text.splitlines():
        fields = line.split()
        with suppress(ValueError, IndexError):
            local, remote, state = _address(fields[1]), _address(fields[2]), fields[3]
            rows.append(Row(local, remote, state, int(fields[7]), int(fields[9])))
    return rows


def process(pid: int) -> Process | None:
    """Read anew; None where there is none, or another took its number meanwhile. A zombie is none."""
    before = started(pid)
    if before is None:
        return None
    folder = PROC / str(pid)
    try:
        uid = folder.stat().st_uid
    except OSError:
        return None
    found = Process(pid, before, uid, *_program(folder), _words(folder), _unit(folder))
    return found if started(pid) == before else None


def started(pid: int) -> int | None:
    """When it began, in ticks since the system did; None where it is no more."""
    fields = _stat(PROC / str(pid))
    return int(fields[19]) if len(fields) > 19 and fields[0] not in "ZX" else None


def of_session(session: int) -> tuple[Process, ...]:
    """All living processes of a session. While one lives the kernel gives its number to nobody else."""
    found = (process(pid) for pid in _pids() if _stat(PROC / str(pid))[3:4] == [str(session)])
    return tuple(each for each in found if each is not None)


def members(unit: str) -> tuple[int, ...]:
    """Process ids in a unit of the system, such as ollama.service; empty where it is not active."""
    for base in (CGROUPS, CGROUPS / "systemd"):
        with suppress(OSError, ValueError):
            return tuple(int(each) for each in (base / "system.slice" / unit / "cgroup.procs").read_text().split())
    return ()


def boot() -> str:
    """Which start of the system this is: times of processes count from it."""
    with suppress(OSError):
        return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def identity(file: Path) -> tuple[int, int] | None:
    """Device and inode of a file, to be held against a process's `binary`."""
    with suppress(OSError):
        facts = file.stat()
        return facts.st_dev, facts.st_ino
    return None


def _table() -> list[Row]:
    rows: list[Row] = []
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            rows += parsed((PROC / "net" / name).read_text(encoding="ascii"))
    return rows


def _address(text: str) -> tuple[bytes, int]:
    """Words of four bytes in the machine's own order, then the port."""
    host, port = text.split(":")
    raw = bytes.fromhex(host)
    if len(raw) not in (4, 16):
        raise ValueError(text)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    return raw, int(port, 16)


def _is_loopback(address: bytes) -> bool:
    """127.0.0.1, also as an IPv6 socket sees it."""
    return address.removeprefix(_MAPPED) == b"\x7f\0\0\1" if len(address) == 16 else address == b"\x7f\0\0\1"


def _takes_loopback(address: bytes) -> bool:
    """A wildcard of IPv6 takes IPv4 too unless it was told not to, which the table does not say."""
    return not any(address) or _is_loopback(address)


def _held(rows: Sequence[Row]) -> tuple[Holder, ...]:
    holding = _holding({row.inode for row in rows})
    return tuple(
        Holder(row.uid, row.inode, tuple(holding.get(row.inode, ())), everywhere=not any(row.local[0])) for row in rows
    )


def _holding(inodes: set[int]) -> dict[int, list[Process]]:
    """All processes that have one of these sockets open: a socket may be handed on, and then it has several."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes if inode}
    found: dict[int, list[Process]] = {}
    for pid in _pids() if wanted else ():
        for link in _open_files(pid) & wanted.keys():
            holder = process(pid)
            if holder is not None:
                found.setdefault(wanted[link], []).append(holder)
    return found


def _open_files(pid: int) -> set[str]:
    """Empty for another user's process, unless we are root."""
    links: set[str] = set()
    with suppress(OSError), os.scandir(PROC / str(pid) / "fd") as files:
        for file in files:
            with suppress(OSError):
                links.add(os.readlink(file.path))  # noqa: PTH115 - a Path for each open file of the machine is slow
    return links


def _pids() -> Iterator[int]:
    with suppress(OSError), os.scandir(PROC) as entries:
        yield from sorted(int(entry.name) for entry in entries if entry.name.isdigit())


def _stat(folder: Path) -> list[str]:
    """The fields after the name, which may itself hold spaces and brackets: state first (proc(5), field 3)."""
    with suppress(OSError):
        return (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    return []


def _program(folder: Path) -> tuple[str, tuple[int, int] | None]:
    with suppress(OSError):
        return os.readlink(folder / "exe"), identity(folder / "exe")  # noqa: PTH115 - " (deleted)" is part of the word
    return "", None


def _words(folder: Path) -> tuple[str, ...]:
    with suppress(OSError):
        return tuple((folder / "cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0"))
    return ()


def _unit(folder: Path) -> str:
    """Of the unified hierarchy, else of the one that systemd keeps beside the old ones."""
    with suppress(OSError):
        lines = (folder / "cgroup").read_text("utf-8", "replace").splitlines()
        for line in lines:
            number, kind, path = line.split(":", 2)
            if (number == "0" and not kind) or kind == "name=systemd":
                return path
    return ""
