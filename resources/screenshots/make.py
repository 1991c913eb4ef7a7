"""Takes the pictures of this folder anew: the real app, with the real model, on an X server of its own.

    python resources/screenshots/make.py [NAME ...]

Needs Xvfb, openbox, xdotool, ImageMagick and the fonts Inter and JetBrains Mono. Answers marked "example" in the
pictures were put into the history by this script, so that a picture shows the same words each time; where a model's
own name stands, that model wrote the words, with a fixed seed. Writes NAME-light.png and NAME-dark.png.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from aqe_desktop.machine.paths import Paths  # noqa: E402 - the checkout's own package, wherever this is started
from resources.screenshots.history import LONG_ANSWER, QUESTION, fill_history, newest_answer  # noqa: E402

SCREEN = "2000x1400x24"
PATIENCE = 90.0
LARGEST = 200_000
FIRST_ROW = ("300", "216")
TOOLS = {name: shutil.which(name) or "" for name in ("Xvfb", "openbox", "xdotool", "import", "convert")}


@dataclass
class Stage:
    """One running app with its window; `paths` is its profile."""

    display: str
    paths: Paths
    process: subprocess.Popen[bytes]
    window: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def do(self, *words: str) -> str:
        command = [TOOLS["xdotool"], *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def find_window(self) -> None:
        until(lambda: bool(self._search()), "the window")
        self.window = self._search()
        self.do("windowactivate", "--sync", self.window)

    def keys(self, *names: str) -> None:
        self.do("key", "--window", self.window, *names)
        time.sleep(0.3)

    def write(self, text: str) -> None:
        self.do("type", "--window", self.window, "--delay", "12", text)

    def picture(self, name: str) -> None:
        """The window's own area, without the frame of the window manager."""
        raw = self.paths.home / "shot.png"
        subprocess.run([TOOLS["import"], "-window", self.window, str(raw)], env=self.environment, check=True)
        target = HERE / f"{name}.png"
        for colours in (256, 128, 64):
            reduce = [TOOLS["convert"], str(raw), "-strip", "+dither", "-colors", str(colours), f"PNG8:{target}"]
            subprocess.run(reduce, check=True)
            if target.stat().st_size < LARGEST:
                break
        sys.stdout.write(f"{target.name} {target.stat().st_size // 1000} kB\n")

    def engine_is_up(self) -> bool:
        return self.engine() is not None

    def engine(self) -> int | None:
        """The pid of the engine's process: a grandchild of the app's."""
        for child in _children(self.process.pid):
            for pid in _children(child):
                if Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").endswith(b"engine"):
                    return pid
        return None

    def _search(self) -> str:
        return self.do("search", "--onlyvisible", "--name", "AQE Desktop").partition("\n")[0]


def first_start(stage: Stage, theme: str) -> None:
    stage.picture(f"first-start-{theme}")


def long_code_answer(stage: Stage, theme: str) -> None:
    stage.keys("ctrl+Next")
    time.sleep(1.5)
    stage.picture(f"long-code-answer-{theme}")


def chat(stage: Stage, theme: str) -> None:
    """Streaming: the model's own words arrive under an example from the history."""
    stage.keys("ctrl+Next")
    stage.write(QUESTION)
    stage.keys("Return")
    until(lambda: len(newest_answer(stage.paths)) > 90, "an answer")
    stage.write("And now a test for it")
    time.sleep(0.7)
    stage.picture(f"chat-{theme}")
    stage.keys("Escape")


def failure(stage: Stage, theme: str) -> None:
    """An example of an answer that broke off; then the engine is really killed.

    How far a real answer had come would be another word each time."""
    stage.keys("ctrl+Next", "ctrl+Next")
    engine = stage.engine()
    assert engine is not None
    os.kill(engine, signal.SIGKILL)
    time.sleep(2.5)
    stage.picture(f"failure-{theme}")


def settings(stage: Stage, theme: str) -> None:
    stage.keys("ctrl+comma")
    time.sleep(1)
    stage.picture(f"settings-{theme}")


def ledger(stage: Stage, theme: str) -> None:
    """The zero: nothing has left, and what the ledger does not see stands beside it."""
    stage.keys("ctrl+3")
    time.sleep(1.5)
    stage.picture(f"ledger-{theme}")


