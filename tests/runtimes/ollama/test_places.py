from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aqe_desktop.core.errand import Errand
from aqe_desktop.core.errors import PrivacyRefused, UsageError
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.machine import sockets
from aqe_desktop.machine.door import Address
from aqe_desktop.runtimes.ollama import places
from aqe_desktop.runtimes.ollama.places import UNKNOWN, Endpoint, Known, place_of, same_server
from tests.doors import local_door

_PROGRAMS = Path(__file__).parent
_PYTHON = Path(os.path.realpath("/usr/bin/python3"))
_HERE = Place(Zone.DEVICE, Proof.PROVED)
Started = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Starts a program of this folder with another Python than the tests' own; the one it prints is its port."""
    with ExitStack() as stack:

        def start(program: str, *words: object, binary: Path = _PYTHON) -> tuple[subprocess.Popen[str], int]:
            command = [str(binary), "-I", str(_PROGRAMS / program), *map(str, words)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/")
            stack.callback(process.communicate)
            stack.callback(process.kill)
            assert process.stdout is not None
            return process, int(process.stdout.readline())

        yield start


def _child(process: subprocess.Popen[str]) -> Known:
    begun = sockets.started(process.pid)
    assert begun is not None
    return Known((process.pid, begun))


@pytest.mark.parametrize(
    ("text", "url", "everywhere"),
    [
        ("", "http://127.0.0.1:11434", False),
        ("  127.0.0.1  ", "http://127.0.0.1:11434", False),
        ("localhost:99", "http://127.0.0.1:99", False),
        ("0.0.0.0", "http://127.0.0.1:11434", True),
        (":5000", "http://127.0.0.1:5000", True),
        ("http://[::]:7", "http://127.0.0.1:7", True),
        ("[::1]:7", "http://[::1]:7", False),
        ("::1", "http://[::1]:11434", False),
        ("box", "http://box:11434", False),
        ("http://box", "http://box:80", False),
        ("https://box/prefix/", "https://box:443/prefix", False),
    ],
)
def test_an_address_is_read_as_ollama_reads_it(text: str, url: str, everywhere: bool) -> None:
    endpoint = Endpoint.parse(text)
    assert (endpoint.url, endpoint.everywhere) == (url, everywhere)


@pytest.mark.parametrize("text", ["ftp://box", "box:port", "http://user:word@box", "box:70000", "box?x=1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server"):
        Endpoint.parse(text)


def test_only_what_is_proved_is_reached_by_its_port() -> None:
    assert Endpoint(port=5).address(_HERE) == Address(port=5)
    for place in (Place(Zone.DEVICE, Proof.DECLARED), Place(Zone.CLOUD, Proof.PROVED)):
        assert Endpoint(port=5).address(place) == Address(url="http://127.0.0.1:5")


def test_our_own_child_is_proved(started: Started, tmp_path: Path) -> None:
    process, port = started("answer.py", os.getuid(), 0, tmp_path / "bodies")
    place = place_of(Endpoint(port=port), _child(process))
    assert (place.zone, place.proof) == (Zone.DEVICE, Proof.PROVED)
    assert place.facts == (
        f"Port {port} of this device belongs to process {process.pid}, the Ollama server that this app started.",
    )


def test_another_start_under_the_same_number_is_not(started: Started, tmp_path: Path) -> None:
    process, port = started("answer.py", os.getuid(), 0, tmp_path / "bodies")
    begun = sockets.started(process.pid)
    assert begun is not None
    assert place_of(Endpoint(port=port), Known((process.pid, begun - 1))).proof is Proof.UNPROVED


def test_the_program_that_was_found_is_proved_when_this_user_runs_it(started: Started, tmp_path: Path) -> None:
    process, port = started("answer.py", os.getuid(), 0, tmp_path / "bodies")
    place = place_of(Endpoint(port=port), Known(binary=_PYTHON), "")
    assert place.proof is Proof.PROVED
    assert place.facts == (
        f"Port {port} of this device belongs to process {process.pid}, Ollama ({_PYTHON}) run by you.",
        "The server has the model's weights itself.",
    )


def test_a_program_that_was_replaced_meanwhile_is_not_it(started: Started, tmp_path: Path) -> None:
    binary = tmp_path / "ollama"
    shutil.copy(_PYTHON, binary)
    _, port = started("answer.py", os.getuid(), 0, tmp_path / "bodies", binary=binary)
    assert place_of(Endpoint(port=port), Known(binary=binary)).proof is Proof.PROVED
    binary.unlink()
    shutil.copy(_PYTHON, binary)
    assert place_of(Endpoint(port=port), Known(binary=binary)).proof is Proof.UNPROVED


def test_a_tunnel_to_the_real_server_is_not_proved(started: Started, tmp_path: Path) -> None:
    """Threat T28: it answers just as the server does."""
    server, port = started("answer.py", os.getuid(), 0, tmp_path / "bodies")
    tunnel, near = started("forward.py", port, binary=Path(sys.executable))
    known = Known(_child(server).child, binary=tmp_path / "ollama")
    place = place_of(Endpoint(port=near), known)
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.UNPROVED)
    assert f"process {tunnel.pid} (" in place.facts[0]
    assert "which is not an Ollama that this app knows" in place.facts[0]
    assert place.hint


def test_another_users_server_is_not_proved(started: Started, tmp_path: Path) -> None:
    """Only root can start one as another; anybody else sees one that is not theirs by the rule of the service."""
    uid = 65534 if os.getuid() == 0 else os.getuid()
    _, port = started("answer.py", uid, 0, "/dev/null")
    known = Known(binary=_PYTHON if uid != os.getuid() else None)
    assert place_of(Endpoint(port=port), known).proof is Proof.UNPROVED


@pytest.mark.parametrize("members", ["of the service", "nobody", "of another"])
def test_the_systems_service_is_proved_by_its_account_and_its_unit(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, members: str
) -> None:
    """Both: its account alone may have been used by hand, and a unit alone may run as anybody."""
    uid = 65534 if os.getuid() == 0 else os.getuid()
    process, port = started("answer.py", uid, 0, "/dev/null")
    unit = tmp_path / "system.slice/ollama.service"
    unit.mkdir(parents=True)
    pids = {"of the service": str(process.pid), "nobody": "", "of another": "1"}
    (unit / "cgroup.procs").write_text(pids[members])
    monkeypatch.setattr(sockets, "CGROUPS", tmp_path)
    monkeypatch.setattr(places, "ACCOUNT", pwd.getpwuid(uid).pw_name)
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    place = place_of(Endpoint(port=port), Known())
    assert (place.proof is Proof.PROVED) == (members == "of the service")
    if members == "of the service":
        assert "the system's service ollama.service" in place.facts[0]


def test_a_port_without_a_listener_is_not_proved() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        place = place_of(Endpoint(port=held.getsockname()[1]), Known(binary=_PYTHON))
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.UNPROVED)
    assert "No process of this device listens" in place.facts[0]


