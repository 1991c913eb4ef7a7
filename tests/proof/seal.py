"""A sealed network for programs under test: a namespace whose only route and name server lead to the sink."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOSTS = ("cloud.test", "other.test", "192.0.2.1")
REPOSITORY = Path(__file__).parents[2]
_SINK = Path(__file__).with_name("sink.py")


@dataclass(frozen=True, slots=True)
class Seal:
    """The sink's process, its record, and the CA that programs inside are to trust."""

    sink: subprocess.Popen[str]
    record: Path
    authority: Path

    @property
    def pid(self) -> int:
        """Of the sink, whose namespaces are the seal."""
        return self.sink.pid

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], *, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """The finished program; it sees the files of this machine, and no network but the sealed one."""
        return subprocess.run(
            [*self.enter, *command],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    @property
    def enter(self) -> tuple[str, ...]:
        """What stands before a command that is to run inside."""
        return ("nsenter", f"--target={self.pid}", "--net", "--mount", f"--wd={REPOSITORY}")

    def seen(self, *, patience: float = 20) -> list[dict[str, Any]]:
        """Everything that was done inside, once nobody is left there who could do more.

        Raises TimeoutError where a program does not end within `patience` seconds: then nothing is proved."""
        ends = time.monotonic() + patience
        while left := self._left():
            if time.monotonic() > ends:
                raise TimeoutError(f"still inside the seal: {left}")
            time.sleep(0.02)
        self._settle()
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    def _left(self) -> list[int]:
        """Processes in the network of the sink, itself not counted."""
        return [pid for pid in _processes() if pid != self.pid and _network(pid) == _network(self.pid)]

    def _settle(self) -> None:
        assert self.sink.stdin
        assert self.sink.stdout
        self.sink.stdin.write("settle\n")
        self.sink.stdin.flush()
        assert self.sink.stdout.readline() == "settled\n"


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _network(pid: int) -> str:
    """Empty for a process that is gone."""
    with suppress(OSError):
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    return ""


@contextmanager
def sealed(folder: Path, python: str) -> Generator[Seal]:
    """Needs root, as who runs the tests in a container is; fails where there is none, for this is the proof."""
    assert os.geteuid() == 0, "the proof makes network namespaces and binds a name server: run it as root"
    authority, certificate = make_certificates(folder)
    record = folder / "seen.jsonl"
    record.touch()
    sink = subprocess.Popen(
        ["unshare", "--net", "--mount", python, str(_SINK), str(record), str(certificate)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert sink.stdin
    assert sink.stdout
    try:
        assert sink.stdout.readline() == "ready\n"
        yield Seal(sink, record, authority)
    finally:
        sink.stdin.close()
        sink.stdout.close()
        sink.wait(30)


def make_certificates(folder: Path) -> tuple[Path, Path]:
    """A CA of a day, and a file with the sink's key and certificate for the names of the tests."""
    openssl = shutil.which("openssl")
    assert openssl, "`make system-deps-test` installs openssl"
    authority, certificate, key = folder / "ca.pem", folder / "sink.pem", folder / "ca.key"
    names = ",".join(f"IP:{host}" if host[0].isdigit() else f"DNS:{host}" for host in HOSTS)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    usage = "keyUsage=critical,keyCertSign,cRLSign"
    _do(openssl, "req", "-x509", *new_key, "-keyout", key, "-out", authority, "-subj", "/CN=Test CA", "-addext", usage)
    signed: list[str | Path] = ["-CA", authority, "-CAkey", key]
    signed += ["-addext", f"subjectAltName={names}", "-addext", "basicConstraints=CA:FALSE"]
    _do(openssl, "req", "-x509", *new_key, *signed, "-keyout", folder / "k", "-out", folder / "c", "-subj", "/CN=Sink")
    certificate.write_text((folder / "k").read_text() + (folder / "c").read_text())
    return authority, certificate


def _do(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
