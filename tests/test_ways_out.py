"""What may reach beyond this process is on a list, module by module: a way out that nobody thought of is not on it.

A list of forbidden spellings catches only those that somebody has thought of; here whatever is not allowed fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
_PACKAGE = sorted((_ROOT / "aqe_desktop").rglob("*.py"))

# Modules that cannot reach beyond this process by themselves, or only the file system.
_PLAIN = frozenset(
    """__future__ abc argparse array asyncio base64 binascii bisect codecs collections collections.abc
    concurrent.futures contextlib contextvars copy csv dataclasses datetime decimal enum errno fcntl fnmatch
    functools gc glob hashlib heapq hmac io itertools json logging math msvcrt operator os pathlib platform pwd re
    resource secrets select shlex shutil signal stat string struct sys tempfile threading time tomllib traceback
    statistics types typing unicodedata urllib.parse uuid weakref zipfile zlib
    apsw certifi hyperscan hyperscan._version markdown_it markdown_it.token platformdirs pydantic pydantic.fields
    pygments.lexers pygments.util qasync readline shiboken6 tomli_w
    importlib.metadata importlib.util
    PySide6.QtCore PySide6.QtGui PySide6.QtSvg PySide6.QtWidgets""".split()  # noqa: SIM905 - a list to read
)
# Modules that could, and the files that need them.
_ONLY = {
    "ctypes": (
        "machine/privileges.py",
        "machine/sandbox.py",
        "machine/seccomp.py",
        "runtimes/llamacpp/worker/llama_cpp_python_server/__main__.py",
        "runtimes/llamacpp/worker/llama_cpp_python_server/devices.py",
    ),
    # The engine's process asks the server that it has just started below itself.
    "http.client": ("runtimes/llamacpp/worker/asking.py",),
    "http.server": ("runtimes/llamacpp/worker/llama_cpp_python_server/handler.py",),
    "httpx": (
        "machine/door/door.py",
        "runtimes/llamacpp/runtime.py",
        "runtimes/llamacpp/talk.py",
        "runtimes/ollama/client.py",
        "runtimes/ollama/files.py",
        "runtimes/ollama/server.py",
        "runtimes/ollama/stock.py",
        "runtimes/servers/asking.py",
        "runtimes/servers/failures.py",
        "runtimes/servers/talk.py",
    ),
    "httpx2": ("machine/door/door.py",),
    "importlib": ("ui/main.py", "ui/session.py", "ui/screens/settings/about.py"),
    "keyring": ("machine/keyring.py",),
    "llama_cpp": (
        "runtimes/llamacpp/worker/llama_cpp_python_server/answer.py",
        "runtimes/llamacpp/worker/llama_cpp_python_server/devices.py",
        "runtimes/llamacpp/worker/llama_cpp_python_server/model.py",
    ),
    "llama_cpp._ggml": ("runtimes/llamacpp/worker/llama_cpp_python_server/devices.py",),
    "llama_cpp._logger": ("runtimes/llamacpp/worker/llama_cpp_python_server/model.py",),
    "llama_cpp.llama_chat_format": ("runtimes/llamacpp/worker/llama_cpp_python_server/model.py",),
    "ollama": ("runtimes/ollama/client.py",),
    "pynvml": ("machine/gpus.py",),
    "send2trash": ("machine/trash.py",),
    "socket": (
        "machine/display.py",
        "machine/last_program.py",
        "machine/processes.py",
        "machine/sandbox.py",
        "machine/seccomp.py",
        "runtimes/llamacpp/worker/asking.py",
        "runtimes/llamacpp/worker/llama_cpp_python_server/__main__.py",
        "runtimes/llamacpp/worker/llama_cpp_python_server/handler.py",
        "ui/instance.py",
    ),
    "socketserver": ("runtimes/llamacpp/worker/llama_cpp_python_server/__main__.py",),
    "ssl": ("machine/door/door.py",),
    "subprocess": (
        "machine/awake.py",
        "machine/checks.py",
        "machine/gpus.py",
        "machine/ignored.py",
        "machine/processes.py",
        "runtimes/llamacpp/engines.py",
        "runtimes/llamacpp/shape.py",
        "runtimes/llamacpp/library/reading.py",
        "runtimes/llamacpp/started.py",
        "runtimes/llamacpp/worker/below.py",
        "runtimes/llamacpp/worker/llama_cpp_python.py",
        "runtimes/llamacpp/worker/llama_server.py",
        "runtimes/ollama/server.py",
        "runtimes/ollama/worker.py",
    ),
    "xllamacpp": ("runtimes/llamacpp/worker/xllama.py",),
}
# Names in plain modules that reach beyond this process, whatever stands before the dot, and the files that need them.
_NAMES: dict[str, tuple[str, ...]] = {
    # Listens there where a system has no Unix sockets.
    "AF_INET": ("machine/sandbox.py", "runtimes/llamacpp/worker/llama_cpp_python_server/__main__.py"),
    "AF_INET6": (),
    "SOCK_DGRAM": ("machine/sandbox.py", "machine/seccomp.py"),
    "AsyncClient": (
        "machine/door/door.py",
        "runtimes/llamacpp/runtime.py",
        "runtimes/llamacpp/talk.py",
        # Its class is in annotations; the package's own is made over a client of the door.
        "runtimes/ollama/client.py",
        "runtimes/ollama/files.py",
        "runtimes/ollama/server.py",
        "runtimes/ollama/stock.py",
        # Its class in annotations.
        "runtimes/servers/asking.py",
        "runtimes/servers/talk.py",
    ),
    "AsyncHTTPTransport": ("machine/door/door.py",),
    "QDesktopServices": ("ui/screens/settings/view.py", "ui/widgets/link_sheet.py"),
    "Popen": (
        "machine/awake.py",
        "machine/processes.py",
        "runtimes/llamacpp/started.py",
        "runtimes/llamacpp/worker/below.py",
        "runtimes/ollama/server.py",
        "runtimes/ollama/worker.py",
    ),
    "create_subprocess_exec": ("runtimes/llamacpp/worker/child.py",),
    "fork": ("machine/last_program.py", "machine/sandbox.py"),
    "import_module": ("ui/main.py", "ui/session.py"),
    "open_connection": ("runtimes/llamacpp/channel.py",),
    "open_unix_connection": ("runtimes/llamacpp/channel.py",),
    "start_server": ("runtimes/llamacpp/channel.py",),
    "start_unix_server": ("runtimes/llamacpp/channel.py", "ui/instance.py"),
    **dict.fromkeys(
        """__import__ Client HTTPTransport QProcess QNetworkAccessManager QTcpSocket QUdpSocket SMTPHandler
        HTTPHandler SocketHandler DatagramHandler SysLogHandler create_connection create_datagram_endpoint
        create_server create_subprocess_shell create_unix_connection create_unix_server execl execle execlp execv
        execve execvp execvpe forkpty getaddrinfo gethostbyaddr gethostbyname gethostbyname_ex getnameinfo popen
        posix_spawn posix_spawnp sock_connect sock_sendto spawnl spawnle spawnlp spawnv spawnve spawnvp startfile
        subprocess_exec subprocess_shell urlopen urlretrieve""".split(),  # noqa: SIM905 - a list to read
        (),
    ),
}
# A cleared turn is handed on as it is; the engine's runtime only breaks control tokens in it, and what the passage
# changes is a row of the ledger.
_CHANGES_A_TURN = ("machine/door/passage.py", "runtimes/llamacpp/runtime.py")
_OF_A_TURN = {"messages", "routes", "farthest", "consent"}
_MAKES_A_TURN = ("routing/clear.py",)

# What was tried against the list that stood here before, and went through.
_LEAKS = {
    "from urllib import request\nrequest.urlopen(address)": "urllib.request",
    "import urllib.parse\nurllib.request.urlopen(address)": "urlopen",
    "from http import client\nclient.HTTPConnection(address)": "http.client",
    "import httpcore\nhttpcore.request('POST', address)": "httpcore",
    "import urllib3\nurllib3.PoolManager()": "urllib3",
    "from xmlrpc.client import ServerProxy": "xmlrpc.client",
    "import logging.handlers\nlogging.handlers.HTTPHandler(address, '/')": "HTTPHandler",
    "import webbrowser\nwebbrowser.open(address)": "webbrowser",
    "from multiprocessing.connection import Client": "multiprocessing.connection",
    "__import__('httpx')": "__import__",
    "from importlib import import_module\nimport_module(name)": "import_module",
    "import importlib\nimportlib.__import__(name)": "importlib",
    "import socket\nsocket.socket().connect(address)": "socket",
    "from subprocess import run": "subprocess",
    "import os\nos.posix_spawn(program, [], {})": "posix_spawn",
    "from os import posix_spawn as start": "posix_spawn",
    "from asyncio import open_connection as reach": "open_connection",
    "from PySide6.QtCore import QProcess": "QProcess",
    "from PySide6.QtGui import QDesktopServices": "QDesktopServices",
    "from PySide6 import QtNetwork": "PySide6.QtNetwork",
    "from aqe_desktop.core import chat\nMake = chat.Turn": "Turn",
    "Make = Turn": "Turn",
    "replace(turn, messages=others)": "a changed turn",
    "Turn((), ())": "Turn",
}


def _ways_out(source: str, name: str) -> Iterator[str]:
    """What this source, of a file with this name below the package, may not use."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for module in _imported(node):
            if module not in _PLAIN and not _is_one_of(name, _ONLY.get(module, ())):
                yield module
        for word in _words(node):
            if word in _NAMES and not _is_one_of(name, _NAMES[word]):
                yield word
    yield from _turns(tree, name)


