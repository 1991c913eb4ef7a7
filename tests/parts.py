"""How a test finds the compiled parts; one that is missing fails the test, with what to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from parts.cache import Part
from parts.llama_cpp_python import LLAMA_CPP_PYTHON
from parts.llama_server import LLAMA_SERVER
from parts.models import CODER, LARGER_CODER
from parts.ollama import OLLAMA


def ollama_binary() -> Path:
    return _found(OLLAMA)


def llama_server_binary() -> Path:
    return _found(LLAMA_SERVER)


def llama_cpp_python() -> Path:
    """The Python of an environment that holds llama-cpp-python and what it needs, and no more."""
    return _found(LLAMA_CPP_PYTHON)


def llama_cpp_wheels() -> Path:
    """The folder of wheels that such an environment can be made from offline."""
    return _found(LLAMA_CPP_PYTHON).parents[2] / "wheels"


def coder_model() -> Path:
    """Qwen2.5-Coder 0.5B Instruct, Q4_K_M, 491 MB."""
    return _found(CODER)


def larger_coder_model() -> Path:
    """Qwen2.5-Coder 1.5B Instruct, Q4_K_M, 1.1 GB: for benchmarks only, as `make bench` alone fetches it."""
    return _found(LARGER_CODER)


def _found(part: Part) -> Path:
    if not part.path.is_file():
        target = "bench" if part is LARGER_CODER else "parts"
        pytest.fail(f"{part.name} {part.version} is missing ({part.path}): make {target}")
    return part.path
