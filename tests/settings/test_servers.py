"""The user's own servers in settings.toml: checked at the border, and edited so that no other line is lost."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.settings.file import SettingsFile
from aqe_desktop.settings.servers import TAKEN, address

WRITTEN = """# mine
[appearance]
theme = "light"

[[servers]] # the box under the desk
id = "box"
url = "http://192.0.2.7:8000/v1" # vLLM
zone = "lan"
future = 1

# the other one
[[servers]]
id = "lab"
url = "https://lab.example/ai/"

[chat]
history_size = 7
"""


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.toml")


@pytest.fixture
def written(settings: SettingsFile) -> SettingsFile:
    settings.path.write_text(WRITTEN, encoding="utf-8")
    return settings


def test_rows_are_read_and_their_addresses_have_one_form(written: SettingsFile) -> None:
    box, lab = written.load().servers
    assert (box.id, box.url, box.zone, box.patience) == ("box", "http://192.0.2.7:8000", "lan", 300)
    assert (lab.url, lab.zone, lab.name, lab.program) == ("https://lab.example/ai", "", "", "")


async def test_a_server_is_added_to_an_empty_file_and_read_back(settings: SettingsFile) -> None:
    await settings.add_server("box", "http://localhost:8000", "device", "Box", "/opt/llama-server")
    (row,) = settings.load().servers
    assert row.model_dump() == {
        "id": "box",
        "url": "http://localhost:8000",
        "zone": "device",
        "name": "Box",
        "program": "/opt/llama-server",
        "patience": 300,
        "vision": False,
    }


async def test_adding_changing_and_removing_touch_no_other_line(written: SettingsFile) -> None:
    await written.add_server("third", "http://127.0.0.1:9")
    added = written.path.read_text()
    assert added == WRITTEN + '\n[[servers]]\nid = "third"\nurl = "http://127.0.0.1:9"\n'
    await written.set_server("box", {"url": "http://192.0.2.8:1", "name": "Box"})
    changed = written.path.read_text()
    assert 'url = "http://192.0.2.8:1" # vLLM\n' in changed
    assert (written.load().servers[0].name, written.load().servers[0].zone) == ("Box", "lan")
    await written.remove_server("box")
    removed = written.path.read_text()
    assert "[[servers]] # the box" not in removed
    assert "# the other one\n[[servers]]\n" in removed
    assert [row.id for row in written.load().servers] == ["lab", "third"]
    assert removed.startswith('# mine\n[appearance]\ntheme = "light"\n')
    assert "history_size = 7\n" in removed


async def test_rows_written_inline_are_edited_too(settings: SettingsFile) -> None:
    settings.path.write_text('servers = [{ id = "box", url = "http://a:1" }]\n[chat]\nhistory_size = 3\n')
    await settings.set_server("box", {"zone": "lan"})
    await settings.add_server("other", "http://b:2")
    await settings.remove_server("box")
    assert tomllib.loads(settings.path.read_text()) == {
        "servers": [{"id": "other", "url": "http://b:2"}],
        "chat": {"history_size": 3},
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_line_ends_stay_what_they_were(settings: SettingsFile, line_end: str) -> None:
    settings.path.write_bytes(WRITTEN.replace("\n", line_end).encode())
    await settings.set_server("lab", {"zone": "cloud"})
    text = settings.path.read_bytes().decode()
    assert text.count(line_end) == text.count("\n")
    assert settings.load().servers[1].zone == "cloud"


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (("Box", "http://a:1"), "id"),
        (("-box", "http://a:1"), "id"),
        (("a/b", "http://a:1"), "id"),
        (("", "http://a:1"), "id"),
        (("x" * 33, "http://a:1"), "id"),
        (("ollama", "http://a:1"), "runtime or provider"),
        (("openai", "http://a:1"), "runtime or provider"),
        (("box", "a:1"), "url"),
        (("box", "ftp://a"), "http"),
        (("box", "http://"), "names a host"),
        (("box", "http://user@a:1"), "password"),
        (("box", "http://:secret@a:1"), "password"),
        (("box", "http://a:1?key=x"), "ends with its path"),
        (("box", "http://a:1#x"), "ends with its path"),
        (("box", "http://a:99999"), "not the URL"),
        (("box", "http://a:0"), "names a host"),
        (("box", "http://a b"), "plain characters"),
        (("box", "http://b\u00f6x"), "plain characters"),
        (("box", "http://[::1"), "not the URL"),
        (("box", "http://a:1", "moon"), "zone"),
        (("box", "http://a:1", "", "two\nlines"), "one line"),
        (("box", "http://a:1", "", "", "bin/llama-server"), "whole path"),
        (("box", "http://a:1", "", "", "~/llama-server"), "whole path"),
    ],
)
async def test_a_row_that_is_not_valid_is_refused_and_nothing_is_written(
    settings: SettingsFile, row: tuple[str, ...], named: str
) -> None:
    with pytest.raises(UsageError, match=named) as refused:
        await settings.add_server(*row)
    assert refused.value.hint
    assert not settings.path.exists()


async def test_a_taken_or_unknown_id_is_named(written: SettingsFile) -> None:
    with pytest.raises(UsageError, match="a server box already"):
        await written.add_server("box", "http://a:1")
    for edit in (written.remove_server("nobody"), written.set_server("nobody", {"url": "http://a:1"})):
        with pytest.raises(UsageError, match="no server nobody"):
            await edit
    with pytest.raises(UsageError, match="url"):
        await written.set_server("box", {"url": "nonsense"})
    assert written.path.read_text() == WRITTEN


def test_a_row_that_is_wrong_in_the_file_costs_that_row_and_is_named(settings: SettingsFile) -> None:
    settings.path.write_text(
        '[[servers]]\nid = "a"\nurl = "http://a:1"\n[[servers]]\nid = "b"\nurl = "nonsense"\n', encoding="utf-8"
    )
    kept, problem = settings.load_or_default()
    assert [row.id for row in kept.servers] == ["a"]
    assert problem is not None
    assert "servers.1.url" in problem.message


def test_two_rows_of_one_id_beside_a_wrong_one_cost_the_rows_and_no_crash(settings: SettingsFile) -> None:
    row = '[[servers]]\nid = "a"\nurl = "http://a:1"\n'
    settings.path.write_text(row + row + "[[servers]]\nid = 3\n", encoding="utf-8")
    kept, problem = settings.load_or_default()
    assert kept.servers == []
    assert problem is not None


def test_a_text_in_the_place_of_the_rows_is_said(settings: SettingsFile) -> None:
    settings.path.write_text('servers = "box"\n', encoding="utf-8")
    kept, problem = settings.load_or_default()
    assert kept.servers == []
    assert problem is not None


def test_names_of_runtimes_are_never_ids() -> None:
    assert {"ollama", "llamacpp", "openai", "anthropic", "openrouter", "modal", "perplexity"} <= TAKEN


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("http://Box:8000/v1/", "http://box:8000"),
        ("http://box", "http://box"),
        ("https://box/a/b/v1", "https://box/a/b"),
        ("http://[::1]:80/", "http://[::1]:80"),
    ],
)
def test_the_base_has_one_form(text: str, form: str) -> None:
    assert address(text) == form
