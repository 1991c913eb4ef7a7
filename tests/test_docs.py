"""A guide that lags behind is worse than none: what the program offers is looked for in what it says."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aqe_desktop.cli.commands import build_parser
from aqe_desktop.settings.schema import Settings

_ROOT = Path(__file__).parent.parent
_HELP = _ROOT / "resources" / "help"
_PAGES = [*sorted(_HELP.glob("*.md")), *sorted(_ROOT.glob("*.md")), _ROOT / "packaging" / "locks" / "README.md"]


def _commands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from _commands(child)


_COMMANDS = list(_commands(build_parser()))


@pytest.mark.parametrize("command", _COMMANDS, ids=lambda command: command.prog)
def test_the_help_page_explains_every_command_option_and_field(command: argparse.ArgumentParser) -> None:
    page = (_HELP / "command-line.md").read_text()
    assert command.prog in page
    flags = [flag for action in command._actions for flag in action.option_strings if flag.startswith("--")]
    fields = re.findall(r"^  ([a-z_.\[\]]+)$", command.epilog or "", re.MULTILINE)
    spoken = set(re.findall(r"--[a-z0-9-]+", page)) | set(re.findall(r"`([a-z_0-9.\[\]]+)`", page))
    missing = (
        {*flags, *(field for field in fields if not field.startswith("error."))} - spoken - {"--help", "--version"}
    )
    assert missing == set()


def test_the_exit_codes_of_the_help_are_those_of_the_page() -> None:
    page = (_HELP / "command-line.md").read_text()
    codes = re.findall(r"\b(\d+)\b", (build_parser().epilog or "").split("\n\n")[0])
    listed = {code for cell in re.findall(r"^\| ([\d, ]+) \|", page, re.MULTILINE) for code in cell.split(", ")}
    assert set(codes) == listed


def test_the_help_page_explains_every_setting() -> None:
    page = (_HELP / "settings.md").read_text()
    for section, field in Settings.model_fields.items():
        model = field.annotation
        if not isinstance(model, type):  # a table for each server: servers.md has those
            continue
        if (model.model_config.get("json_schema_extra") or {}).get("hidden"):
            continue
        for name, setting in model.model_fields.items():
            assert f"| {setting.title} | `{section}.{name}` |" in page


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_guide_leads_to_every_page() -> None:
    start = (_HELP / "getting-started.md").read_text()
    others = {page.name for page in _HELP.glob("*.md")} - {"getting-started.md"}
    assert others <= set(re.findall(r"\]\(([a-z-]+\.md)\)", start))


def test_the_readme_opens_with_run_and_test() -> None:
    readme = (_ROOT / "README.md").read_text()
    run, test, picture = (readme.index(word) for word in ("make run", "make test", "resources/screenshots/"))
    assert run < test < picture < readme.index("##")


def test_every_make_target_of_the_documents_exists() -> None:
    makefile = (_ROOT / "Makefile").read_text()
    named = {target for page in _PAGES for target in re.findall(r"`(?:sudo )?make ([a-z-]+)", page.read_text())}
    assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


def test_the_keyboard_page_has_every_shortcut() -> None:
    """Shortcuts as they stand in the window's sources: as literals, or in brackets after a tooltip's words."""
    key = r"(?:(?:Ctrl|Alt|Shift)\+)+[^\s\"()]+|F\d{1,2}"
    sources = [path for path in (_ROOT / "aqe_desktop" / "ui").rglob("*.py") if "gallery" not in path.parts]
    used = {
        found for path in sources for pair in re.findall(rf'"({key})"|\(({key})\)"', path.read_text()) for found in pair
    } - {""}
    assert used
    assert used - set(re.findall(r"`([^`]+)`", (_HELP / "keyboard.md").read_text())) == set()
