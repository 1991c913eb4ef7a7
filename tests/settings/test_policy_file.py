"""`.aqe/policy.toml`: every key, every way it can be wrong, and where it is looked for."""

from __future__ import annotations

import hashlib
import os
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.effective import PolicyFile
from aqe_desktop.core.globs import Glob
from aqe_desktop.core.models import Zone
from aqe_desktop.core.policy import DEFAULT, KEYS, LOCAL_ONLY, Mode, Policy, WhenNoLocal, loosened
from aqe_desktop.resources import resource
from aqe_desktop.settings.policy_file import PolicyFiles, read_policy

WHOLE = """
mode = "local"                    # a comment
sensitive_zone = "lan"
private_paths = ["src/payments/**", ".env*", "**/*.pem"]
public_paths  = ["./docs/**"]
allowed_providers = ["openrouter", "groq"]
no_training = false
budget_usd_month = 20.05
when_no_local = "refuse"
accept_declared = true
redact = ["email"]
"""

VALUES = ("1", "-1", "1.5", "1e99", "inf", "true", '"auto"', '"x"', "[]", '["a"]', "[1]", "{}", "1979-05-27", "'", "[[")
LINES = st.lists(st.builds("{} = {}".format, st.sampled_from((*KEYS, "a.b", '"q"', "[x]")), st.sampled_from(VALUES)))


def put(folder: Path, text: str | bytes) -> Path:
    path = folder / ".aqe" / "policy.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def is_closed(file: PolicyFile) -> bool:
    """It could not be read, and so everything of its folder is as private as can be."""
    everything = file.policy.private_by(f"{file.folder}/any/file")
    return not loosened(file.policy, LOCAL_ONLY) and file.given == KEYS and everything is not None and not file.sha256


def test_every_key_is_read(folder: Path) -> None:
    path = put(folder, WHOLE)
    base = str(folder)
    assert read_policy(path) == PolicyFile(
        str(path),
        base,
        hashlib.sha256(path.read_bytes()).hexdigest(),
        Policy(
            Mode.LOCAL,
            Zone.LAN,
            (Glob("src/payments/**", base), Glob(".env*", base), Glob("**/*.pem", base)),
            ((Glob("docs/**", base),),),
            ("openrouter", "groq"),
            False,
            Decimal("20.05"),
            WhenNoLocal.REFUSE,
            True,
            ("email",),
        ),
        KEYS,
    )


def test_only_what_is_written_is_given(folder: Path) -> None:
    file = read_policy(put(folder, 'redact = []\nbudget_usd_month = 3\nmode = "auto"\n'))
    assert (set(file.given), file.problem) == ({"redact", "budget_usd_month", "mode"}, "")
    assert file.policy == Policy(budget_usd_month=Decimal(3))
    assert read_policy(put(folder, "")).given == ()


