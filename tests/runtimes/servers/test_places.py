"""Where a server of the user's own runs: proved by the kernel's word and the program that the user named, else said."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from aqe_desktop.core.errors import PrivacyRefused
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.machine.door import Address, Door
from aqe_desktop.runtimes.servers.kinds import UNKNOWN, Kind, kinds
from aqe_desktop.runtimes.servers.places import Options, owner_of, place_of, same_server
from aqe_desktop.runtimes.servers.runtime import PlainServer
from tests.doors import local_door, never_offline
from tests.runtimes.ollama.replay import Replay
from tests.runtimes.ollama.rows import Rows
from tests.runtimes.servers.served import HERE, answer, text_of, turn

_PYTHON = Path("/usr/bin/python3").resolve()
_PROGRAM = Path(__file__).parent / "llama_like.py"
_FORWARD = Path(__file__).parents[1] / "ollama" / "forward.py"
Started = Callable[..., int]
_MODEL = ModelRef("box", "smol")


@pytest.fixture
def llama_server(tmp_path: Path) -> Path:
    """A program of that name; what it runs is a Python that answers like one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return Path(shutil.copy(_PYTHON, folder / "llama-server"))


@pytest.fixture
def started() -> Iterator[Started]:
    with ExitStack() as stack:

        def start(binary: Path, *words: object, **environment: str) -> int:
            command = [str(binary), *map(str, words)]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, text=True, cwd="/", env={"PYTHONHOME": "/usr", **environment}
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            assert process.stdout is not None
            return int(process.stdout.readline())

        yield start


def _options(port: int, program: Path | None = None, declared: Zone | None = None) -> Options:
    return Options("box", f"http://127.0.0.1:{port}", declared=declared, program=program)


def _kind(name: str) -> Kind:
    return next(each for each in kinds() if each.kind == name)


async def test_a_named_program_is_proved_answers_without_rows_and_counts(llama_server: Path, started: Started) -> None:
    port = started(llama_server, _PROGRAM)
    server = PlainServer(local_door(), _options(port, llama_server))
    (model,) = await server.models()
    place = await server.place(model.ref)
    assert (place.zone, place.proof) == (Zone.DEVICE, Proof.PROVED)
    assert str(llama_server) in place.facts[0]
    assert await server.body(model.ref, turn(HERE).messages, turn(HERE).sampling) is None
    assert text_of(await answer(server, turn(place))) == "Here"
    assert await server.count(turn(place)) == 3
    assert (await server.look()).pid


async def test_the_same_server_not_named_is_what_the_user_says(llama_server: Path, started: Started) -> None:
    port = started(llama_server, _PROGRAM)
    owner = owner_of(_options(port))
    assert not owner.proved
    unproved = place_of(_options(port), owner, _kind("llama-server"))
    assert (unproved.zone, unproved.proof) == (Zone.CLOUD, Proof.UNPROVED)
    assert "settings.toml" in unproved.hint
    for zone in (Zone.DEVICE, Zone.LAN):
        said = place_of(_options(port, declared=zone), owner, _kind("llama-server"))
        assert (said.zone, said.proof) == (zone, Proof.DECLARED)


@pytest.mark.parametrize("kind", ["lmstudio", "localai", "ollama", "litellm", "vllm", "llama-cpp-python", ""])
def test_a_model_is_not_proved_because_its_server_is(kind: str, llama_server: Path, started: Started) -> None:
    options = _options(started(llama_server, _PROGRAM), llama_server)
    owner = owner_of(options)
    assert owner.proved
    known = _kind(kind) if kind else UNKNOWN
    place = place_of(options, owner, known)
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.UNPROVED)
    assert ("may pass questions on" in place.facts[-1]) == known.forwards


async def test_a_program_that_may_run_anything_proves_nothing(started: Started) -> None:
    port = started(_PYTHON, _PROGRAM)
    server = PlainServer(Door(Rows(), never_offline), _options(port, _PYTHON))
    place = await server.place(_MODEL)
    assert place.proof is Proof.UNPROVED
    assert "may run anything" in place.facts[-1]


@pytest.mark.parametrize("told", [("--rpc", "192.0.2.1:50052"), ("--rpc=192.0.2.1:50052",), ()])
async def test_an_engine_that_computes_elsewhere_is_not_here(
    told: tuple[str, ...], llama_server: Path, started: Started
) -> None:
    environment = {} if told else {"LLAMA_ARG_RPC": "192.0.2.1:50052"}
    port = started(llama_server, _PROGRAM, *told, **environment)
    server = PlainServer(Door(Rows(), never_offline), _options(port, llama_server))
    place = await server.place(_MODEL)
    assert place.proof is Proof.UNPROVED
    assert "other machines" in place.facts[-1]


async def test_a_tunnel_to_it_is_not_proved_and_gets_nothing(llama_server: Path, started: Started) -> None:
    inner = started(llama_server, _PROGRAM)
    port = started(_PYTHON, _FORWARD, inner)
    server = PlainServer(local_door(), _options(port, llama_server))
    with pytest.raises(PrivacyRefused, match="not proved any more"):
        await answer(server, turn(HERE))
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(PrivacyRefused, match="nothing was sent"):
            await client.get(
                f"http://127.0.0.1:{port}/", extensions={"trace": same_server(_options(port, llama_server))}
            )


async def test_what_answers_from_elsewhere_by_its_own_words_is_cloud() -> None:
    options = _options(9, declared=Zone.LAN)
    place = place_of(options, owner_of(options), remote="far.example")
    assert (place.zone, place.proof) == (Zone.CLOUD, Proof.PROVED)


async def test_the_place_of_a_server_elsewhere_is_told_without_asking_it() -> None:
    replay, rows = Replay(), Rows()
    async with replay.listening() as port:
        server = PlainServer(Door(rows, never_offline), _options(port, declared=Zone.LAN))
        assert await server.place(_MODEL) == Place(
            Zone.LAN, Proof.DECLARED, (owner_of(_options(port)).fact, "You said that this server is in the zone lan.")
        )
    assert (replay.asked, rows.entries) == ([], [])


@pytest.mark.parametrize(
    ("url", "loopback", "base"),
    [
        ("http://localhost:8000", True, "http://127.0.0.1:8000"),
        ("http://127.0.0.1", True, "http://127.0.0.1:80"),
        ("https://127.0.0.1:8000", False, "https://127.0.0.1:8000"),
        ("http://127.0.0.2:8000", False, "http://127.0.0.2:8000"),
        ("http://127.0.0.1:8000/ai", False, "http://127.0.0.1:8000/ai"),
        ("http://[::1]:8000", False, "http://[::1]:8000"),
    ],
)
def test_only_loopback_itself_can_be_proved(url: str, loopback: bool, base: str) -> None:
    options = Options("box", url)
    assert (options.on_loopback, options.base) == (loopback, base)
    if not loopback:
        assert not owner_of(options).proved
        assert options.address(Place(Zone.LAN, Proof.DECLARED)) == Address(url=base)
