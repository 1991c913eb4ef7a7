"""How long a window full of models stands still for what is done with it, beside one with few: milliseconds and ratios.

    QT_QPA_PLATFORM=offscreen python tests/bench/models_rows.py [--models 5000]

The least of several runs each; prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from aqe_desktop.ui.application import Application
from aqe_desktop.ui.loop import Loop
from aqe_desktop.ui.screens.models.listing import Order
from aqe_desktop.ui.theme import style
from tests.ui.screens.models_scene import CODER, opened

RUNS = 7


async def measure(more: int) -> dict[str, float]:
    async with opened(more=more) as here:
        await here.read()
        models, table = here.screen.models, here.screen.view.table
        models.choose(CODER)
        return {
            "a step of a load": least(models._show),
            "a letter of a search": least(lambda: models.want(words="m49")),
            "the search cleared": least(models.clear),
            "sorted by size": least(lambda: models.sort(Order.SIZE)),
            "painted": least(lambda: table.viewport().grab()),
        }


def least(act: Callable[[], object]) -> float:
    """In milliseconds."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return round(min(times) * 1000, 2)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=5000)
    asked = parser.parse_args()
    app = Application(sys.argv[:1])
    style.install(app, "light")
    found = {}
    for more in (50, asked.models):
        with asyncio.Runner(loop_factory=lambda: Loop(app, lambda _why: None)) as runner:
            found[more] = runner.run(measure(more))
    few, many = found.values()
    said = {name: {"ms": many[name], "times 50 models": round(many[name] / few[name], 1)} for name in many}
    sys.stdout.write(json.dumps({"models": asked.models, **said}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
