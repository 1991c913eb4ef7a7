"""What git keeps out of a repository, asked of the real git; and that a stranger's repository starts nothing here."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from aqe_desktop.core.project_files import Ignored
from aqe_desktop.machine import ignored
from aqe_desktop.machine.ignored import ignored_by_git


def git(folder: Path, *words: str) -> None:
    settings = ("user.name=T", "user.email=t@example.com", "protocol.file.allow=always", "init.defaultBranch=main")
    options = [word for each in settings for word in ("-c", each)]
    subprocess.run(["git", *options, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init")
    put(folder / ".gitignore", "*.log\nbuild/\n!keep.log\n")
    return folder


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_ignored_files_are_found_and_others_are_not(repository: Path) -> None:
    names = ("a.py", "a.log", "deep/b.log", "build/out/c", "keep.log", "name\nwith\nlines.log", "größe.log")
    paths = [put(repository / name) for name in names]
    found = ignored_by_git(paths)
    assert {path.relative_to(repository).as_posix() for path in found.paths} == {
        "a.log",
        "deep/b.log",
        "build/out/c",
        "name\nwith\nlines.log",
        "größe.log",
    }
    assert (found.unknown, found.no_git) == ((), False)


def test_a_tracked_file_was_published(repository: Path) -> None:
    tracked = put(repository / "tracked.log")
    git(repository, "add", "-f", "tracked.log")
    assert ignored_by_git([tracked, put(repository / "other.log")]).paths == {repository / "other.log"}


def test_a_file_that_is_gone_is_judged_by_its_name(repository: Path) -> None:
    assert ignored_by_git([repository / "gone.log", repository / "gone.py"]).paths == {repository / "gone.log"}


def test_the_users_own_list_counts(repository: Path) -> None:
    put(Path(os.environ["XDG_CONFIG_HOME"]) / "git" / "ignore", "*.mine\n")
    assert ignored_by_git([put(repository / "a.mine")]).paths == {repository / "a.mine"}


def test_a_name_that_is_no_utf8_is_found(repository: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(repository) + b"/\xff.log"))
    path.write_text("x")
    assert ignored_by_git([path]).paths == {path}


def test_outside_of_a_repository_nothing_is_ignored(tmp_path: Path) -> None:
    path = put(tmp_path / "a.log")
    assert ignored_by_git([path]) == Ignored()


def test_each_file_is_judged_by_its_own_repository(repository: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init")
    put(library / ".gitignore", "*.tmp\n")
    git(library, "add", ".")
    git(library, "commit", "-m", "one")
    git(repository, "submodule", "add", str(library), "sub")
    asked = [put(repository / "sub" / name) for name in ("a.tmp", "b.log")] + [put(repository / "c.log")]
    assert ignored_by_git(asked).paths == {asked[0], asked[2]}


def test_a_link_counts_by_its_own_name_and_by_its_targets(repository: Path, tmp_path: Path) -> None:
    target = put(repository / "secret.log")
    (repository / "plain.txt").symlink_to(target)
    (repository / "out.log").symlink_to(put(tmp_path / "public.txt"))
    (tmp_path / "way").symlink_to(repository)
    (repository / "folder").symlink_to(put(repository / "deep" / "b.log").parent)
    asked = [repository / "plain.txt", repository / "out.log", tmp_path / "way" / "secret.log"]
    asked.append(repository / "folder" / "b.log")
    (repository / "build").symlink_to(put(tmp_path / "outside" / "c.csv").parent)
    put(repository / ".gitignore", "*.log\nbuild\n")
    asked.append(repository / "build" / "c.csv")
    assert ignored_by_git(asked) == Ignored(frozenset(asked))
    assert ignored_by_git([tmp_path / "outside" / "c.csv"]) == Ignored()


def test_a_repository_that_git_cannot_read_leaves_it_unknown(repository: Path) -> None:
    path = put(repository / "a.py")
    put(repository / ".git" / "config", "[core\nbroken")
    found = ignored_by_git([path])
    assert found.paths == frozenset()
    ((unknown, why),) = found.unknown
    assert unknown == path
    assert "config" in why


def test_a_git_that_does_not_answer_leaves_it_unknown(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "bin" / "git", "#!/bin/sh\nexec sleep 60\n").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(ignored, "PATIENCE", 0.5)
    ((_, why),) = ignored_by_git([repository / "a.py"]).unknown
    assert why == "git did not answer in time"


def test_without_git_it_is_said(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ignored_by_git([repository / "a.log"]).no_git
    assert not ignored_by_git([tmp_path / "a.log"]).no_git, "nothing was to be asked there"


def test_a_strangers_repository_starts_no_program(repository: Path, tmp_path: Path) -> None:
    """Its configuration names one wherever git would start it; the first call shows that git does so if it is let."""
    trace = tmp_path / "started"
    program = put(tmp_path / "program", f"#!/bin/sh\necho started >> {trace}\n")
    program.chmod(0o755)
    git(repository, "add", ".gitignore")
    for name in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass"):
        git(repository, "config", name, str(program))
    subprocess.run(["git", "status"], cwd=repository, check=False, capture_output=True)
    assert trace.exists(), "git did not take the bait, so this test proves nothing"
    trace.unlink()
    assert ignored_by_git([put(repository / "a.log")]).paths == {repository / "a.log"}
    assert not trace.exists()


def test_many_files_are_asked_in_parts(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignored, "_AT_ONCE", 3)
    asked = [repository / f"{number}.log" for number in range(10)] + [repository / "a.py"]
    assert ignored_by_git(asked).paths == set(asked[:10])


def test_a_repository_in_an_ignored_folder_publishes_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository / ".gitignore", "/secret/\n")
    inner = repository / "secret" / "inner"
    paths = [put(inner / "deep" / "a.py"), put(inner / "b.py")]
    git(inner, "init")
    git(inner, "add", ".")
    assert ignored_by_git(paths).paths == set(paths)
    git(inner / "deep", "init")
    assert ignored_by_git(paths).paths == set(paths)
    monkeypatch.setenv("HOME", str(repository))
    assert ignored_by_git(paths) == Ignored(), "settings in the home folder are no word about a project"
    put(repository / ".gitignore", "/other/\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ignored_by_git(paths) == Ignored()


def test_a_name_that_looks_like_a_pattern_is_a_name(repository: Path) -> None:
    names = (":(bogus)x", ":!a.log", "*.log", "a.py", ":(bogus)y.log")
    paths = [put(repository / name) for name in names]
    assert ignored_by_git(paths) == Ignored(frozenset({paths[1], paths[2], paths[4]}))


def pipe(path: Path) -> None:
    os.mkfifo(path)


def talker(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [pipe, talker, endless])
@pytest.mark.parametrize(
    "name", [".gitignore", "deep/er/.gitignore", ".git/info/exclude", ".git/config", ".git/index", ".git/HEAD"]
)
def test_what_git_would_wait_for_is_named_and_git_is_not_asked(
    repository: Path, name: str, make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(repository / "deep" / "er" / "a.py")
    monkeypatch.chdir(repository)  # the name of a socket is short
    Path(name).unlink(missing_ok=True)
    make(Path(name))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was asked"))
    ((path, why),) = ignored_by_git([file]).unknown
    assert path == file
    assert f"{repository / name} is no regular file" in why


def test_a_pipe_behind_a_file_that_stands_for_the_git_folder_is_found(repository: Path, tmp_path: Path) -> None:
    put(repository / "a.py")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "one")
    git(repository, "worktree", "add", "-q", str(tmp_path / "beside"))
    file = tmp_path / "beside" / "a.log"
    assert ignored_by_git([file]).paths == {file}
    exclude = repository / ".git" / "info" / "exclude"
    exclude.unlink()
    os.mkfifo(exclude)
    ((_, why),) = ignored_by_git([file]).unknown
    assert "is no regular file" in why


def test_a_pipe_in_the_place_of_the_git_folder_is_named(tmp_path: Path) -> None:
    file = put(tmp_path / "a.py")
    os.mkfifo(tmp_path / ".git")
    ((_, why),) = ignored_by_git([file]).unknown
    assert f"{tmp_path / '.git'} is no regular file" in why
