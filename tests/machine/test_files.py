"""Attachments: text in the encodings people have, and a clear no to the rest."""

from __future__ import annotations

import codecs
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aqe_desktop.cli.project import chosen_project
from aqe_desktop.core.errors import DiskFull, StorageFailed, UsageError
from aqe_desktop.machine.files import MAX_BYTES, decode, read_attachment, write_private

TEXT = "Grüße\n\tпривет 日本語 😀\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_unicode_text_is_read(data: bytes) -> None:
    assert decode(data, "a") == TEXT


def test_latin_1_is_read_where_it_can_only_be_text() -> None:
    assert decode("Grüße\r\n".encode("latin-1"), "a") == "Grüße\r\n"


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n\0\0", b"abc\0def", bytes(range(256)), b"\xff\xfe\x00"],
    ids=["png", "nul", "all", "odd"],
)
def test_binary_garbage_is_named_as_no_text(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"photo.png is not text") as refused:
        decode(data, "photo.png")
    assert refused.value.hint


def test_the_attachment_is_a_snapshot_by_name(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text("x = 1")
    attachment = read_attachment(path)
    path.write_text("x = 2")
    assert (attachment.name, attachment.text, attachment.size) == ("code.py", "x = 1", 5)


def test_a_file_below_a_link_is_named_as_the_shell_names_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the policy of the project that the link is in counts, and not only what holds where it leads."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "s.py").write_text("x")
    (tmp_path / "project" / ".aqe").mkdir(parents=True)
    (tmp_path / "project" / "pay").symlink_to(tmp_path / "data")
    monkeypatch.chdir(tmp_path / "project" / "pay")
    monkeypatch.setenv("PWD", f"{tmp_path}/project/pay")
    assert read_attachment("s.py").path == f"{tmp_path}/project/pay/s.py"
    assert chosen_project(None) == tmp_path / "project"
    for elsewhere in (f"{tmp_path}/project", "pay", "", f"{tmp_path}/gone"):
        monkeypatch.setenv("PWD", elsewhere)
        assert read_attachment("s.py").path == f"{tmp_path}/data/s.py"


def test_a_file_over_the_limit_is_refused_without_reading_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    with path.open("wb") as file:
        file.truncate(50 * MAX_BYTES)
    with pytest.raises(UsageError, match=r"huge.txt is larger than 20 MB"):
        read_attachment(path)


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_what_is_no_file_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_attachment(tmp_path / name)
    assert refused.value.hint


def test_a_pipe_can_be_attached(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"from a pipe")
    os.close(writer)
    assert read_attachment(f"/dev/fd/{reader}").text == "from a pipe"
    os.close(reader)


READER = """
import sys
from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine import files
files.PATIENCE = 0.2
try:
    print(files.read_attachment(sys.argv[1]).text)
except UsageError as error:
    print(error.message)
"""


def attached(path: Path | str, *inherited: int) -> str:
    """What a process of its own says: one that waits for ever can be ended."""
    command = [sys.executable, "-c", READER, str(path)]
    return subprocess.run(command, timeout=60, capture_output=True, text=True, check=True, pass_fds=inherited).stdout


def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in attached(tmp_path / "pipe")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty"])
def test_a_device_is_refused(device: str) -> None:
    assert device in attached(device)


def test_a_pipe_that_stays_silent_is_given_up() -> None:
    reader, writer = os.pipe()
    assert "stayed silent" in attached(f"/dev/fd/{reader}", reader)
    os.close(reader)
    os.close(writer)


def test_an_existing_target_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.zip"
    write_private(path, b"old", replace=False)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"old", 0o600)
    with pytest.raises(UsageError, match="exists already"):
        write_private(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    write_private(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("replace", [True, False])
def test_what_is_no_regular_file_is_never_replaced(tmp_path: Path, *, replace: bool) -> None:
    place = tmp_path / "reports"
    place.mkdir()
    pipe, link, folder = place / "pipe", place / "link", place / "folder"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    folder.mkdir()
    for path in (pipe, link, folder):
        with pytest.raises((StorageFailed, UsageError)):
            write_private(path, b"new", replace=replace)
    assert (pipe.is_fifo(), link.is_symlink(), folder.is_dir()) == (True, True, True)
    assert len(list(place.iterdir())) == 3


def test_a_failed_write_leaves_no_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        write_private(folder / "report.zip", b"new", replace=False)
    assert list(folder.iterdir()) == []


def test_writing_replaces_in_one_step_and_leaves_the_old_file_on_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    path = folder / "report.zip"
    write_private(path, b"old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        write_private(path, b"new")
    assert [each.name for each in folder.iterdir()] == ["report.zip"]
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="cannot be written"):
        write_private(tmp_path / "none" / "a", b"")
