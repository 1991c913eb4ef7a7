"""settings.toml belongs to the user: no line of it is lost, and what is wrong with it is said with its place."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.errors import DiskFull, ReadOnlyData, SettingsBroken, UsageError
from aqe_desktop.settings.file import SettingsFile
from aqe_desktop.settings.lines import changed, merged
from aqe_desktop.settings.schema import Settings

COMMENTED = """# my settings
[appearance]
theme = "light"   # easier on the projector
font_size = 14

[future]          # of a newer version
thing = [1,
  2]

[chat]
send_key = 'enter' # as before
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_everything_has_its_default(path: Path) -> None:
    assert SettingsFile(path).load() == Settings()
    assert not path.exists()


async def test_a_change_outlives_a_restart(path: Path) -> None:
    saved = await SettingsFile(path).change({"appearance.theme": "dark", "chat.history_size": 0})
    assert SettingsFile(path).load() == saved
    assert (saved.appearance.theme, saved.chat.history_size) == ("dark", 0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_comments_and_keys_of_a_newer_version_stay(path: Path) -> None:
    path.write_text(COMMENTED)
    SettingsFile(path).change_now(
        {"appearance.theme": "dark", "chat.send_key": "ctrl_enter", "chat.history_size": 5, "window.x": 3}
    )
    wanted = COMMENTED.replace('"light"', '"dark"').replace("send_key = 'enter'", 'send_key = "ctrl_enter"')
    wanted = wanted.replace("[chat]\n", "[chat]\nhistory_size = 5\n")
    assert path.read_text() == wanted + "\n[window]\nx = 3\n"


def test_none_brings_the_default_back(path: Path) -> None:
    path.write_text(COMMENTED)
    assert SettingsFile(path).change_now({"appearance.font_size": None}).appearance.font_size == 13
    assert path.read_text() == COMMENTED.replace("font_size = 14\n", "")


def test_windows_line_ends_and_byte_order_marks_are_read(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbf[chat]\r\nsend_key = "ctrl_enter"\r\n')
    assert SettingsFile(path).change_now({"chat.history_size": 7}).chat.send_key == "ctrl_enter"
    assert path.read_bytes() == b'[chat]\r\nhistory_size = 7\r\nsend_key = "ctrl_enter"\r\n'


@pytest.mark.parametrize(
    "text",
    ["chat.send_key = 'enter'\n", "chat = {send_key = 'enter'}\n", 'chat."send_key" = "enter"\n', "chat = 3\n",
     '[chat]\n"send_key" = "enter"\n', 'x = """\n[chat]\nsend_key = "no"\n"""\n', "[chat] # here\nsend_key='enter'#x"],
)  # fmt: skip
def test_any_way_to_write_a_key_can_be_changed(path: Path, text: str) -> None:
    path.write_text(text)
    before = {name: value for name, value in tomllib.loads(text).items() if name != "chat"}
    SettingsFile(path).change_now({"chat.send_key": "ctrl_enter"})
    after = tomllib.loads(path.read_text())
    assert after.pop("chat")["send_key"] == "ctrl_enter"
    assert after == before


_keys = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)
_values = st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]))
_files = st.dictionaries(_keys, st.dictionaries(_keys, _values, max_size=4), max_size=4)


@given(stored=_files, changes=st.dictionaries(st.tuples(_keys, _keys), st.none() | _values, max_size=4))
def test_changed_text_says_what_is_meant(stored: dict[str, Any], changes: dict[tuple[str, str], Any]) -> None:
    import tomli_w

    assert tomllib.loads(changed(tomli_w.dumps(stored), changes)) == merged(stored, changes)


@pytest.mark.parametrize(
    ("text", "line"), [("[chat]\nsend_key = \n", 2), ("[chat\n", 1), ("[chat]\nx = 1\nx = 2\n", 3), (b"\xff\xfe", 0)]
)
def test_a_broken_file_is_named_with_its_line_and_left_alone(path: Path, text: str | bytes, line: int) -> None:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = path.read_bytes()
    with pytest.raises(SettingsBroken) as caught:
        SettingsFile(path).load()
    assert str(path) in caught.value.message
    assert (f"line {line}" in caught.value.message) == bool(line)
    assert "text editor" in caught.value.hint
    settings, problem = SettingsFile(path).load_or_default()
    assert settings == Settings()
    assert problem is not None
    assert path.read_bytes() == before


