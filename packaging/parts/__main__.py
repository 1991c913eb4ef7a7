"""Provides the parts named, or all that `make test-long` needs: PYTHONPATH=packaging python -m parts [NAME ...]."""

from __future__ import annotations

import sys
import time

from parts.cache import Part, PartError, provide
from parts.llama_cpp_python import LLAMA_CPP_PYTHON
from parts.llama_server import LLAMA_SERVER
from parts.models import CODER, LARGER_CODER
from parts.ollama import OLLAMA

FOR_TESTS = (OLLAMA, CODER, LLAMA_CPP_PYTHON, LLAMA_SERVER)
ALL = {part.name: part for part in (*FOR_TESTS, LARGER_CODER)}


def main(names: list[str]) -> None:
    if unknown := [name for name in names if name not in ALL]:
        raise SystemExit(f"No part is named {', '.join(unknown)}. Parts: {', '.join(ALL)}")
    for part in [ALL[name] for name in names] or FOR_TESTS:
        _provide(part)


def _provide(part: Part) -> None:
    start = time.monotonic()
    if not part.path.is_file():
        print(f"Making {part.name} {part.version}: minutes, once", flush=True)
    try:
        made = provide(part)
    except PartError as problem:
        raise SystemExit(f"{part.name} {part.version} could not be made. {problem}") from problem
    if made:
        print(f"{part.path} is there after {time.monotonic() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
