"""Which class serves which engine: the one place that names them all."""

from __future__ import annotations

from pathlib import Path

from aqe_desktop.runtimes.llamacpp.options import LLAMA_CPP_PYTHON, LLAMA_SERVER
from aqe_desktop.runtimes.llamacpp.worker.server import EngineServer


def make_server(engine: str, program: str) -> EngineServer:
    """Raises ImportError or ProviderFailed where the engine cannot be used here."""
    if engine == LLAMA_SERVER:
        from aqe_desktop.runtimes.llamacpp.worker.llama_server import LlamaServer

        return LlamaServer(Path(program))
    if engine == LLAMA_CPP_PYTHON:
        from aqe_desktop.runtimes.llamacpp.worker.llama_cpp_python import LlamaCppPython

        return LlamaCppPython(Path(program))
    from aqe_desktop.runtimes.llamacpp.worker.xllama import XllamaServer

    return XllamaServer()
