"""What the package can use here."""

from __future__ import annotations


def devices() -> dict[str, int]:
    """Accelerators with their free memory in bytes, by ggml's own list of devices (ggml-backend.h)."""
    import ctypes

    import llama_cpp
    from llama_cpp._ggml import libggml

    llama_cpp.llama_backend_init()
    for name in ("ggml_backend_dev_get", "ggml_backend_dev_description"):
        getattr(libggml, name).restype = ctypes.c_void_p
    libggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    found = {}
    for number in range(libggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(libggml.ggml_backend_dev_get(ctypes.c_size_t(number)))
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        libggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        if libggml.ggml_backend_dev_type(device) and total.value:  # 0 is the processor
            text = ctypes.cast(libggml.ggml_backend_dev_description(device), ctypes.c_char_p).value or b""
            found[text.decode("utf-8", "replace")] = free.value
    return found
