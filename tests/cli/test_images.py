"""An image on the command line: it goes nowhere without the yes, and to no model that cannot see."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator

import pytest

from aqe_desktop.machine.paths import find_paths
from tests.cli.box import Box, serving
from tests.cli.conftest import Command
from tests.pictures import png

IMAGE = png()
DIGEST = hashlib.sha256(IMAGE).hexdigest()
ASK = ("chat", "What is this?", "--file", "shot.png", "--json")


@pytest.fixture
def box(aqe: Command) -> Iterator[Box]:
    """A server in the cloud that says nothing of what its models can."""
    (aqe.folder / "shot.png").write_bytes(IMAGE)
    with serving() as box:
        aqe("runtimes", "add", "box", "--url", box.url, "--zone", "cloud")
        yield box


def sees(_box: Box) -> None:
    settings = find_paths().settings
    settings.write_text(f"{settings.read_text()}vision = true\n")


def test_a_model_that_cannot_see_gets_no_image_and_nothing_is_kept(aqe: Command, box: Box) -> None:
    for model in ((), ("--model", "box/org/coder")):
        error = aqe(*ASK, *model, code=2).json["error"]
        assert error["kind"] == "usage"
        assert "cannot see images such as shot.png. Nothing was sent." in error["message"]
        assert "aqe models" in error["hint"]
    assert box.chats == []
    assert aqe("history", "--json").json["conversations"] == []


def test_an_image_leaves_only_after_the_yes_and_is_on_the_record(aqe: Command, box: Box) -> None:
    sees(box)
    ask = (*ASK, "--model", "box/org/coder")
    assert aqe(*ask, code=3).json["error"]["kind"] in ("privacy_refused", "consent_needed")
    assert box.chats == []
    done = aqe(*ask, "--send-anyway")
    assert "aqe: private, in shot.png: image. What an image shows" in done.err
    (sent,) = box.chats
    image, text = sent["messages"][-1]["content"]
    assert image["image_url"]["url"] == f"data:image/png;base64,{b64encode(IMAGE).decode()}"
    assert text["text"].endswith("\n\nWhat is this?")
    (row,) = [row for row in aqe("ledger", "show", "--json").json["rows"] if row["files"]]
    assert row["files"] == [{"name": "shot.png", "sha256": DIGEST}]
    (file,) = aqe("history", "show", str(done.json["conversation"]), "--json").json["messages"][0]["attachments"]
    described = {"media": "image/png", "size": len(IMAGE), "sha256": DIGEST}
    assert file == {"name": "shot.png", "text": "", **described}


def test_a_damaged_image_is_named(aqe: Command, box: Box) -> None:
    (aqe.folder / "shot.png").write_bytes(IMAGE[:20])
    assert "a damaged image" in aqe(*ASK, code=2).json["error"]["message"]
