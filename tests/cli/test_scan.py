"""`aqe scan` as another program uses it: a line in, a line out, in order, whatever the lines hold."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import Any

from aqe_desktop.machine.paths import find_paths
from tests.cli.conftest import Command

SECRET = "password = 'Kx7!mQ2#vRt9'"


def lines(*items: Any) -> str:
    return "".join(f"{json.dumps(item)}\n" for item in items)


def test_each_line_is_answered_in_order_with_spans_in_code_points(aqe: Command) -> None:
    items: list[dict[str, Any]] = [
        {"id": number, "text": f"é😀 {SECRET}" if number % 2 else "nothing here"} for number in range(40)
    ]
    answers = [json.loads(line) for line in aqe("scan", given=lines(*items)).out.splitlines()]
    assert [each["id"] for each in answers] == list(range(40))
    assert [each["sensitive"] for each in answers] == [bool(number % 2) for number in range(40)]
    (finding,) = answers[1]["findings"]
    assert items[1]["text"][finding["start"] : finding["end"]] == "Kx7!mQ2#vRt9"
    assert finding == {**finding, "kind": "password-assign", "binding": True}
    assert set(finding) == {"kind", "start", "end", "confidence", "binding"}


def test_a_line_that_cannot_be_read_is_told_and_the_others_are_answered(aqe: Command) -> None:
    bad = [b"no json", b"[1]", b'{"id": 1}', b'{"id": 1, "text": 7}', b"\xff\xfe", b"[" * 100_000]
    given = b"\n".join([*bad, b"", lines({"id": "last", "text": SECRET}).encode()])
    result = aqe("scan", given=given, code=2)
    assert [json.loads(line)["id"] for line in result.out.splitlines()] == ["last"]
    assert [f"line {number} is left out" in result.err for number in range(1, 8)] == [True] * 6 + [False]
    assert "Kx7" not in result.err


def test_odd_ids_and_texts_come_back_as_they_were(aqe: Command) -> None:
    items: list[dict[str, Any]] = [
        {"id": {"a": [1, None]}, "text": ""},
        {"id": None, "text": "\0\ud800\u2028"},
        {"id": "ü😀", "text": "x", "more": 1},
    ]
    answers = [json.loads(line) for line in aqe("scan", given=lines(*items)).out.splitlines()]
    assert [each["id"] for each in answers] == [each["id"] for each in items]


def test_no_input_is_no_output(aqe: Command) -> None:
    assert aqe("scan").out == ""


def test_an_answer_comes_before_the_next_line_is_sent(aqe: Command) -> None:
    process = aqe.start("scan", stdin=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    for number in range(3):
        process.stdin.write(lines({"id": number, "text": SECRET}).encode())
        process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            answer += process.stdout.read(1)
        assert json.loads(answer)["id"] == number
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_silent_pipe_can_be_left_by_a_signal(aqe: Command) -> None:
    process = aqe.start("scan", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(lines({"id": 1, "text": "x"}).encode())
    process.stdin.flush()
    process.stdout.read(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


def test_the_own_words_of_the_project_count(aqe: Command) -> None:
    project = aqe.folder / "shop"
    (project / ".aqe").mkdir(parents=True)
    aqe("policy", "words", "add", "Bluebird", "--project", project)
    item = lines({"id": 1, "text": "the launch of Bluebird is near"})
    assert json.loads(aqe("scan", "--project", project, given=item).out)["sensitive"]
    assert not json.loads(aqe("scan", given=item).out)["sensitive"]


def test_the_compiled_rules_are_kept_for_the_next_start(aqe: Command) -> None:
    aqe("scan", given=lines({"id": 1, "text": SECRET}))
    (kept,) = (find_paths().home / "cache").glob("rules-*.bin")
    kept.write_bytes(b"damaged")
    (answer,) = aqe("scan", given=lines({"id": 1, "text": SECRET})).out.splitlines()
    assert json.loads(answer)["sensitive"]
    assert kept.stat().st_size > 1_000_000
