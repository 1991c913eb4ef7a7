"""The app in the sealed network: what stays on this device is seen by nobody, whatever it holds."""

from __future__ import annotations

import json

import pytest

from aqe_desktop.core.ledger import RowKind
from tests.proof.conftest import CANARY, Profile
from tests.proof.judge import holds


def test_a_chat_with_a_file_on_this_device_sends_nothing(profile: Profile) -> None:
    """Drives the purposes chat and count: a prompt is counted before it is sent."""
    file = profile.folder / f"{CANARY}.py"
    file.write_text(f"KEY = '{CANARY}'\n")
    prompt = f"What is {CANARY}?"
    done = profile.run("aqe", "chat", prompt, "--file", str(file), "--max-output", "8", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["route"]["zone"], answer["route"]["proof"], answer["ledger_seq"]) == ("device", "proved", None)
    assert profile.complaints() == []
    assert not holds(profile.seal.seen(), CANARY)
    assert [row for row in profile.rows() if row.entry.kind is RowKind.SENT] == []


def test_the_other_commands_send_nothing(profile: Profile) -> None:
    for words in (
        ("history", "--json"),
        ("models", "--json"),
        ("runtimes", "--json"),
        ("doctor", "--json"),
        ("policy", "show", "--json"),
        ("ledger", "verify", "--json"),
        ("restore", "--list"),
    ):
        done = profile.run("aqe", *words)
        assert done.returncode == 0, (words, done.stderr)
    assert profile.complaints() == []
    assert profile.seal.seen() == []


def test_no_way_to_a_process_outside_is_handed_in(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen, a bus, a container service: by a Unix socket, which the seal does not see."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST", "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, "unix:/elsewhere")
    told = "[each for each in os.environ.values() if 'elsewhere' in each], os.listdir(os.environ['XDG_RUNTIME_DIR'])"
    assert profile.run("-c", f"import os; print(({told}))").stdout == "([], [])\n"


def test_the_seal_lets_a_request_through_to_the_sink_only(profile: Profile) -> None:
    """Without this, an empty record would prove nothing."""
    done = profile.run("-c", "import urllib.request as u; print(u.urlopen('http://192.0.2.1/x').status)")
    assert done.stdout == "200\n", done.stderr
    assert [each["path"] for each in profile.seal.seen() if each["what"] == "request"] == ["/x"]
