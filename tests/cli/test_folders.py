"""`aqe models folders` in a real process: added, listed with what it holds, removed, nothing deleted."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command
from tests.runtimes.llamacpp import gguf_files as gguf


def test_a_folder_is_added_its_models_are_listed_and_it_is_removed(aqe: Command, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "tiny.gguf").write_bytes(gguf.model())
    assert "listed now" in aqe("models", "folders", "add", folder).out
    (ours, mine) = aqe("models", "folders", "--json").json["folders"]
    assert (ours["kind"], mine["kind"], mine["path"], mine["models"]) == ("ours", "added", str(folder), 1)
    (tiny,) = (each for each in aqe("models", "--json").json["models"] if each["ref"] == "llamacpp/tiny")
    assert (tiny["folder"], tiny["files"]) == (str(folder), [str(folder / "tiny.gguf")])
    assert aqe("models", "folders", "remove", folder, "--json").json == {"removed": str(folder)}
    assert str(folder) not in aqe("models", "folders", "list").out
    assert (folder / "tiny.gguf").exists()
    assert "not there" in aqe("models", "folders", "add", tmp_path / "none", code=2).err
    assert "name a folder" in aqe("models", "folders", "add", "", code=2).err


def test_a_removed_file_lies_in_the_trash_and_the_starter_stays(
    aqe: Command, tmp_path: Path, starter_model: Path
) -> None:
    aqe("models", "folders", "list")  # makes the profile's folders
    file = next(tmp_path.rglob("aqe_home")) / "models" / "tiny.gguf"
    file.write_bytes(gguf.model())
    assert aqe("rm", "llamacpp/tiny").out == "llamacpp/tiny is in the trash.\n"
    assert [path.name for path in tmp_path.rglob("Trash/files/*")] == ["tiny.gguf"]
    assert "comes with the app" in aqe("rm", f"llamacpp/{starter_model.stem}", code=2).err
    assert "no registry" in aqe("pull", "llamacpp/qwen", code=2).err
