"""The folders of the library, with what each holds, and those of other programs that could be added to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.folders import FolderKind, ModelFolder
from aqe_desktop.machine import ollama_files
from aqe_desktop.runtimes.llamacpp.library.entries import Found, each_once
from aqe_desktop.runtimes.llamacpp.library.files import entries_in, is_of_kernel
from aqe_desktop.runtimes.llamacpp.library.library import Library

OLLAMA, LM_STUDIO, HUGGING_FACE, LLAMA_CPP = "Ollama", "LM Studio", "Hugging Face", "llama.cpp"
_POINTER = ".lmstudio-home-pointer"
_LONGEST_PATH = 4096
_CUT = "It was not searched to its end: it holds too many files. Add a folder within it instead."


class LibraryFolders:
    """Implements services.folders.Folders. Every method may block."""

    def __init__(self, library: Library, environ: Mapping[str, str] | None = None) -> None:
        self._library = library
        self._environ = os.environ if environ is None else environ

    def look(self) -> tuple[ModelFolder, ...]:
        """Ours, those added, and those found that are not among them and hold something. No model file is opened."""
        added = self._library.added()
        listed = [self._library.own, *added]
        names = dict(found_folders(self._environ))
        kinds = [FolderKind.OURS, *[FolderKind.ADDED] * len(added)]
        rows = [_measured(path, kind, names.get(path, "")) for path, kind in zip(listed, kinds, strict=True)]
        offered = [_measured(path, FolderKind.FOUND, name) for path, name in names.items() if not _is_in(path, listed)]
        return (*rows, *(each for each in offered if each.models))

    def require(self, path: Path) -> Path:
        """The folder as the settings keep it. Raises UsageError for what is none, or is in the library already."""
        whole = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - follows no link: the user's spelling stays
        if problem := _problem(whole):
            raise UsageError(f"{whole} cannot be added. {problem}", "Name a folder that is there.")
        if not str(whole).isprintable():
            raise UsageError("That folder's name cannot be kept in the settings.", "Rename the folder.")
        if _is_in(whole, [self._library.own, *self._library.added()]):
            raise UsageError(f"{whole} is in the library already.", "`aqe models folders` lists what is.")
        return whole


def found_folders(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Where other programs of this user keep models, with the name of the program; only folders that are there."""
    seen: set[str] = set()
    for path, name in _usual(environ):
        real = os.path.realpath(path)
        if real not in seen and os.path.isdir(path):  # noqa: PTH112 - never raises
            seen.add(real)
            yield path, name


def _usual(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """As the programs document it: Ollama's FAQ, LM Studio's and Hugging Face's documentation, llama.cpp's common.h."""
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    yield ollama_files.usual_store(environ), OLLAMA
    yield Path("/usr/share/ollama/.ollama/models"), OLLAMA  # of the system's service
    if (told := _lm_studio_home(home)) is not None:
        yield told / "models", LM_STUDIO
    yield home / ".lmstudio" / "models", LM_STUDIO
    yield home / ".cache" / "lm-studio" / "models", LM_STUDIO
    if named := environ.get("HF_HUB_CACHE"):
        yield Path(named), HUGGING_FACE
    yield Path(environ.get("HF_HOME") or cache / "huggingface") / "hub", HUGGING_FACE
    yield Path(environ.get("LLAMA_CACHE") or cache / "llama.cpp"), LLAMA_CPP


def _lm_studio_home(home: Path) -> Path | None:
    """A file in which LM Studio notes where it was moved to."""
    try:
        with (home / _POINTER).open(encoding="utf-8") as file:
            told = file.read(_LONGEST_PATH).strip()
    except (OSError, ValueError):
        return None
    return Path(told) if told.startswith(os.sep) and told.isprintable() else None


def _measured(path: Path, kind: FolderKind, name: str) -> ModelFolder:
    problem = _problem(path)
    cut: list[str] = []
    entries = [] if problem else each_once(entries_in(path, lambda: cut.append(_CUT)))
    files: dict[tuple[int, int] | str, Found] = {each.identity: each for entry in entries for each in entry.all}
    size = sum(each.size for each in files.values())
    return ModelFolder(path, kind, name or _named(path), len(entries), size, problem or "".join(cut))


def _named(path: Path) -> str:
    return OLLAMA if ollama_files.is_store(path) else ""


def _problem(path: Path) -> str:
    if is_of_kernel(path):
        return "It shows the system's processes and devices, and holds no models."
    try:
        with os.scandir(path):
            return ""
    except FileNotFoundError:
        return "It is not there."
    except NotADirectoryError:
        return "It is not a folder."
    except (OSError, ValueError) as error:
        return f"It cannot be read: {getattr(error, 'strerror', None) or 'its name is none'}."


def _is_in(path: Path, folders: list[Path]) -> bool:
    real = os.path.realpath(path)
    return any(os.path.realpath(each) == real for each in folders)
