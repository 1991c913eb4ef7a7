"""The engine is cut off: no network, no secrets of ours, no stranger at its sockets, and the facts say so truly."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.models import ModelRef, Proof
from aqe_desktop.machine import hardware
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from tests.doors import local_door
from tests.machine.test_seccomp import WITHOUT_FILTERS
from tests.runtimes.llamacpp.conversation import SMALL, answer, turn
from tests.runtimes.llamacpp.engines import Engines, environment_of, kernel_file, parent_of

_ASK = """
import asyncio, sys
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.core.models import ModelRef
from tests.doors import local_door
from tests.machine.test_seccomp import WITHOUT_FILTERS
from tests.runtimes.llamacpp.conversation import SMALL, answer, turn
async def main():
    runtime = LlamaCpp(find_paths(), local_door(), SMALL)
    model = ModelRef.parse(sys.argv[1])
    text, _, _ = await answer(runtime, turn(model, "Hello"))
    place = await runtime.place(model)
    print(bool(text), place.proof, place.facts[-1], sep="|")
    await runtime.aclose()
asyncio.run(main())
"""

# How llama.cpp begins or ends what it logs of a request.
_OF_A_REQUEST = ("slot launch", "slot update", "print_timing", "prompt eval", "log_server_r", "POST")


_REFUSED = """
import asyncio, sys
from aqe_desktop.core.errors import AqeError
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.core.models import ModelRef
from tests.machine.test_seccomp import WITHOUT_FILTERS
from tests.runtimes.llamacpp.conversation import SMALL, answer, turn
from tests.doors import local_door
async def main():
    runtime = LlamaCpp(find_paths(), local_door(), SMALL)
    model = ModelRef.parse(sys.argv[1])
    before = await runtime.place(model)
    await runtime.load(model)
    place = await runtime.place(model)
    try:
        await answer(runtime, turn(model, "secret"))
        error = None
    except AqeError as caught:
        error = caught
    print(f"{before.proof} {before.facts[-1]}", f"{place.proof} {place.facts[-1]}", error.kind, error.hint, sep="|")
    await runtime.aclose()
