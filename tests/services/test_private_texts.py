"""What a project's private files hold is known again, whatever a clone brings and however much there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.findings import PRIVATE_FILE, PRIVATE_PATH
from aqe_desktop.machine.places import files_below
from aqe_desktop.services import private_texts
from tests.services.privately import CODE, Privately, asks, git, kinds, policy, written


@pytest.mark.parametrize("mark", ["CACHEDIR.TAG", "vault/pyvenv.cfg", "vault/CACHEDIR.TAG"])
async def test_no_mark_that_a_clone_brings_hides_a_private_file(parts: Privately, project: Path, mark: str) -> None:
    """By rule, and by git; what git ignores and can be made again here is left in peace."""
    policy(project, 'private_paths = ["vault/ruled.py"]')
    ignored_code = CODE.replace("invoice", "receipt").replace("ledger", "journal")
    written(project / "vault/ruled.py", CODE)
    written(project / "vault/ignored.py", ignored_code)
    written(project / ".gitignore", "vault/\n")
    written(project / mark, "Signature: 8a477f597d28d172789f06886806bc55\n")
    git(project, "init", "-q")
    git(project, "add", "-f", ".gitignore", mark)
    for code in (CODE, ignored_code):
        assert kinds(await parts.privacy.scan(asks(code), str(project), final=True)) == [PRIVATE_FILE]


async def test_what_git_ignores_in_a_folder_made_here_is_no_private_text(parts: Privately, project: Path) -> None:
    git(project, "init", "-q")
    written(project / ".gitignore", "env/\n")
    written(project / "env/pyvenv.cfg", "home = /usr/bin\n")
    written(project / "env/lib/settle.py", CODE)
    assert await parts.privacy.scan(asks(CODE), str(project), final=True) == ()
    policy(project, 'private_paths = ["settle.py"]')
    later = await parts.policies.private_files(project)
    assert set(later.private) == {project / "env/lib/settle.py"}, "what a rule names is private in it too"


@pytest.mark.parametrize("cap", ["MOST_FILES", "MOST_BYTES", "LARGEST"])
async def test_too_much_for_one_index_counts_as_private_when_it_is_about_to_leave(
    parts: Privately, project: Path, monkeypatch: pytest.MonkeyPatch, cap: str
) -> None:
    policy(project, 'private_paths = ["core/**"]')
    for number in range(3):
        written(project / f"core/{number}.py", CODE.replace("invoice", f"bill{number}"))
    assert await parts.privacy.scan(asks("Hello."), str(project), final=True) == ()
    monkeypatch.setattr(private_texts, cap, {"MOST_FILES": 2, "MOST_BYTES": 3 * len(CODE) - 100, "LARGEST": 100}[cap])
    monkeypatch.setattr(private_texts, "FRESH", -1.0)
    assert await parts.privacy.scan(asks("Hello."), str(project)) == ()
    (found,) = await parts.privacy.scan(asks("Hello."), str(project), final=True)
    assert (found.finding.kind, found.binds, found.value) == (PRIVATE_FILE, True, "Hello.")
    told = {"MOST_FILES": "20,000 files of it", "MOST_BYTES": "more than 16 MB", "LARGEST": f"{project}/core/"}
    assert told[cap] in found.finding.reason


async def test_what_the_policy_calls_public_leaves_room_for_the_rest(
    parts: Privately, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the reason says that it does."""
    monkeypatch.setattr(private_texts, "MOST_BYTES", 2 * len(CODE))
    monkeypatch.setattr(private_texts, "FRESH", -1.0)
    git(project, "init", "-q")
    written(project / ".gitignore", "out/\n")
    for number in range(3):
        written(project / f"out/{number}.py", CODE.replace("invoice", f"bill{number}"))
    (found,) = await parts.privacy.scan(asks("Hello."), str(project), final=True)
    assert "public_paths" in found.finding.reason
    policy(project, 'public_paths = ["out/**"]')
    await parts.policies.trust(project)
    assert await parts.privacy.scan(asks("Hello."), str(project), final=True) == ()


async def test_files_that_were_not_looked_at_count_as_private_text(
    parts: Privately, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        written(project / f"{number}", "x")
    few = replace(parts.policies._around, below=lambda folder, most: files_below(folder, 3))
    monkeypatch.setattr(parts.policies, "_around", few)
    assert kinds(await parts.privacy.scan(asks("Hello."), str(project), final=True)) == [PRIVATE_FILE]


@pytest.mark.parametrize("cause", ["rule", "git"])
async def test_a_hard_link_to_a_private_file_is_private(parts: Privately, project: Path, cause: str) -> None:
    """Too short a text to be known by what stands in it."""
    policy(project, 'private_paths = ["secret/**"]' if cause == "rule" else "")
    if cause == "git":
        git(project, "init", "-q")
        written(project / ".gitignore", "secret/\n")
    written(project / "secret/b.txt", "seven\n")
    written(project / "src/own.txt", "seven\n")
    (project / "src/hard.txt").hardlink_to(project / "secret/b.txt")
    for name, wanted in (("src/own.txt", []), ("src/hard.txt", [PRIVATE_PATH])):
        file = Attachment(name, "seven\n", str(project / name))
        found = await parts.privacy.scan(asks("Look.", file), str(project), final=True)
        assert kinds(found) == wanted
    assert found[0].finding.reason == f"It is another name of {project / 'secret/b.txt'}, which is private."
