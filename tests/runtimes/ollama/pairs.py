"""Genuine Ollama servers that a test starts by hand: alone, or one that passes questions on to another."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import subprocess
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from aqe_desktop.core.models import ModelRef
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.runtimes.ollama.runtime import Ollama
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import never_offline
from tests.parts import ollama_binary
from tests.runtimes.ollama.real import TEMPLATE, free_port
from tests.runtimes.ollama.rows import Rows

THINKS = (
    "{{- range .Messages }}<|im_start|>{{ .Role }}\n"
    "{{ if .Thinking }}<think>{{ .Thinking }}</think>\n\n{{ end }}{{ .Content }}<|im_end|>\n"
    "{{ end }}<|im_start|>assistant\n{{ if .Think }}<think>{{ end }}"
)
# A small model follows two examples.
EXAMPLES = [
    {"role": "user", "content": "How many legs do two cats have?"},
    {
        "role": "assistant",
        "thinking": "A cat has 4 legs. Two cats have 2 x 4 = 8 legs.",
        "content": "Two cats have 8 legs.",
    },
    {"role": "user", "content": "Is 9 bigger than 7?"},
    {
        "role": "assistant",
        "thinking": "9 - 7 = 2, which is more than 0, so 9 is bigger.",
        "content": "Yes, 9 is bigger than 7.",
    },
]


@dataclass
class Serving:
    """A server of a test, in a session of its own, with a home and models in the test's folder."""

    folder: Path
    port: int
    surroundings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        built = {
            "HOME": str(self.folder),
            "PATH": "/usr/bin:/bin",
            "OLLAMA_HOST": f"127.0.0.1:{self.port}",
            "OLLAMA_MODELS": str(self.folder / "models"),
            "OLLAMA_NUM_PARALLEL": "1",
            **self.surroundings,
        }
        with (self.folder / "serve.log").open("ab") as log:
            command = [str(ollama_binary()), "serve"]
            self.process = subprocess.Popen(command, env=built, stdout=log, stderr=log, start_new_session=True)
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                self.ask("GET", "/api/version")
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "serve.log").read_text()[-2000:])

    def end(self) -> None:
        """With all that it has started, a runner that outlived it among them."""
        if self.process is not None:
            for each in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process.pid, each)
                time.sleep(0.3)
            self.process.wait(10)
            self.process = None

    def kill(self) -> None:
        """The server alone, as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = httpx.request(method, self.url + path, json=body, timeout=120, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None

    def create(self, name: str, file: Path, **more: Any) -> None:
        digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
        if httpx.head(f"{self.url}/api/blobs/{digest}", trust_env=False).status_code != 200:
            with file.open("rb") as content:
                httpx.post(f"{self.url}/api/blobs/{digest}", content=content, timeout=120, trust_env=False)
        made = {"files": {file.name: digest}, "template": TEMPLATE, "parameters": {"stop": ["<|im_end|>"]}, **more}
        self.ask("POST", "/api/create", {"model": name, "stream": False, **made})

    def forward(self, name: str, to: Serving, model: str = "smol") -> None:
        """A model that is no more than a note of where it runs."""
        self.ask("POST", "/api/create", {"model": name, "from": model, "remote_host": to.url, "stream": False})

    def runners(self) -> list[int]:
        """The processes that compute, by the kernel's list of the session."""
        assert self.process is not None
        listed = subprocess.run(["ps", "-eo", "pid=,sid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        return [int(pid) for pid, sid, words in rows if int(sid) == self.process.pid and " runner " in words]


@contextmanager
def serving(folder: Path, **surroundings: str) -> Iterator[Serving]:
    server = Serving(folder, free_port(), surroundings)
    try:
        server.start()
        yield server
    finally:
        server.end()


@asynccontextmanager
async def runtime_of(server: Serving, rows: Rows | None = None, **settings: Any) -> AsyncGenerator[Ollama]:
    """Ours over a server that somebody else started, proved by its program."""
    paths = find_paths()
    await asyncio.to_thread(prepare, paths)
    door = Door(rows or Rows(), never_offline)
    options = Options(url=server.url, binary=ollama_binary())
    runtime = Ollama(paths, door, Server(paths, door, options, {}), settings.get("kept"))
    yield runtime
    await runtime.aclose()
    await door.aclose()


def ref(name: str) -> ModelRef:
    return ModelRef("ollama", f"{name}:latest")
