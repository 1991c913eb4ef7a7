"""The first paint gets its look from any file at all, with the standard library only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.settings.boot import Boot, Window, read_boot
from aqe_desktop.settings.schema import Settings


def test_the_look_and_the_window_are_read(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(
        '\ufeff[appearance]\ntheme = "dark"\nfont_size = 20\nreduced_motion = true\n'
        '[window]\nx = -5\ny = 7\nwidth = 900\nheight = 600\nmaximized = true\nlayout = "abc"\n',
        encoding="utf-8",
    )
    boot = read_boot(file)
    assert boot == Boot("dark", 20, True, Window(900, 600, -5, 7, True, "abc"))
    assert boot.font_scale == 20 / 13


@pytest.mark.parametrize(
    "text",
    ["", "[[[", "appearance = 3", "[appearance]\ntheme = 7\nfont_size = 99\nreduced_motion = 1\n[window]\nx = 'a'"],
)
def test_what_is_broken_has_its_default(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    assert read_boot(file) == Boot()


def test_one_broken_value_costs_no_other(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[appearance]\ntheme = "blue"\nfont_size = 15\n')
    assert read_boot(file) == Boot(font_size=15)


def test_no_file_and_no_right_to_read_are_defaults(tmp_path: Path) -> None:
    assert read_boot(tmp_path / "none.toml") == read_boot(tmp_path) == Boot()


def test_a_pipe_in_its_place_is_defaults_at_once(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    os.mkfifo(file)
    program = "import sys; from pathlib import Path; from aqe_desktop.settings import boot; "
    program += "sys.exit(boot.read_boot(Path(sys.argv[1])) != boot.Boot())"
    assert subprocess.run([sys.executable, "-c", program, str(file)], timeout=20).returncode == 0


def test_values_nested_too_deep_to_be_read_are_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("x = " + "[" * 100_000)
    assert read_boot(file) == Boot()


@given(content=st.binary(max_size=200))
def test_no_content_is_an_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_bytes(content)
    read_boot(file)


def test_boot_and_schema_have_the_same_defaults() -> None:
    settings, boot = Settings(), Boot()
    shown = settings.appearance
    assert (shown.theme, shown.font_size, shown.reduced_motion) == (boot.theme, boot.font_size, boot.reduced_motion)
    window = {name: getattr(boot.window, name) for name in Window.__slots__}
    assert settings.window.model_dump() == window


def test_reading_it_imports_nothing_heavy() -> None:
    program = "import sys; import aqe_desktop.settings.boot; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "tomli_w", "asyncio", "apsw"} & set(loaded)
