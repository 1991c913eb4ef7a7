"""`python -m aqe_desktop.runtimes.llamacpp.worker`: how the app starts this process outside a frozen bundle."""

import sys

from aqe_desktop.runtimes.llamacpp.worker import run_worker

sys.exit(run_worker(sys.argv[1:]))
