"""`--send-anyway` to a server beyond this device: refused without it, sent exactly once with it, and on the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.box import Box, serving
from tests.cli.conftest import Command

SECRET = "Vq7#kT93mZpL2wX"
PROMPT = f"db_password = '{SECRET}'"
MODEL = ("--model", "box/org/coder")


@pytest.fixture(params=["lan", "cloud"])
def box(aqe: Command, request: pytest.FixtureRequest) -> Iterator[Box]:
    with serving() as box:
        aqe("runtimes", "add", "box", "--url", box.url, "--zone", request.param)
        yield box


def rows(aqe: Command) -> list[dict[str, Any]]:
    told = aqe("ledger", "show", "--json").json["rows"]
    return [row for row in told if row["purpose"] == "chat" and row["kind"] == "sent"]


def test_a_clean_text_goes_and_has_its_row(aqe: Command, box: Box) -> None:
    told = aqe("chat", "How do I sort a list?", *MODEL, "--json").json
    assert told["text"] == "All is well."
    assert told["route"]["zone"] in ("lan", "cloud")
    (row,) = rows(aqe)
    assert (row["host"], row["model"], row["consent"]) == (box.url.removeprefix("http://"), "box/org/coder", "")
    assert told["ledger_seq"] is not None


def test_a_private_text_stays_here_without_the_yes(aqe: Command, box: Box) -> None:
    error = aqe("chat", PROMPT, *MODEL, "--json", code=3).json["error"]
    assert error["kind"] in ("privacy_refused", "consent_needed")
    assert not box.holds(SECRET)
    assert rows(aqe) == []


def test_with_the_yes_it_goes_once_and_the_row_names_the_very_bytes(aqe: Command, box: Box) -> None:
    done = aqe("chat", PROMPT, *MODEL, "--send-anyway", "--json")
    assert "private, in the prompt" in done.err
    (sent,) = [body for path, body in box.requests if path == "/v1/chat/completions"]
    assert json.loads(sent)["messages"][-1]["content"] == PROMPT
    (row,) = rows(aqe)
    digest = hashlib.sha256(sent).hexdigest()
    assert row["sha256"] == digest
    assert row["consent"] == f"{row['host']} box/org/coder {digest}"


def test_where_the_mode_is_local_there_is_no_yes(aqe: Command, box: Box) -> None:
    (aqe.folder / ".aqe").mkdir()
    (aqe.folder / ".aqe" / "policy.toml").write_text('mode = "local"\n')
    aqe("chat", PROMPT, *MODEL, "--send-anyway", code=3)
    assert not box.holds(SECRET)


@pytest.mark.parametrize("box", ["lan"], indirect=True)
def test_what_a_yes_lets_go_beside_the_prompt_is_listed_too(aqe: Command, box: Box) -> None:
    (aqe.folder / "form.json").write_text(json.dumps({"type": "object", "const": f"db_password = '{SECRET}'"}))
    done = aqe("chat", "hi", *MODEL, "--schema", "form.json", "--stop", PROMPT, "--send-anyway")
    assert "private, in form.json, line 1" in done.err
    assert "private, in what goes beside the prompt, line 1" in done.err
    assert SECRET not in done.err
    assert box.holds(SECRET)


@pytest.mark.parametrize("box", ["cloud"], indirect=True)
@pytest.mark.parametrize("flag", ["--schema", "--tools"])
def test_a_private_file_does_not_leave_by_another_flag_and_others_are_in_the_row(
    aqe: Command, box: Box, flag: str
) -> None:
    """From anywhere: the policy beside the file counts, whatever the project."""
    told = '[{"type": "function", "function": {"name": "look"}}]' if flag == "--tools" else '{"type": "object"}'
    other = aqe.folder / "other"
    for name in (".aqe", "vault", "open"):
        (other / name).mkdir(parents=True)
    (other / ".aqe" / "policy.toml").write_text('private_paths = ["vault/**"]\n')
    for name in ("vault", "open"):
        (other / name / "form.json").write_text(told)
    assert aqe("chat", "hi", *MODEL, flag, "other/vault/form.json", code=3).err
    assert rows(aqe) == []
    aqe("chat", "hi", *MODEL, flag, "other/open/form.json")
    (row,) = rows(aqe)
    assert row["files"] == [{"name": "form.json", "sha256": hashlib.sha256(told.encode()).hexdigest()}]
