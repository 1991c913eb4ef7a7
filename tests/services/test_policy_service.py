"""What holds for a project, over real files, a real git and a real database."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.policy import DEFAULT, Mode, Policy
from aqe_desktop.core.project_files import Cause
from aqe_desktop.machine.ignored import ignored_by_git
from aqe_desktop.machine.places import files_below, names_of, real
from aqe_desktop.services.policy import PolicyService, Surroundings
from aqe_desktop.settings.policy_file import PolicyFiles
from aqe_desktop.store.database import MEMORY, Database
from aqe_desktop.store.trust import TrustStore
from aqe_desktop.store.words import WordStore

OPEN = 'mode = "cloud"\npublic_paths = ["docs/**"]\n'


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def policy(folder: Path, text: str) -> Path:
    return put(folder / ".aqe" / "policy.toml", text)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "project"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
async def service(project: Path) -> AsyncIterator[PolicyService]:
    database = await Database.open(MEMORY)
    around = Surroundings(PolicyFiles(project.parent).above, names_of, real, ignored_by_git, files_below)
    yield PolicyService(around, TrustStore(database), WordStore(database))
    await database.close()


def repository(folder: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)


async def mode(service: PolicyService, folder: Path, *files: Path) -> Mode:
    return (await service.effective(folder, files)).policy.mode


async def test_without_a_project_the_defaults_hold(service: PolicyService, project: Path) -> None:
    assert (await service.effective(None)).policy == DEFAULT
    assert (await service.effective(project)).policy == DEFAULT


async def test_trust_opens_until_the_file_changes(service: PolicyService, project: Path) -> None:
    path = policy(project, OPEN)
    before = await service.effective(project)
    assert before.policy == DEFAULT
    trusted = await service.trust(project, before.untrusted[0].sha256)
    assert trusted == before.untrusted[0]
    after = await service.effective(str(project / "src"))
    assert (after.policy.mode, after.trusted, after.warnings) == (Mode.CLOUD, (trusted,), ())
    path.write_text(OPEN + "\n")
    assert await mode(service, project) is Mode.AUTO
    path.write_text(OPEN)
    assert await mode(service, project) is Mode.CLOUD, "these are the bytes that were trusted"
    assert await service.distrust(project) == str(path)
    assert await mode(service, project) is Mode.AUTO


async def test_trust_is_for_what_was_shown(service: PolicyService, project: Path) -> None:
    policy(project, OPEN)
    (shown,) = (await service.effective(project)).untrusted
    policy(project, OPEN + "no_training = false\n")
    with pytest.raises(UsageError, match="has changed since it was shown"):
        await service.trust(project, shown.sha256)
    assert (await service.effective(project)).trusted == ()


async def test_a_moved_project_is_trusted_anew(service: PolicyService, project: Path) -> None:
    policy(project, OPEN)
    await service.trust(project)
    elsewhere = project.with_name("elsewhere")
    project.rename(elsewhere)
    assert await mode(service, elsewhere) is Mode.AUTO


async def test_a_clone_cannot_borrow_the_trust_of_another_project(service: PolicyService, project: Path) -> None:
    policy(project, OPEN)
    await service.trust(project)
    clone = project.with_name("clone")
    clone.mkdir()
    (clone / ".aqe").symlink_to(project / ".aqe")
    assert await mode(service, clone) is Mode.AUTO
    with pytest.raises(UsageError, match="can only tighten"):
        await service.trust(clone)
    (clone / ".aqe").unlink()
    (clone / ".aqe").mkdir()
    (clone / ".aqe" / "policy.toml").symlink_to(project / ".aqe" / "policy.toml")
    assert await mode(service, clone) is Mode.AUTO


async def test_what_cannot_be_trusted_says_why(service: PolicyService, project: Path) -> None:
    with pytest.raises(UsageError, match="no policy of its own"):
        await service.trust(project)
    policy(project.parent, OPEN)
    with pytest.raises(UsageError, match="no policy of its own"):
        await service.trust(project)
    policy(project, "mode = 1\n")
    with pytest.raises(UsageError, match="line 1"):
        await service.trust(project)
    assert await service.distrust(project) == str(project / ".aqe" / "policy.toml"), "trust is taken back from any file"


async def test_a_submodule_cannot_escape_its_parent(service: PolicyService, project: Path) -> None:
    inner = project / "vendor" / "sub"
    policy(project, 'mode = "local"\nprivate_paths = ["vendor/**"]\n')
    policy(inner, 'mode = "cloud"\npublic_paths = ["**"]\n')
    put(inner / ".git", "gitdir: nowhere")
    await service.trust(inner)
    effective = await service.effective(inner)
    assert effective.policy.mode is Mode.LOCAL
    assert [file.folder for file in effective.files] == [str(inner), str(project)]
    reason = (await service.private([put(inner / "a.py")]))[inner / "a.py"]
    assert (reason.cause, reason.source) == (Cause.RULE, str(project / ".aqe" / "policy.toml"))


async def test_a_broken_policy_closes_its_folder(service: PolicyService, project: Path) -> None:
    policy(project, 'mode = "auto"\nmodel = "x"\n')
    effective = await service.effective(project)
    assert effective.policy.mode is Mode.LOCAL
    assert "line 2" in effective.warnings[0]
    path = put(project / "deep" / "a.py")
    reason = (await service.private([path]))[path]
    assert reason.sentence == f"The policy of {project} cannot be read."


async def test_files_of_another_project_go_out_under_both_policies(service: PolicyService, project: Path) -> None:
    other = project.with_name("other")
    policy(project, OPEN)
    await service.trust(project)
    policy(other, 'mode = "local"\n')
    assert await mode(service, project) is Mode.CLOUD
    assert await mode(service, project, put(other / "a.py")) is Mode.LOCAL
    assert await mode(service, project, put(project / "a.py")) is Mode.CLOUD
    assert await mode(service, project, put(project.with_name("plain") / "a.py")) is Mode.AUTO
    assert (await service.effective(None, [other / "a.py"])).policy.mode is Mode.LOCAL


async def test_a_link_out_of_a_project_has_the_policies_of_both_places(service: PolicyService, project: Path) -> None:
    other = project.with_name("other")
    policy(other, 'mode = "local"\nprivate_paths = ["*.py"]\n')
    (project / "b.txt").symlink_to(put(other / "a.py"))
    assert await mode(service, project, project / "b.txt") is Mode.LOCAL
    assert set(await service.private([project / "b.txt"])) == {project / "b.txt"}


async def test_a_folder_that_is_reached_by_links_has_the_policies_of_every_way(
    service: PolicyService, project: Path, tmp_path: Path
) -> None:
    """The project is a link to a folder of another one, and is itself reached by a link."""
    outer, elsewhere = policy(project, 'mode = "cloud"\n'), policy(tmp_path / "elsewhere", 'redact = ["email"]\n')
    above = policy(project.parent, 'private_paths = ["project/link/**"]\n')
    path = put(tmp_path / "elsewhere" / "deep" / "a.py")
    (project / "link").symlink_to(path.parent)
    (tmp_path / "short").symlink_to(project)
    files = {str(outer), str(elsewhere), str(above)}
    for way in (project / "link", tmp_path / "short" / "link", tmp_path / "short" / "link" / ".." / "deep"):
        effective = await service.effective(way)
        assert {file.path for file in effective.files} >= {str(elsewhere)}, way
    assert {file.path for file in (await service.effective(tmp_path / "short" / "link")).files} == files
    assert {file.path for file in (await service.effective(path.parent)).files} == {str(elsewhere)}
    assert set(await service.private([tmp_path / "short" / "link" / "a.py", path])) == {
        tmp_path / "short" / "link" / "a.py"
    }


async def test_private_files_are_told_with_the_reason(service: PolicyService, project: Path) -> None:
    repository(project)
    policy(project, 'private_paths = ["*.pem"]\npublic_paths = ["docs/**"]\n')
    put(project / ".gitignore", "*.log\n")
    names = ("a.py", "k.pem", "docs/k.pem", "x.log", "docs/x.log")
    files = [put(project / name) for name in names]
    found = await service.private_files(project)
    assert {path.relative_to(project).as_posix(): reason.cause for path, reason in found.private.items()} == {
        "k.pem": Cause.RULE,
        "docs/k.pem": Cause.RULE,
        "x.log": Cause.IGNORED,
        "docs/x.log": Cause.IGNORED,
    }
    assert found.looked_at >= len(names)
    await service.trust(project)
    assert set(await service.private(files)) == {project / "k.pem", project / "x.log"}
    assert await service.public(files) == {project / "docs" / "k.pem", project / "docs" / "x.log"}
    (project.parent / "short").symlink_to(project)
    short = project.parent / "short" / "docs" / "k.pem"
    assert (await service.private([short]), await service.public([short])) == ({}, {short})


async def test_what_git_cannot_say_is_private_also_on_a_public_path(service: PolicyService, project: Path) -> None:
    policy(project, OPEN)
    await service.trust(project)
    (project / ".git").mkdir()
    path = put(project / "docs" / "a.md")
    reason = (await service.private([path]))[path]
    assert reason.cause is Cause.UNKNOWN
    assert "git says" in reason.sentence


async def test_without_git_that_is_said_and_rules_hold(
    service: PolicyService, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / ".git").mkdir()
    policy(project, 'private_paths = ["*.pem"]\n')
    put(project / "k.pem")
    put(project / "a.py")
    monkeypatch.setenv("PATH", str(project))
    found = await service.private_files(project)
    assert set(found.private) == {project / "k.pem"}
    assert "no git" in found.notes[0]


async def test_a_large_project_is_looked_at_as_far_as_told(service: PolicyService, project: Path) -> None:
    policy(project, 'private_paths = ["**"]\n')
    for number in range(9):
        put(project / f"{number}")
    found = await service.private_files(project, most=5)
    assert (len(found.private), found.looked_at, found.more) == (5, 5, True)
    assert "more than 5 files here, so every text counts as private" in found.notes[-1]


async def test_the_users_own_defaults_are_tightened_not_replaced(project: Path) -> None:
    database = await Database.open(MEMORY)
    around = Surroundings(PolicyFiles(project.parent).above, names_of, real, ignored_by_git, files_below)
    strict = PolicyService(around, TrustStore(database), WordStore(database), Policy(mode=Mode.LOCAL))
    policy(project, 'mode = "auto"\n')
    assert await mode(strict, project) is Mode.LOCAL
    await strict.trust(project)
    assert await mode(strict, project) is Mode.AUTO
    await database.close()


async def test_own_words_hold_in_a_project_and_below_it(service: PolicyService, project: Path, tmp_path: Path) -> None:
    await service.add_word(project, "  Projekt \n Falke ")
    (tmp_path / "link").symlink_to(project)
    assert [each.word for each in await service.words(project / "deep")] == ["Projekt Falke"]
    assert [each.project for each in await service.words(tmp_path / "link")] == [str(project)]
    assert await service.words(project.parent) == await service.words(None) == ()
    await service.remove_word(tmp_path / "link", "projekt falke")
    assert await service.words(project) == ()


@pytest.mark.parametrize("word", ["", " ", "x", "--", "…!", "w" * 201])
async def test_a_word_that_would_find_nothing_or_everything_is_none(
    service: PolicyService, project: Path, word: str
) -> None:
    with pytest.raises(UsageError):
        await service.add_word(project, word)
    with pytest.raises(UsageError, match="not one of the words"):
        await service.remove_word(project, word)
