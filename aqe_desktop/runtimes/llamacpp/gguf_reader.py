"""A cursor over the bytes of a GGUF header that checks each figure before it believes it (threats T16).

Source of the format: the GGUF specification of the ggml project, versions 2 and 3."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

from aqe_desktop.core.errors import ModelBroken

_MAGIC = b"GGUF"
_MAX_KEYS = 10_000
_MAX_TENSORS = 65_536
_MAX_DIMENSIONS = 8
_MAX_VALUES = 1 << 50
_MAX_NAME = 1_024
_MAX_STRING = 4 * 1024 * 1024
_MAX_ELEMENTS = 3_000_000
_MAX_LISTS = 20_000
_MAX_BYTES = 160 * 1024 * 1024
_MAX_DEPTH = 2
_PIECE = 1024 * 1024
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_LENGTH = struct.Struct("<Q")
# From so many texts on, and by what key a hurried reader knows the pair after a list.
_MANY = 1_000
_KEY = re.compile(rb"[a-z0-9_.]{1,80}")
_KEYS = (b"tokenizer.", b"general.")


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where one tensor's data lies: `offset` counts from the end of the header, `elements` are values, not bytes."""

    kind: int
    elements: int
    offset: int
    name: str = ""


class Reader:
    """Reads a header once, front to back: `values`, then `tensors`. Raises ModelBroken for what cannot be."""

    def __init__(self, file: BinaryIO, name: str, wanted: Callable[[str], bool], *, hurried: bool = False) -> None:
        """`wanted` tells by its key whether a list is kept or only passed over; single values are always kept.

        A `hurried` one does not walk through a vocabulary that is passed over, but looks for the key behind it. It may
        call a sound file broken, so who uses it asks an unhurried one then."""
        self._file = file
        self._name = name
        self._wanted = wanted
        self._hurried = hurried
        self._data = b""
        self._at = 0
        self._bytes = 0
        self._elements = 0
        self._lists = 0
        self._tensors = 0

    @property
    def position(self) -> int:
        """Bytes of the file read so far."""
        return self._bytes - len(self._data) + self._at

    def values(self) -> dict[str, Any]:
        if self._take(4) != _MAGIC:
            raise self.broken("it is not a GGUF file")
        version = self._scalar("<I")
        if version not in (2, 3):
            raise self.broken(f"its format version {version} is not known")
        self._tensors, keys = self._scalar("<Q"), self._scalar("<Q")
        if self._tensors > _MAX_TENSORS or keys > _MAX_KEYS:
            raise self.broken("its header claims an impossible number of entries")
        return dict(self._pair() for _ in range(keys))

    def tensors(self) -> list[Tensor]:
        return [self._tensor() for _ in range(self._tensors)]

    def broken(self, cause: str) -> ModelBroken:
        return ModelBroken(f"{self._name} cannot be used: {cause}.", "Download the file again or choose another model.")

    def _pair(self) -> tuple[str, Any]:
        key = self._string(_MAX_NAME).decode("utf-8", "replace")
        kind = self._scalar("<I")
        return key, self._value(kind, keep=self._wanted(key), depth=0)

    def _tensor(self) -> Tensor:
        name = self._string(_MAX_NAME).decode("utf-8", "replace")
        dimensions = self._scalar("<I")
        sizes = struct.unpack(f"<{dimensions}Q", self._take(8 * dimensions)) if dimensions <= _MAX_DIMENSIONS else (0,)
        elements = math.prod(sizes)
        if not 0 < elements <= _MAX_VALUES:
            raise self.broken("one of its tensors has an impossible shape")
        return Tensor(self._scalar("<I"), elements, self._scalar("<Q"), name)

    def _value(self, kind: int, *, keep: bool, depth: int) -> Any:
        if kind in _SCALARS:
            return self._scalar(_SCALARS[kind])
        if kind == _STRING:
            return self._string(_MAX_STRING)
        if kind == _ARRAY and depth < _MAX_DEPTH:
            return self._array(keep=keep, depth=depth + 1)
        raise self.broken("it holds a value of an unknown type")

    def _array(self, *, keep: bool, depth: int) -> Any:
        kind, length = self._scalar("<I"), self._scalar("<Q")
        self._elements += length
        self._lists += 1
        if self._elements > _MAX_ELEMENTS or self._lists > _MAX_LISTS:
            raise self.broken("one of its lists is impossibly long")
        if kind in _SCALARS:
            code = _SCALARS[kind][1]
            packed = self._take(length * struct.calcsize("<" + code))
            return struct.unpack(f"<{length}{code}", packed) if keep else ()
        if kind == _STRING and self._hurried and not keep and length >= _MANY:
            return self._jump(8 * length)
        if kind == _STRING:
            return self._strings(length, keep=keep)
        return [self._value(kind, keep=keep, depth=depth) for _ in range(length)]

    def _strings(self, count: int, *, keep: bool) -> list[bytes]:
        """A vocabulary has hundreds of thousands: one loop over the bytes at hand, without a call for each."""
        found: list[bytes] = []
        for _ in range(count):
            end = self._at + 8
            if end > len(self._data):
                self._fill(8)
                end = 8
            length = _LENGTH.unpack_from(self._data, self._at)[0]
            self._at = end
            if end + length > len(self._data):
                self._require_length(length, _MAX_STRING)
                self._fill(length)
                end = 0
            self._at = end + length
            if keep:
                found.append(self._data[end : self._at])
        return found

    def _jump(self, least: int) -> list[bytes]:
        """To the next thing that looks like a pair, at `least` so many bytes on."""
        self._take(least)
        while True:
            for start in self._likely(self._at + 8):
                key = _KEY.match(self._data, start)
                if key and self._data[start - 8 : start] == _LENGTH.pack(len(key[0])):
                    self._at = start - 8
                    return []
            # The end of what is at hand may be the beginning of a key.
            self._at = max(self._at, len(self._data) - 128)
            self._fill(len(self._data) - self._at + 1)

    def _likely(self, start: int) -> list[int]:
        """Where in what is at hand a key may begin."""
        found = []
        for prefix in _KEYS:
            at = start
            while (at := self._data.find(prefix, at)) >= 0:
                found.append(at)
                at += 1
        return sorted(found)

    def _string(self, limit: int) -> bytes:
        length = self._scalar("<Q")
        self._require_length(length, limit)
        return self._take(length)

    def _require_length(self, length: int, limit: int) -> None:
        if length > limit:
            raise self.broken("one of its texts is impossibly long")

    def _scalar(self, code: str) -> Any:
        return struct.unpack(code, self._take(struct.calcsize(code)))[0]

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._data):
            self._fill(count)
        data = self._data[self._at : self._at + count]
        self._at += count
        return data

    def _fill(self, count: int) -> None:
        """Have `count` bytes at hand from the current one on, which becomes the first."""
        rest = self._data[self._at :]
        if self.position + count > _MAX_BYTES:
            raise self.broken("its header is impossibly large")
        more = self._file.read(max(_PIECE, count - len(rest)))
        self._bytes += len(more)
        self._data, self._at = rest + more, 0
        if len(self._data) < count:
            raise self.broken("it ends too early, as an interrupted download does")