def _imported(node: ast.AST) -> Iterator[str]:
    """Modules by their full names; `from a import b` may import the module a.b."""
    if isinstance(node, ast.Import):
        yield from (each.name for each in node.names if not _is_ours(each.name))
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level and not _is_ours(node.module):
        below = {"urllib", "http", "PySide6", "xmlrpc", "multiprocessing", "logging", "importlib"}
        if node.module in below:
            yield from (
                f"{node.module}.{each.name}" for each in node.names if each.name[:1].islower() or "Qt" in each.name
            )
        if node.module != "PySide6":
            yield node.module


def _words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.ImportFrom):
        yield from (each.name for each in node.names)


def _turns(tree: ast.AST, name: str) -> Iterator[str]:
    """Turns made or changed by others than routing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if _named(node.func) == "Turn" and not _is_one_of(name, _MAKES_A_TURN):
                yield "Turn"
            changed = _OF_A_TURN & {each.arg for each in node.keywords}
            if _named(node.func) == "replace" and changed and not _is_one_of(name, _CHANGES_A_TURN):
                yield "a changed turn"
        elif isinstance(node, ast.Assign) and _named(node.value) == "Turn":
            yield "Turn"


def _named(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "aqe_desktop"


def _is_one_of(name: str, allowed: tuple[str, ...]) -> bool:
    return any(fnmatch(name, each) for each in allowed)


def _name(path: Path) -> str:
    return path.relative_to(_ROOT / "aqe_desktop").as_posix()


def test_no_file_has_a_way_out_that_is_not_on_the_list() -> None:
    found = {_name(path): set(_ways_out(path.read_text(), _name(path))) for path in _PACKAGE}
    assert {name: ways for name, ways in found.items() if ways} == {}


@pytest.mark.parametrize(("leak", "caught"), _LEAKS.items())
def test_a_planted_way_out_is_caught(leak: str, caught: str) -> None:
    assert caught in set(_ways_out(leak, "services/planted.py"))


@pytest.mark.parametrize("allowed", [*_ONLY.values(), *_NAMES.values(), _CHANGES_A_TURN, _MAKES_A_TURN])
def test_a_file_on_the_list_is_there(allowed: tuple[str, ...]) -> None:
    """A file that was moved would leave its place on the list to another."""
    assert [each for each in allowed if not (_ROOT / "aqe_desktop" / each).is_file()] == []


def test_a_place_on_the_list_is_used() -> None:
    """Who needs a way out no longer loses it."""
    idle = [
        f"{file}: {word}"
        for listed in (_ONLY, _NAMES)
        for word, files in listed.items()
        for file in files
        if word not in _used((_ROOT / "aqe_desktop" / file).read_text())
    ]
    assert idle == []


def _used(source: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(source)))
    return {each for node in nodes for each in (*_imported(node), *_words(node))}
