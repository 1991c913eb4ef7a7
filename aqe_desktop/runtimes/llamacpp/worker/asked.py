"""Asks one engine what it can do, in a process as cut off as the engine's own, so that the answer holds there."""

from __future__ import annotations

import json
import sys
from typing import Any

from aqe_desktop.core.errors import AqeError
from aqe_desktop.machine import sandbox
from aqe_desktop.runtimes.llamacpp.worker.engines import make_server


def run_asking(job: dict[str, Any]) -> int:
    """One line of JSON: version, devices and settings, or the problem with its hint."""
    sandbox.no_core_dumps()
    sandbox.cut_off()
    try:
        server = make_server(job["engine"], job["program"])
        told = {"version": server.version, "devices": list(server.devices()), "takes": sorted(server.takes)}
    except AqeError as error:
        told = {"problem": error.message, "hint": error.hint}
    except ImportError as error:
        told = {"problem": f"The engine cannot be used here: {error}.", "hint": "Install the app again."}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0