def test_a_pipe_in_its_place_is_named_at_once_and_stays(path: Path) -> None:
    os.mkfifo(path)
    program = "import sys; from pathlib import Path; from aqe_desktop.settings.file import SettingsFile; "
    program += "file = SettingsFile(Path(sys.argv[1])); print(file.load_or_default()[1]); "
    program += "file.change_now({'window.x': 1})"
    done = subprocess.run([sys.executable, "-c", program, str(path)], timeout=20, capture_output=True, text=True)
    assert "it is not a regular file. Default settings are used" in done.stdout
    assert "ReadOnlyData" in done.stderr
    assert path.is_fifo()


def test_values_nested_too_deep_are_named_and_kept_at_a_save(path: Path) -> None:
    path.write_text("x = " + "[" * 50_000)
    with pytest.raises(SettingsBroken, match="nested too deep"):
        SettingsFile(path).load()
    SettingsFile(path).change_now({"appearance.theme": "dark"})
    (kept,) = path.parent.glob("settings.toml.broken-*")
    assert kept.stat().st_size == 50_004
    assert SettingsFile(path).load().appearance.theme == "dark"


def test_a_file_too_large_for_settings_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * 2**20)
    with pytest.raises(SettingsBroken, match="too large"):
        SettingsFile(path).load()


def test_a_save_over_a_broken_file_keeps_it_under_another_name(path: Path) -> None:
    path.write_text("[chat\nsend_key = 'ctrl_enter'\n")
    SettingsFile(path).change_now({"appearance.theme": "dark"})
    (kept,) = path.parent.glob("settings.toml.broken-*")
    assert kept.read_text() == "[chat\nsend_key = 'ctrl_enter'\n"
    assert tomllib.loads(path.read_text()) == {"network": {"offline": True}, "appearance": {"theme": "dark"}}


@pytest.mark.parametrize("text", [b"[appearance]\ntheme = dark\n[network]\noffline = true\n", b"\xff\xfe[\0n\0"])
async def test_what_the_window_keeps_for_itself_never_replaces_a_file_that_cannot_be_read(
    path: Path, text: bytes
) -> None:
    path.write_bytes(text)
    await SettingsFile(path).note({"window.width": 1000})
    assert path.read_bytes() == text
    assert not list(path.parent.glob("settings.toml.broken-*"))
    path.write_text("[network]\noffline = true\n")
    await SettingsFile(path).note({"window.width": 1000})
    assert tomllib.loads(path.read_text()) == {"network": {"offline": True}, "window": {"width": 1000}}


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("offline = true\n", "offline", 1),
        ("[Network]\noffline = true\n", "Network", 1),
        ("# Offline\n[netwrok]\noffline = true\n", "netwrok", 2),
        ("\n[networks]\nextra_ca = ''\n", "networks", 2),
        ("[privacy]\noffline=true\n", "offline", 2),
        ("[window]\nwidth = 900\nOff-Line = 1\n", "Off-Line", 3),
        ("[Appearance]\ntheme = 'dark'\n", "Appearance", 1),
        ("[[future]]\nx = [{offlin = true}]\n", "offlin", 2),
        ("net_work.offline = true\n", "net_work", 1),
    ],
)
def test_a_mistyped_switch_or_table_is_a_mistake_with_its_place(path: Path, text: str, name: str, line: int) -> None:
    path.write_text(text)
    settings, problem = SettingsFile(path).load_or_default()
    assert problem is not None
    assert f"line {line}: {name!a} is not known" in problem.message
    assert "nothing leaves" in problem.hint
    assert settings.appearance == Settings().appearance