def test_a_list_of_no_providers_allows_all_and_one_of_no_public_paths_none(folder: Path) -> None:
    file = read_policy(put(folder, "allowed_providers = []\npublic_paths = []\nprivate_paths = []\n"))
    assert (file.policy, len(file.given)) == (DEFAULT, 3)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('mode = "auto"\nmod = "local"\n', 2, "there is no key 'mod'"),
        ('# first\n[server]\nmode = "local"\n', 2, "there is no key 'server'"),
        ('mode.x = "auto"\n', 1, "mode is not valid"),
        ('mode = "strict"\n', 1, "'local', 'auto' or 'cloud'"),
        ("\n\nmode = 1\n", 3, "'local', 'auto' or 'cloud'"),
        ('sensitive_zone = "cloud"\n', 1, "'device' or 'lan'"),
        ('private_paths = ".env"\n', 1, "private_paths is not valid"),
        ('private_paths = [\n "a",\n 3,\n]\n', 1, "private_paths[1] is not valid"),
        ('private_paths = ["/etc/passwd"]\n', 1, "relative to the folder"),
        ('private_paths = ["a/../../b"]\n', 1, "stays in it"),
        ('private_paths = ["~/x"]\n', 1, "relative to the folder"),
        ('private_paths = ["src\\\\a"]\n', 1, "with / between folders"),
        ('private_paths = ["a\\u0000b"]\n', 1, "with / between folders"),
        *(
            (f'private_paths = ["a", "{each}"]\n', 1, words)
            for words, patterns in (
                ("one name between two /", ("src//payments/**", "src/./payments/**", "src/payments/.", "a//", "././a")),
                ("one pattern for each", ("!src", "*.{pem,key}", " src", "src ", "\\tsrc", "a/{b}")),
            )
            for each in patterns
        ),
        ('public_paths = [""]\n', 1, "a pattern names something"),
        ('public_paths = ["./"]\n', 1, "a pattern names something"),
        ('no_training = "yes"\n', 1, "no_training is not valid"),
        ("no_training = 1\n", 1, "no_training is not valid"),
        ("budget_usd_month = -1\n", 1, "greater than or equal to 0"),
        ("budget_usd_month = nan\n", 1, "finite number"),
        ("budget_usd_month = inf\n", 1, "finite number"),
        ("budget_usd_month = true\n", 1, "budget_usd_month is not valid"),
        ('budget_usd_month = "20"\n', 1, "budget_usd_month is not valid"),
        ('when_no_local = "cloud"\n', 1, "'ask' or 'refuse'"),
        ("accept_declared = 0\n", 1, "accept_declared is not valid"),
        ('redact = [""]\n', 1, "redact[0] is not valid"),
        ('"accept_declared" = 0\n', 1, "accept_declared is not valid"),
        ('mode = "auto"\nmode = "auto"\n', 2, "cannot overwrite a value"),
        ('mode = "auto"\nmode = \n', 2, "invalid value"),
    ],
)
def test_a_wrong_file_closes_everything_and_names_the_line(folder: Path, text: str, line: int, words: str) -> None:
    path = put(folder, text)
    file = read_policy(path)
    assert is_closed(file)
    assert f"{path}, line {line}" in file.problem
    assert words in file.problem
    assert file.problem.endswith("the mode is local and every file of its folder is private.")


def test_bytes_that_are_no_text_close_everything(folder: Path) -> None:
    file = read_policy(put(folder, b'mode = "auto"\n# \xff\n'))
    assert is_closed(file)
    assert "line 2" in file.problem
    assert "not UTF-8" in file.problem


@given(st.one_of(st.binary(max_size=200), LINES.map(lambda lines: "\n".join(lines).encode())))
def test_whatever_a_file_holds_it_is_read_whole_or_closes_everything(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = read_policy(put(Path(folder), text))
        assert is_closed(file) == bool(file.problem)
        assert len(file.problem) < 1000


def test_the_example_of_the_help_is_a_policy_with_every_key(folder: Path) -> None:
    page = resource("help", "policy.md").read_text(encoding="utf-8")
    file = read_policy(put(folder, page.partition("```toml\n")[2].partition("```")[0]))
    assert (file.problem, file.given) == ("", KEYS)


def test_a_mark_at_the_start_is_no_part_of_the_text(folder: Path) -> None:
    assert read_policy(put(folder, b'\xef\xbb\xbfmode = "local"\n')).policy.mode is Mode.LOCAL


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#" * 10_000_000, "too large"),
        ("#" * 70_000, "too large"),
        ("a." * 20_000 + "a=1", "more than 16 parts"),
        ("\n[" + "a." * 20_000 + "a]", "line 2, cannot be read: a key has more than 16 parts"),
        ("x = {" + '"".' * 12_000 + "a=1}", "more than 16 parts"),
        ('x = {y = """z"""", ' + "a." * 12_000 + "a=1}", "more than 16 parts"),
        ('x = """\n\\"""."""\n' + '\'"\'."\\"".' * 4000 + "a=1", "line 3, cannot be read"),
        ('"""' + '\\"""' * 10_000, "cannot be read"),
        ("redact = " + "[" * 50_000, "nested too deep"),
        ("private_paths = [" + "'x', " * 301 + "]", "at most 300"),
        ("private_paths = ['" + "x" * 301 + "']", "at most 300"),
    ],
)
def test_a_file_without_measure_closes_everything(folder: Path, text: str, words: str) -> None:
    file = read_policy(put(folder, text))
    assert is_closed(file)
    assert words in file.problem


def test_dots_in_values_and_comments_are_no_parts_of_a_key(folder: Path) -> None:
    dots = "a." * 100
    many = ", ".join(f'"{number}.*.pem"' for number in range(40))
    text = f'# {dots}\nprivate_paths = [{many}]\nredact = [\'{dots}\', """\n{dots}""", "\\"{dots}"]\n'
    assert read_policy(put(folder, text)).problem == ""