asyncio.run(main())
"""
_NO_NAMESPACES = ("unshare", "-Ur", "sh", "-c", 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"', "sh")


def _ask(model: ModelRef, *before: str) -> list[str]:
    return _run(_ASK, model, *before)


def _run(code: str, model: ModelRef, *before: str) -> list[str]:
    command = [*before, sys.executable, "-c", code, str(model)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    return done.stdout.strip().split("|")


async def test_the_engine_has_no_interface_but_a_dead_loopback_and_answers_all_the_same(
    runtime: LlamaCpp, starter: ModelRef
) -> None:
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    pid = runtime.status.value.pid
    table = kernel_file(pid, "net/dev").splitlines()[2:]
    assert text
    assert [line.split(":")[0].strip() for line in table] == ["lo"]
    assert kernel_file(pid, "net/tcp").count("\n") == 1
    assert kernel_file(pid, "net/route").count("\n") <= 1


async def test_the_place_of_a_loaded_model_is_proved_by_facts_read_now(runtime: LlamaCpp, starter: ModelRef) -> None:
    await runtime.load(starter)
    place = await runtime.place(starter)
    assert place.proof is Proof.PROVED
    assert place == runtime.status.value.place
    assert str(runtime.status.value.pid) in place.facts[0]
    assert "mode 0600" in place.facts[1]
    assert "empty network namespace" in place.facts[2]


async def test_a_socket_that_others_may_use_is_not_proved_and_gets_no_text(
    runtime: LlamaCpp, starter: ModelRef, paths: Paths
) -> None:
    await runtime.load(starter)
    next(paths.run.glob("*.sock")).chmod(0o666)
    assert (await runtime.place(starter)).proof is Proof.UNPROVED
    with pytest.raises(Exception, match="nothing was sent"):
        await answer(runtime, turn(starter, "secret"))


def test_an_ordinary_user_gets_the_same_isolation(starter: ModelRef, engines: Engines) -> None:
    assert shutil.which("setpriv"), "setpriv of util-linux is missing"
    ordinary = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"] if os.getuid() == 0 else []
    text, proof, fact = _ask(starter, *ordinary)
    assert (text, proof) == ("True", "proved")
    assert "empty network namespace" in fact


def test_where_namespaces_are_refused_a_filter_of_the_kernel_takes_the_network(
    starter: ModelRef, engines: Engines
) -> None:
    text, proof, fact = _ask(starter, *_NO_NAMESPACES)
    assert (text, proof) == ("True", "proved")
    assert "every socket but Unix sockets" in fact


def test_where_the_kernel_takes_the_network_in_no_way_nothing_is_sent_and_the_hint_names_what_to_allow(
    starter: ModelRef, engines: Engines
) -> None:
    before, loaded, error, hint = _run(_REFUSED, starter, *_NO_NAMESPACES, sys.executable, "-c", WITHOUT_FILTERS)
    assert before.startswith("unproved The engine could reach the network: no empty network namespace")
    assert loaded.startswith("unproved The engine can reach the network")
    assert error == "privacy_refused"
    assert "user.max_user_namespaces" in hint
    assert "seccomp" in hint


async def test_an_engine_has_no_powers_and_gets_none(runtime: LlamaCpp, starter: ModelRef) -> None:
    await runtime.load(starter)
    pid = runtime.status.value.pid
    assert pid is not None
    for process in (pid, parent_of(pid)):
        facts = dict(line.split(":\t", 1) for line in kernel_file(process, "status").splitlines() if ":\t" in line)
        assert [int(facts[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")] == [0, 0, 0]
        assert facts["NoNewPrivs"] == "1"


async def test_root_can_load_another_users_private_model(
    runtime: LlamaCpp, starter_model: Path, paths: Paths, tmp_path: Path
) -> None:
    """To anybody but root a private file of their own stands for it: only root can make one of somebody else."""
    prepare(paths)
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    file = shutil.copyfile(starter_model, folder / "model.gguf")
    file.chmod(0o600)
    if os.getuid() == 0:
        for path in (file, folder):
            os.chown(path, 1234, 1234)
    (paths.models / "theirs.gguf").symlink_to(file)
    text, _, _ = await answer(runtime, turn(ModelRef("llamacpp", "theirs"), "Hello"))
    assert text


async def test_without_unix_sockets_a_port_and_a_token_take_their_place(
    paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    runtime = LlamaCpp(paths, local_door(), SMALL, loopback=True)
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    place = await runtime.place(starter)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in paths.run.iterdir()}
    await runtime.aclose()
    assert text
    assert modes == {0o600}
    assert "loopback port" in place.facts[1]
    assert place.facts[2].startswith("The engine can reach the network")


async def test_no_secret_of_ours_is_in_a_workers_environment_or_command_line(
    paths: Paths, engines: Engines, starter: ModelRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENROUTER_API_KEY", "HF_TOKEN", "HTTP_PROXY", "PYTHONPATH"):
        monkeypatch.setenv(name, "canary-4711")
    runtime = LlamaCpp(paths, local_door(), SMALL)
    await runtime.load(starter)
    pid = runtime.status.value.pid
    assert pid is not None
    seen = [kernel_file(p, "cmdline") for p in (pid, parent_of(pid))]
    seen += [kernel_file(parent_of(pid), "environ"), environment_of(pid)]
    await runtime.aclose()
    assert all("aqe_desktop" in text for text in seen[:2])
    assert "LANG=C.UTF-8" in seen[2]
    assert not [text for text in seen if "canary" in text or "HOME" in text]


async def test_the_engine_dumps_no_core_and_runs_below_the_window(runtime: LlamaCpp, starter: ModelRef) -> None:
    await runtime.load(starter)
    pid = runtime.status.value.pid
    assert pid is not None
    limits = kernel_file(pid, "limits").splitlines()
    assert next(line for line in limits if line.startswith("Max core file size")).split()[4:6] == ["0", "0"]
    assert os.getpriority(os.PRIO_PROCESS, pid) == (5 if hardware.cores() > 1 else 15)


async def test_an_engine_on_every_core_steps_back_with_its_whole_session(
    paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    ours = Path("/proc/self/autogroup").read_text() if Path("/proc/self/autogroup").exists() else ""
    runtime = LlamaCpp(paths, local_door(), replace(SMALL, n_threads=hardware.cores()))
    await runtime.load(starter)
    pid = runtime.status.value.pid
    assert pid is not None
    assert os.getpriority(os.PRIO_PROCESS, pid) == 15
    if Path("/proc/self/autogroup").exists():
        assert kernel_file(pid, "autogroup").split()[1:] == ["nice", "15"]
        assert kernel_file(os.getpid(), "autogroup") == ours
    await runtime.aclose()


async def test_an_engine_answers_nobody_without_its_token(runtime: LlamaCpp, starter: ModelRef, paths: Paths) -> None:
    await runtime.load(starter)
    address = Address(next(paths.run.glob("*.sock")))
    async with await local_door().client(turn(starter, "Hi"), address, {"Authorization": "Bearer wrong"}) as client:
        statuses = {path: (await client.get(path)).status_code for path in ("/v1/models", "/props", "/slots", "/")}
    assert set(statuses.values()) <= {401, 404, 501}


def _greeting_for_another_user(path: Path) -> bytes:
    """What the keeper says to a process of another user that reaches its socket; only root can make one."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setuid(65534)
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(path))
            stranger.settimeout(60)
            os.write(writer, b"heard:" + stranger.recv(100))
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as answer:
        return answer.read()


async def test_a_stranger_at_the_control_socket_is_told_nothing(
    runtime: LlamaCpp, starter: ModelRef, paths: Paths
) -> None:
    await runtime.load(starter)
    control = next(paths.run.glob("*.ctl"))
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (control, control.parent, control.parent.parent)}
    assert modes == {0o600, 0o700}
    if os.getuid() == 0:
        for path in (control, control.parent, control.parent.parent, control.parent.parent.parent):
            path.chmod(0o777)
        assert _greeting_for_another_user(control) == b"heard:"


async def test_the_log_holds_nothing_of_what_was_said(runtime: LlamaCpp, starter: ModelRef, paths: Paths) -> None:
    await answer(runtime, turn(starter, "My password is tangerine-4711."))
    await runtime.aclose()
    log = (paths.logs / "engine.log").read_text()
    assert "loading model" in log
    assert "tangerine" not in log
    # Nothing at all of a request, not even its figures: what llama.cpp says then is not ours to foresee.
    assert [line for line in log.splitlines() if any(word in line for word in _OF_A_REQUEST)] == []
