"""Names of models as Ollama takes them: checked here, for it overwrites without a word what has the name already."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aqe_desktop.core.errors import UsageError

# One part each of HOST/NAMESPACE/MODEL:TAG, by types/model/name.go of Ollama 0.17.4.
_HOST, _SPACE, _PART = r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}", r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}", r"\w[\w.-]{0,79}"
_NAME = re.compile(rf"(?:(?:{_HOST}/)?{_SPACE}/)?{_PART}(?::{_PART})?", re.ASCII)
_USUAL = ("registry.ollama.ai/", "library/")


def require_free(name: str, taken: Iterable[str]) -> None:
    """Raises UsageError where a model of that name is there; upper and lower case are one."""
    wanted = _plain(name)
    there = next((each for each in taken if _plain(each) == wanted), None)
    if there is not None:
        raise UsageError(
            f"The server has a model {there} already, and leaves it as it is.",
            "Choose another name, or delete that model first.",
        )


def require_name(name: str) -> None:
    """Raises UsageError for what the server would not take as the name of a model."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"“{name[:100]}” cannot be the name of a model.",
            "Use letters, digits, “.”, “-” and “_”, such as notes:7b.",
        )


def _plain(name: str) -> str:
    """Without what Ollama adds of itself."""
    name = name.lower()
    for each in _USUAL:
        name = name.removeprefix(each)
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