def models(stage: Stage, theme: str) -> None:
    """The model that comes with the app, loaded, with what it takes; the pointer chooses it in the first row."""
    stage.keys("ctrl+2")
    time.sleep(4)
    stage.do("mousemove", "--window", stage.window, *FIRST_ROW)
    stage.do("click", "1")
    time.sleep(3)
    stage.picture(f"models-{theme}")


def findings(stage: Stage, theme: str) -> None:
    """What is private while it is typed. The key is drawn at random in the form of a real one."""
    time.sleep(8)
    stage.write("Use the github_" + "pat_11AB7QX2Y0aBcDeFgHiJkL_4kTz9Wq2Xv7Rn5Mb8Lc1Jd6Hs3Gf0Pa4Yu7Ie2 account")
    stage.write(" and tell the office at +49 30 5557 1234")
    time.sleep(4)
    stage.picture(f"findings-{theme}")


def narrow(stage: Stage, theme: str) -> None:
    stage.keys("ctrl+Next")
    time.sleep(1.5)
    stage.picture(f"narrow-{theme}")


def scale_200(stage: Stage, theme: str) -> None:
    stage.keys("ctrl+Next")
    time.sleep(1.5)
    stage.picture(f"scale-200-{theme}")


@dataclass(frozen=True)
class Shot:
    """What is shown, in a window of which size (device-independent pixels), over an empty history or a full one."""

    act: Callable[[Stage, str], None]
    size: tuple[int, int] = (1440, 900)
    filled: bool = True
    scale: int = 1


SHOTS = {
    "first-start": Shot(first_start, filled=False),
    "chat": Shot(chat),
    "long-code-answer": Shot(long_code_answer),
    "failure": Shot(failure),
    "settings": Shot(settings),
    "ledger": Shot(ledger, filled=False),
    "models": Shot(models),
    "findings": Shot(findings, filled=False),
    "narrow": Shot(narrow, (900, 600)),
    "scale-200": Shot(scale_200, (900, 600), scale=2),
}


def main(names: list[str]) -> int:
    missing = [name for name, path in TOOLS.items() if not path]
    if missing:
        sys.stderr.write(f"missing: {', '.join(missing)}; sudo make system-deps-test\n")
        return 1
    with screen() as display:
        for name in names or list(SHOTS):
            for theme in ("light", "dark"):
                take(display, SHOTS[name], theme)
    return 0


def take(display: str, shot: Shot, theme: str) -> None:
    """A fresh profile, the app over it, the act, and an orderly end."""
    with tempfile.TemporaryDirectory(prefix="aqe-", dir="/tmp") as base:
        stage = start(display, Path(base), shot, theme)
        try:
            stage.find_window()
            until(stage.engine_is_up, "the engine")
            time.sleep(5)
            shot.act(stage, theme)
        finally:
            stage.process.terminate()
            stage.process.wait(30)


def start(display: str, base: Path, shot: Shot, theme: str) -> Stage:
    home, run = base / "home", base / "run"
    home.mkdir(mode=0o700)
    run.mkdir(mode=0o700)
    width, height = shot.size
    (home / "settings.toml").write_text(
        f'[appearance]\ntheme = "{theme}"\n\n[window]\nwidth = {width}\nheight = {height}\nx = 0\ny = 0\n'
    )
    if shot.filled:
        asyncio.run(fill_history(home / "history.db", LONG_ANSWER))
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_SCALE_FACTOR": str(shot.scale),
        "AQE_TEST_FONTS": "1",
        "AQE_HOME": str(home),
        "XDG_RUNTIME_DIR": str(run),
        "HOME": str(base),
    }
    command = [sys.executable, "-m", "aqe_desktop"]
    process = subprocess.Popen(command, env=environment, cwd=HERE.parents[1])
    return Stage(display, Paths(home, run), process, environment=environment)


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """An X server on a display number that is free, with a window manager."""
    reader, writer = os.pipe()
    options = ("-screen", "0", SCREEN, "-nolisten", "tcp", "-displayfd", str(writer))
    server = subprocess.Popen([TOOLS["Xvfb"], *options], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as answer:
        display = f":{int(answer.readline())}"
    manager = subprocess.Popen([TOOLS["openbox"]], env={**os.environ, "DISPLAY": display}, stderr=subprocess.DEVNULL)
    try:
        yield display
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(10)


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come")
        time.sleep(0.2)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
