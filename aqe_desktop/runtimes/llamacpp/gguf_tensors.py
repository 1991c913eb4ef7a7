"""Whether all of a model's weights are in its file: an interrupted download has a whole header and half the rest."""

from __future__ import annotations

from collections.abc import Sequence

from aqe_desktop.runtimes.llamacpp.gguf_reader import Tensor

_ALIGNMENT = 32
_LARGEST_ALIGNMENT = 1 << 20
# (values, bytes) of one block by ggml's number of the type (enum ggml_type in ggml.h). A type that is not here is taken
# for empty, so a newer one is never called incomplete for our want of knowledge.
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
# Their names there.
_NAMES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K",
    12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
    20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
    29: "IQ1_M", 30: "BF16", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}  # fmt: skip


def name_of(kind: int) -> str:
    """Of a type that is not known here, its number."""
    return _NAMES.get(kind, f"type {kind}")


def end_of(tensors: Sequence[Tensor], header: int, alignment: int) -> int:
    """The least size in bytes of a file with this many bytes of header and these tensors."""
    if not 0 < alignment <= _LARGEST_ALIGNMENT:
        alignment = _ALIGNMENT
    data = -(-header // alignment) * alignment
    return max((data + tensor.offset + size_of(tensor) for tensor in tensors), default=header)


def size_of(tensor: Tensor) -> int:
    """Bytes of its data; 0 for a type that is not known here."""
    values, size = _BLOCKS.get(tensor.kind, (1, 0))
    return tensor.elements // values * size
