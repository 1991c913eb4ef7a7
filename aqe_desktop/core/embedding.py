"""Texts as vectors: near ones mean alike."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.core.usage import Usage


@dataclass(frozen=True, slots=True)
class Embedded:
    """A vector for each text, in their order and all of one length; no text was cut for it."""

    vectors: tuple[tuple[float, ...], ...]
    usage: Usage

    @property
    def dimensions(self) -> int:
        return len(self.vectors[0]) if self.vectors else 0
