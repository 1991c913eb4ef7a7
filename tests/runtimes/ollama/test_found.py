from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.runtimes.ollama.found import (
    Options,
    find_binary,
    find_endpoint,
    is_chosen,
    models_folder,
    surroundings,
)


def _program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o700)
    return path


def test_the_program_on_path_is_found_behind_its_links(tmp_path: Path) -> None:
    real = _program(tmp_path / "opt/ollama-0.17/ollama")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/ollama").symlink_to(real)
    assert find_binary(Options(), {"PATH": str(tmp_path / "bin")}) == real


def test_the_chosen_program_comes_first_and_stands_alone(tmp_path: Path) -> None:
    chosen, other = _program(tmp_path / "mine"), _program(tmp_path / "bin/ollama")
    environ = {"PATH": str(other.parent)}
    assert find_binary(Options(binary=chosen), environ) == chosen
    assert find_binary(Options(binary=tmp_path / "gone"), environ) is None


def test_the_usual_places_are_looked_into(tmp_path: Path) -> None:
    assert find_binary(Options(), {"PATH": str(tmp_path), "HOME": str(tmp_path)}) is None
    program = _program(tmp_path / ".local/bin/ollama")
    assert find_binary(Options(), {"PATH": str(tmp_path), "HOME": str(tmp_path)}) == program


def test_the_settings_address_goes_before_the_environments() -> None:
    environ = {"OLLAMA_HOST": "0.0.0.0:9"}
    endpoint, warning = find_endpoint(Options(), environ)
    assert (endpoint.port, endpoint.everywhere, warning) == (9, True, "")
    assert find_endpoint(Options(url="box:8"), environ)[0].url == "http://box:8"
    assert (is_chosen(Options(), {}), is_chosen(Options(), environ), is_chosen(Options(url="x"), {})) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("options", "environ", "name"),
    [
        (Options(), {"OLLAMA_HOST": "ftp://x"}, "OLLAMA_HOST"),
        (Options(url="ftp://x"), {"OLLAMA_HOST": "box"}, "The address of Ollama in the settings"),
    ],
)
def test_what_is_no_address_is_said_and_the_usual_one_taken(
    options: Options, environ: dict[str, str], name: str
) -> None:
    endpoint, warning = find_endpoint(options, environ)
    assert (endpoint.url, warning) == (
        "http://127.0.0.1:11434",
        f"{name} is not an address, so the usual one is used.",
    )


def test_models_are_the_users_own_unless_told(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    assert models_folder(Options(), environ) == tmp_path / ".ollama/models"
    assert models_folder(Options(), {**environ, "OLLAMA_MODELS": "/data/m"}) == Path("/data/m")
    assert models_folder(Options(models=Path("/x")), {**environ, "OLLAMA_MODELS": "/data/m"}) == Path("/x")


def test_a_server_of_ours_gets_no_key_no_proxy_and_no_other_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {
        "HOME": str(tmp_path),
        "OLLAMA_API_KEY": "canary",
        "OLLAMA_REMOTES": "elsewhere",
        "OLLAMA_HOST": "0.0.0.0",
        "OLLAMA_ORIGINS": "*",
        "OLLAMA_DEBUG": "1",
        "OLLAMA_KV_CACHE_TYPE": "q8_0",
        "HTTPS_PROXY": "http://user:canary@proxy",
        "AWS_SECRET_ACCESS_KEY": "canary",
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    told = surroundings(Options(), environ, 5)
    assert {name for name in told if name.startswith("OLLAMA_")} == {
        "OLLAMA_HOST",
        "OLLAMA_KV_CACHE_TYPE",
        "OLLAMA_MODELS",
        "OLLAMA_NO_CLOUD",
    }
    assert (told["OLLAMA_HOST"], told["OLLAMA_NO_CLOUD"], told["HOME"]) == ("127.0.0.1:5", "1", str(tmp_path))
    assert "canary" not in " ".join(told.values())
    assert "OLLAMA_NO_CLOUD" not in surroundings(Options(cloud=True), environ, 5)


def test_unfinished_downloads_are_not_thrown_away_at_a_start(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    blobs = tmp_path / ".ollama/models/blobs"
    blobs.mkdir(parents=True)
    (blobs / "sha256-aa").touch()
    assert "OLLAMA_NOPRUNE" not in surroundings(Options(), environ, 5)
    (blobs / "sha256-bb-partial-0").touch()
    assert surroundings(Options(), environ, 5)["OLLAMA_NOPRUNE"] == "1"
