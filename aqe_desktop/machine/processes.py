"""Programs this app starts: each with an environment built for it, never the user's own with its keys (threats T4)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_TRIES = 5
# Names of values that carry no secret and without which programs or GPU drivers do not start. LD_LIBRARY_PATH is not
# one: it would put other code into an engine, whose own libraries lie beside it, and GPU drivers are found by the
# system's list of libraries (ldconfig), which is where a driver in an unusual place has to be entered.
_PASSED_ON = (
    "PATH",
    "TMPDIR",
    "TZ",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "GGML_VK_VISIBLE_DEVICES",
    "SYSTEMROOT",
    "TEMP",
)


def built_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a child: a short allow-list of ours, UTF-8, and what the caller adds."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, "LANG": "C.UTF-8", **(extra or {})}


def without_programs(environment: Mapping[str, str]) -> dict[str, str]:
    """The same for a child that is to find no other program. An empty or missing PATH would mean some folder; a
    Windows PATH is also where a program's own libraries are found."""
    return dict(environment) if os.name == "nt" else {**environment, "PATH": os.devnull}


def worker_command(name: str, arguments: Sequence[str] = ()) -> list[str]:
    """The command line of one of our worker processes; isolated from PYTHON* variables and the user's site folder."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", name, *arguments]
    return [sys.executable, "-I", "-m", f"aqe_desktop.runtimes.{name}.worker", *arguments]


def spawn_worker(name: str, arguments: Sequence[str], job: Mapping[str, Any], log: Path) -> subprocess.Popen[bytes]:
    """Start a worker that outlives us in a session of its own. The job goes in by its standard input, because a command
    line can be read by every user of the machine; the caller closes that pipe once it has found the worker, which may
    take an earlier end of it for our death. Its standard error goes to `log`."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("ab") as errors:
        with contextlib.suppress(OSError):
            log.chmod(0o600)
        process = subprocess.Popen(
            worker_command(name, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=built_environment(),
            cwd=Path(os.sep).absolute(),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    _hand_over(process, job)
    threading.Thread(target=process.wait, name=f"reaper of {process.pid}", daemon=True).start()
    return process


def output_of_worker(name: str, seconds: float) -> bytes:
    """All that a worker of ours writes before it ends, for work whose memory is to go with it; b"" where it failed or
    took longer. Blocks. In a session of its own: Ctrl+C is for whoever waits for it."""
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, *(() if frozen else ("-I", "-m", "aqe_desktop")), "--worker", name]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=built_environment(),
            cwd=Path(os.sep).absolute(),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            timeout=seconds,
            check=False,
        )
        return done.stdout if done.returncode == 0 else b""
    return b""


def give_way(nice: int, session: int) -> None:
    """Let other programs go first, by this much.

    Where Linux shares the processor out among sessions ("autogroup", as on most desktops), a process's own nice value
    counts only within its session. So the session steps back too, if it is the one that process `session` leads: one
    made for our worker, and no terminal of the user's."""
    if not hasattr(os, "nice"):
        return
    os.nice(nice)
    if os.getsid(0) == session:
        _give_way_as_a_session(nice)


def _give_way_as_a_session(nice: int) -> None:
    """The kernel takes one such change every tenth of a second, and answers EAGAIN to another."""
    for _ in range(_TRIES):
        try:
            Path("/proc/self/autogroup").write_text(f"{nice}", encoding="ascii")
        except BlockingIOError:
            time.sleep(0.11)
        except OSError:
            return
        else:
            return


def peer_of(connection: socket.socket) -> tuple[int, int] | None:
    """(process id, user id) of the other end of a Unix socket, by the kernel's word; None where it does not say."""
    if not hasattr(socket, "SO_PEERCRED") or connection.family != socket.AF_UNIX:
        return None
    pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return pid, uid


def listener_of(path: Path) -> tuple[int, int] | None:
    """(process id, user id) of whoever made the Unix socket at `path` listen; None where the kernel does not say, or
    nobody listens. Blocking, for a second at most; nothing is sent."""
    if not hasattr(socket, "AF_UNIX"):
        return None
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        probe.connect(str(path))
        return peer_of(probe)
    return None


def is_stranger(connection: socket.socket) -> bool:
    """Whether the other end of a Unix socket belongs to another user (threats T24)."""
    peer = peer_of(connection)
    return peer is not None and peer[1] != os.getuid()


def _hand_over(process: subprocess.Popen[bytes], job: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