def test_what_is_no_file_closes_everything_and_holds_nobody_up(folder: Path) -> None:
    path = folder / ".aqe" / "policy.toml"
    path.mkdir(parents=True)
    (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)
    assert "is a directory" in file.problem
    path.rmdir()
    os.mkfifo(path)
    (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)
    assert "not a regular file" in file.problem


def test_a_file_that_may_not_be_read_closes_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal of the system, put into its place: a test may run as root, whom no file refuses."""
    path = put(folder, "")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)
    assert f"{path} cannot be read: permission denied." in file.problem


def test_a_folder_that_may_not_be_searched_closes_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "")
    look = os.stat

    def refuse(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if str(path).endswith("policy.toml"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", refuse)
    (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)


def test_links_in_a_loop_or_into_nowhere_close_everything(folder: Path) -> None:
    (folder / ".aqe").symlink_to(".aqe")
    (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)
    (folder / ".aqe").unlink()
    (folder / ".aqe").symlink_to("nowhere")
    (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)
    (folder / ".aqe").unlink()
    (folder / ".aqe").mkdir()
    (folder / ".aqe" / "policy.toml").symlink_to("nowhere")
    (file,) = PolicyFiles(folder).above(folder)
    assert is_closed(file)


def test_no_policy_is_no_policy(folder: Path) -> None:
    (folder / "inner" / ".aqe").mkdir(parents=True)
    (folder / "inner" / "aqe").write_text("")
    assert PolicyFiles(folder).above(folder / "inner" / "gone" / "too") == ()


def test_a_linked_policy_holds_for_the_folder_it_is_in_and_is_known_as_a_link(folder: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other", 'private_paths = ["x"]\n')
    (folder / ".aqe").symlink_to(other.parent)
    (file,) = PolicyFiles(folder).above(folder)
    assert (file.path, file.folder, file.linked) == (str(other), str(folder), True)
    assert file.policy.private_paths == (Glob("x", str(folder)),)
    assert not read_policy(other).linked


def test_all_folders_up_to_home_count_and_none_above_it(folder: Path, tmp_path: Path) -> None:
    inner = folder / "inner" / "deep"
    inner.mkdir(parents=True)
    paths = [put(at, "") for at in (inner, folder, tmp_path)]
    assert [file.path for file in PolicyFiles(folder).above(inner)] == [str(each) for each in paths[:2]]
    assert [file.path for file in PolicyFiles(tmp_path).above(inner)] == [str(each) for each in paths]
    assert [file.path for file in PolicyFiles(tmp_path / "home").above(inner)] == [str(each) for each in paths]


def test_home_is_the_users(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    put(folder.parent, "")
    path = put(folder, "")
    assert [file.path for file in PolicyFiles().above(folder / "gone")] == [str(path)]


def test_a_file_is_read_again_only_when_it_has_changed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aqe_desktop.settings import policy_file

    read: list[Path] = []

    def counted(path: Path) -> PolicyFile:
        read.append(path)
        return read_policy(path)

    monkeypatch.setattr(policy_file, "read_policy", counted)
    path = put(folder, 'mode = "local"\n')
    files = PolicyFiles(folder)
    assert files.above(folder) == files.above(folder)
    assert len(read) == 1
    was = path.stat()
    path.write_text('mode = "cloud"\n')
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert files.above(folder)[0].policy.mode is Mode.CLOUD, "one of the same size and time is another one too"
    path.unlink()
    assert files.above(folder) == ()


@pytest.mark.parametrize("name", [".aqe/Policy.toml", ".aqe/POLICY.TOML", ".AQE/policy.toml", ".Aqe/x", ".aqe", ".AQE"])
def test_what_is_a_policy_but_for_its_name_closes_everything(folder: Path, name: str) -> None:
    files = PolicyFiles(folder.parent)
    assert files.above(folder) == ()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("mode = 'local'\n")
    for looking in (files, PolicyFiles(folder.parent)):
        (found,) = looking.above(folder)
        assert is_closed(found)
        assert str(folder / name).startswith(found.path)
        assert "may be meant as one" in found.problem


def test_another_file_beside_a_policy_to_be_is_none(folder: Path) -> None:
    (folder / ".aqe").mkdir()
    (folder / ".aqe" / "notes.toml").write_text("")
    assert PolicyFiles(folder.parent).above(folder) == ()
