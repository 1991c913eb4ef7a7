"""The library of GGUF files: what lies in the user's folders, as models with one reference each."""

from aqe_desktop.runtimes.llamacpp.library.library import HOST, Library

__all__ = ["HOST", "Library"]
