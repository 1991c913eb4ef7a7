"""llama.cpp as the embedded engine: its own process, its own empty network, shared by every part of the app."""

from aqe_desktop.runtimes.llamacpp.options import LoadOptions
from aqe_desktop.runtimes.llamacpp.runtime import LlamaCpp

__all__ = ["LlamaCpp", "LoadOptions"]
