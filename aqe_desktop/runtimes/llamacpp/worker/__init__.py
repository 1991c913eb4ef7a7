"""The process that keeps an engine: never imports Qt, and ends when its last user is gone."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any


def run_worker(argv: Sequence[str]) -> int:
    """Run the part that `argv` names, the keeper where it names none of the others, on the job in its input."""
    job: dict[str, Any] = json.loads(sys.stdin.buffer.readline() or b"{}")
    if argv and argv[0] == "engine":
        from aqe_desktop.runtimes.llamacpp.worker.engine import run_engine

        return run_engine(job)
    if argv and argv[0] == "asked":
        from aqe_desktop.runtimes.llamacpp.worker.asked import run_asking

        return run_asking(job)
    if argv and argv[0] == "inspect":
        from aqe_desktop.runtimes.llamacpp.worker.inspect import run_inspection

        return run_inspection(job)
    if argv and argv[0] == "details":
        from aqe_desktop.runtimes.llamacpp.worker.inspect import run_details

        return run_details(job)
    if argv and argv[0] == "shape":
        from aqe_desktop.runtimes.llamacpp.worker.inspect import run_shape

        return run_shape(job)
    if argv and argv[0] == "isolation":
        from aqe_desktop.machine.sandbox import cut_off

        sys.stdout.write(cut_off())
        return 0
    from aqe_desktop.runtimes.llamacpp.worker.keeper import run_keeper

    return run_keeper(job)
