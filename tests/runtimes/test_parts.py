"""The compiled parts are what they say they are, and answer: without that, no test on top of them proves anything."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from parts import llama_cpp_python as llama_cpp_python_part
from parts import llama_server, ollama
from parts.models import CODER

from tests import parts

pytestmark = pytest.mark.long

_QUESTION = [{"role": "user", "content": "Say hello."}]
_COMPLETE = """
import json, sys, llama_cpp
model = llama_cpp.Llama(sys.argv[1], n_ctx=512, n_threads=1, verbose=False)
answer = model.create_completion("def add(a, b):", max_tokens=8, temperature=0)
print(json.dumps([llama_cpp.__version__, llama_cpp.__file__, answer["usage"]["completion_tokens"]]))
"""


@asynccontextmanager
async def _running(command: Sequence[str | Path], log: Path, **variables: str) -> AsyncIterator[None]:
    with log.open("wb") as output:
        words = [str(word) for word in command]
        environment = {**os.environ, **variables}
        process = await asyncio.create_subprocess_exec(*words, env=environment, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 60)


async def _until_it_answers(client: httpx.AsyncClient, path: str) -> httpx.Response:
    async with asyncio.timeout(300):
        while True:
            try:
                if (response := await client.get(path)).is_success:
                    return response
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def test_ollama_is_genuine_takes_a_gguf_and_chats(starter_model: Path, tmp_path: Path) -> None:
    port = _free_port()
    variables = {"OLLAMA_HOST": f"127.0.0.1:{port}", "OLLAMA_MODELS": str(tmp_path / "models"), "OLLAMA_NO_CLOUD": "1"}
    base = f"http://127.0.0.1:{port}"
    async with (
        _running([parts.ollama_binary(), "serve"], tmp_path / "log", **variables),
        httpx.AsyncClient(base_url=base, timeout=300, trust_env=False) as client,
    ):
        version = await _until_it_answers(client, "/api/version")
        assert version.json() == {"version": ollama.VERSION}
        await _create(client, starter_model)
        request = {
            "model": "smol",
            "messages": _QUESTION,
            "stream": False,
            "options": {"num_predict": 8, "num_thread": 1},
        }
        answer = (await client.post("/api/chat", json=request)).raise_for_status().json()
    assert answer["done"]
    assert answer["message"]["content"].strip()
    assert answer["eval_count"] > 0


async def _create(client: httpx.AsyncClient, model: Path) -> None:
    content = model.read_bytes()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    (await client.post(f"/api/blobs/{digest}", content=content)).raise_for_status()
    request = {"model": "smol", "files": {model.name: digest}, "stream": False}
    assert (await client.post("/api/create", json=request)).raise_for_status().json() == {"status": "success"}


async def test_llama_server_listens_on_a_unix_socket_and_chats(tmp_path: Path) -> None:
    listener = Path(os.environ["XDG_RUNTIME_DIR"]) / "e.sock"
    command = [parts.llama_server_binary(), "--host", listener, "-m", parts.coder_model(), "-c", "512", "-t", "1"]
    async with (
        _running([*map(str, command), "--offline"], tmp_path / "log"),
        httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(listener)), base_url="http://e", timeout=300
        ) as client,
    ):
        await _until_it_answers(client, "/health")
        assert "<html" not in (await client.get("/")).text.lower(), "a web page was built in"
        request = {"messages": _QUESTION, "max_tokens": 8}
        answer = (await client.post("/v1/chat/completions", json=request)).raise_for_status().json()
        assert (await client.get("/props")).json()["build_info"].startswith(f"b{llama_server.VERSION}")
    assert answer["choices"][0]["message"]["content"].strip()


def test_llama_server_needs_no_library_beside_it() -> None:
    linked = subprocess.run(["ldd", parts.llama_server_binary()], capture_output=True, text=True, check=True).stdout
    assert "libllama" not in linked
    assert "not found" not in linked


def test_llama_cpp_python_completes_in_its_own_environment(starter_model: Path) -> None:
    python = parts.llama_cpp_python()
    command = [str(python), "-I", "-c", _COMPLETE, str(starter_model)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    version, file, tokens = json.loads(result.stdout.splitlines()[-1])
    assert version == llama_cpp_python_part.VERSION
    assert Path(file).is_relative_to(python.parents[1])
    assert tokens > 0


def test_an_environment_with_llama_cpp_python_can_be_made_offline(tmp_path: Path) -> None:
    """pip is told of no index: all that is needed lies beside the part."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([parts.llama_cpp_python(), "-m", "venv", tmp_path / "venv"], check=True, timeout=300)
    words = ["install", "--quiet", "--no-index", "--find-links", str(parts.llama_cpp_wheels()), "llama-cpp-python"]
    subprocess.run([python, "-m", "pip", *words], check=True, timeout=300)
    subprocess.run([python, "-I", "-c", "import llama_cpp"], check=True, timeout=300)


def test_the_coder_model_is_the_file_we_know() -> None:
    with parts.coder_model().open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    assert digest == "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
    assert CODER.path.stat().st_size == 491_400_064