@pytest.mark.parametrize("url", ["http://box", "https://127.0.0.1:11434", "127.0.0.2", "[::1]"])
def test_what_is_not_loopback_is_never_proved(url: str) -> None:
    assert place_of(Endpoint.parse(url), Known(binary=_PYTHON)).proof is Proof.UNPROVED
    declared = place_of(Endpoint.parse(url), Known(binary=_PYTHON, declared=Zone.LAN))
    assert (declared.zone, declared.proof) == (Zone.LAN, Proof.DECLARED)


def test_a_model_of_another_machine_is_of_the_cloud_whoever_has_the_port(started: Started, tmp_path: Path) -> None:
    process, port = started("answer.py", os.getuid(), 0, tmp_path / "bodies")
    known = Known(_child(process).child, declared=Zone.DEVICE)
    place = place_of(Endpoint(port=port), known, "https://ollama.com")
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.PROVED)
    assert "https://ollama.com" in place.facts[0]
    place = place_of(Endpoint(port=port), known, UNKNOWN)
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.UNPROVED)


async def test_nothing_is_sent_to_who_took_the_port_after_the_look(started: Started, tmp_path: Path) -> None:
    """The place was proved; then the server goes and another is at its port before the question is sent."""
    bodies = tmp_path / "bodies"
    server, port = started("answer.py", os.getuid(), 0, bodies)
    known, endpoint = _child(server), Endpoint(port=port)
    place = place_of(endpoint, known)
    assert place.proof is Proof.PROVED
    same = {"trace": same_server(endpoint, known)}
    client = await local_door().client(Errand(Purpose.MANAGE, "ollama", place), endpoint.address(place))
    async with client:
        assert (await client.post("/api/create", content=b"first", extensions=same)).status_code == 200
        server.kill()
        server.wait()
        started("answer.py", os.getuid(), port, bodies)
        with pytest.raises(PrivacyRefused, match="is not the Ollama server"):
            await client.post("/api/create", content=b"second", extensions=same)
    assert bodies.read_bytes() == b"first"
