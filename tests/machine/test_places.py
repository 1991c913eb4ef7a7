"""Where things really are, and what lies below a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.machine.places import files_below, names_of, real


@pytest.mark.parametrize("mark", ["CACHEDIR.TAG", "pyvenv.cfg"])
def test_a_folder_that_can_be_made_again_is_told_apart(tmp_path: Path, mark: str) -> None:
    for name in ("a", f"env/{mark}", "env/lib/x.py", "z/y"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert files_below(tmp_path, 100).files == (tmp_path / "a", tmp_path / "z/y")


def test_a_file_below_links_has_a_name_for_each_way(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "link").symlink_to(tmp_path / "real" / "deep")
    (tmp_path / "short").symlink_to("project")
    assert names_of(tmp_path / "short" / "link" / "a") == (
        f"{tmp_path}/short/link/a",
        f"{tmp_path}/project/link/a",
        f"{tmp_path}/real/deep/a",
    )
    assert names_of(tmp_path / "project" / "link" / ".." / "a")[-1] == f"{tmp_path}/real/a"


def test_a_linked_file_has_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / "link").symlink_to("a")
    assert names_of(tmp_path / "a") == (f"{tmp_path}/a",)
    assert names_of(tmp_path / "link") == (f"{tmp_path}/link", f"{tmp_path}/a")
    monkeypatch.chdir(tmp_path)
    assert names_of(Path("x/../link")) == (f"{tmp_path}/link", f"{tmp_path}/a")
    assert real("link") == f"{tmp_path}/a"


def test_a_loop_of_links_has_a_name_too(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert names_of(tmp_path / "loop") == (f"{tmp_path}/loop",)


def test_the_walk_leaves_out_what_programs_keep_and_what_links_lead_to(tmp_path: Path) -> None:
    for name in ("b/x", "a/y", "c", ".git/config", "b/node_modules/m/i.js", ".venv/lib", ".aqe/policy.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to("nowhere")
    walk = files_below(tmp_path, 100)
    names = [path.relative_to(tmp_path).as_posix() for path in walk.files]
    assert names == ["c", "gone", ".aqe/policy.toml", "a/y", "b/x"]
    assert not walk.more


def test_the_walk_ends_where_it_is_told_to(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"{number}").write_text("")
    assert len(files_below(tmp_path, 4).files) == 4
    assert files_below(tmp_path, 4).more
    assert not files_below(tmp_path, 10).more
    assert files_below(tmp_path / "nowhere", 10).files == ()


def test_folders_as_deep_as_names_can_be_are_walked(tmp_path: Path) -> None:
    folders = [tmp_path.joinpath(*["d"] * depth) for depth in range(1, 1501)]
    for each in folders:
        each.mkdir()
    (folders[-1] / "a").write_text("x")
    assert files_below(tmp_path, 10).files == (folders[-1] / "a",)
    (folders[-1] / "a").unlink()
    for each in reversed(folders):  # as deep as this, the clearing of old test folders would fail
        each.rmdir()


def test_the_mark_of_a_folder_is_told_and_one_of_the_project_or_a_link_is_none(tmp_path: Path) -> None:
    for name in ("CACHEDIR.TAG", "a", "env/pyvenv.cfg", "env/lib/CACHEDIR.TAG", "vault/a"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "vault/pyvenv.cfg").symlink_to("a")
    walk = files_below(tmp_path, 100)
    assert {path.relative_to(tmp_path).as_posix() for path in walk.files} == {
        "CACHEDIR.TAG",
        "a",
        "vault/a",
        "vault/pyvenv.cfg",
    }
    mark = tmp_path / "env/pyvenv.cfg"
    assert walk.made == {mark: mark, tmp_path / "env/lib/CACHEDIR.TAG": mark}
    few = files_below(tmp_path, 1)
    assert (len(few.files), few.more) == (1, True)


def test_many_files_that_can_be_made_again_hide_none_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "env").mkdir()
    for name in ("env/pyvenv.cfg", *(f"env/{number}" for number in range(6)), "z"):
        (tmp_path / name).write_text("x")
    walk = files_below(tmp_path, 3)
    assert (walk.files, len(walk.made), walk.more) == ((tmp_path / "z",), 3, False)
    assert walk.cut == {tmp_path / "env/pyvenv.cfg"}
    for number in range(30):
        (tmp_path / "env" / f"x{number}").write_text("x")
    assert files_below(tmp_path, 3).more, "the looking ends somewhere"
