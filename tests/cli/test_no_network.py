"""After the install no network is needed: the command answers where there is none at all, not even a loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

from tests.cli.conftest import AQE, Command

# Root may make the namespace as it is; anyone else makes it inside a user namespace of their own.
ALONE = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-current-user", "--net")
REACH = """
import errno, socket
for address in ("192.0.2.1", "127.0.0.1"):
    try:
        socket.create_connection((address, 9), 5)
    except OSError as error:
        print(errno.errorcode[error.errno])
"""


def without_network(aqe: Command, *words: str) -> subprocess.CompletedProcess[str]:
    assert shutil.which(ALONE[0]), "unshare is missing: sudo make system-deps-test"
    return subprocess.run([*ALONE, *words], cwd=aqe.folder, capture_output=True, text=True, timeout=120, check=False)


def test_a_question_is_answered_without_any_network(aqe: Command) -> None:
    reached = without_network(aqe, sys.executable, "-c", REACH)
    assert reached.stdout.split() == ["ENETUNREACH", "ENETUNREACH"], reached
    done = without_network(aqe, *AQE, "chat", "What is 2+2?", "--json", "--max-output", "16", "--temperature", "0")
    assert done.returncode == 0, done
    told = json.loads(done.stdout)
    assert "4" in told["text"]
    assert (told["route"]["zone"], told["route"]["proof"]) == ("device", "proved")
    again = without_network(aqe, *AQE, "chat", "--continue", "And 3+3?", "--max-output", "8")
    assert (again.returncode, bool(again.stdout.strip())) == (0, True), again