@pytest.mark.parametrize(
    "text",
    ["[network]\noffline = true\n", "[future]\noutline = 1\nonline = 2\n", "[net]\nx = 1\n", "[models]\nwork = 1\n"],
)
def test_names_of_a_newer_version_are_no_mistake(path: Path, text: str) -> None:
    path.write_text(text)
    assert SettingsFile(path).load_or_default()[1] is None


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ('[appearance]\ntheme = "blue"\n', "appearance.theme", 2),
        ("[chat]\nhistory_size = 5\n\n[appearance]\n# big\nfont_size = 99\n", "appearance.font_size", 6),
        ('[appearance]\nfont_size = "14"\n', "appearance.font_size", 2),
        ('[chat]\ndefault_model = "no-slash"\n', "chat.default_model", 2),
        ("chat = 7\n", "chat", 0),
    ],
)
def test_a_wrong_value_costs_that_value_only(path: Path, text: str, name: str, line: int) -> None:
    path.write_text(text + "\n[window]\nwidth = 900\n")
    settings, problem = SettingsFile(path).load_or_default()
    assert problem is not None
    assert name in problem.message
    assert (f"line {line}" in problem.message) == bool(line)
    assert settings == Settings.model_validate(
        {"window": {"width": 900}, "chat": {"history_size": 5} if "history_size" in text else {}}
    )
    SettingsFile(path).change_now({"window.height": 700})
    assert text in path.read_text() or "[window]" in path.read_text()


@pytest.mark.parametrize(
    ("key", "value"),
    [("appearance.font_size", 10), ("appearance.font_size", 21), ("appearance.theme", "blue"),
     ("chat.default_model", "x"), ("chat.history_size", -1), ("appearance.font_size", True)],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_and_nothing_is_written(path: Path, key: str, value: Any) -> None:
    path.write_text(COMMENTED)
    with pytest.raises(UsageError, match=key):
        SettingsFile(path).change_now({"appearance.theme": "dark", key: value})
    assert path.read_text() == COMMENTED


def start(path: Path, key: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).with_name("save.py")), str(path), key, str(count)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, text=True)


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.close()


def test_two_processes_that_save_at_once_lose_nothing(path: Path) -> None:
    path.write_text(COMMENTED)
    saving = [start(path, key, 50) for key in ("window.width", "window.height", "chat.history_size")]
    for process in saving:
        begin(process)
    for process in saving:
        assert process.wait(60) == 0
    settings = SettingsFile(path).load()
    assert (settings.window.width, settings.window.height, settings.chat.history_size) == (449, 449, 449)
    assert "# easier on the projector" in path.read_text()
    assert sorted(file.name for file in path.parent.glob("settings*")) == ["settings.toml", "settings.toml.lock"]


def test_a_reader_never_sees_half_a_file(path: Path) -> None:
    path.write_text(COMMENTED)
    process = start(path, "window.width", 50)
    begin(process)
    while process.poll() is None:
        SettingsFile(path).load()
        assert path.read_text().startswith("# my settings")
    assert process.returncode == 0


def test_what_a_killed_save_left_goes_with_the_next_one(path: Path) -> None:
    left, running, other = (path.with_name(f"settings.toml.{name}.part") for name in ("123", "124", "mine"))
    for file in (left, running, other):
        file.write_text("secret")
    os.utime(left, (0, 0))
    os.utime(other, (0, 0))
    SettingsFile(path).change_now({"appearance.theme": "dark"})
    assert [file.exists() for file in (left, running, other)] == [False, True, True]


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "aqe.toml"
    real.parent.mkdir()
    real.write_text(COMMENTED)
    real.chmod(0o644)
    path.symlink_to(real)
    SettingsFile(path).change_now({"appearance.theme": "dark"})
    assert path.is_symlink()
    assert '"dark"' in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o644


@pytest.mark.parametrize(("number", "error"), [(28, DiskFull), (30, ReadOnlyData), (13, ReadOnlyData)])
def test_a_failed_save_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    path.write_text(COMMENTED)

    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(error, match="as before"):
        SettingsFile(path).change_now({"appearance.theme": "dark"})
    assert path.read_text() == COMMENTED
    assert list(path.parent.glob("*.part")) == []
