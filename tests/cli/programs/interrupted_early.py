"""`aqe chat` that is interrupted once in the moment between showing the prompt and waiting for a key.

The hook holds no Python code, or Python would look for signals while it runs."""

from __future__ import annotations

import ctypes
import readline
import signal
from functools import partial

from aqe_desktop.cli.main import main

_interrupt = map(ctypes.CDLL(None)["raise"], [int(signal.SIGINT)])

if __name__ == "__main__":
    readline.set_pre_input_hook(partial(next, _interrupt, 0))
    raise SystemExit(main(["chat"]))
