"""`aqe chat --send-anyway`: who says yes has been told what to."""

from __future__ import annotations

from tests.cli.conftest import Command

SECRET = "Vq7#kT93mZpL2wX"
SHORT = ("--max-output", "4")


def test_findings_are_listed_with_their_places_and_without_their_values(aqe: Command) -> None:
    (aqe.folder / "conf.py").write_text(f'# ours\ndb_password = "{SECRET}"\n')
    (aqe.folder / ".aqe").mkdir()
    (aqe.folder / ".aqe" / "policy.toml").write_text('private_paths = ["conf.py"]\n')
    aqe("policy", "words", "add", "blue heron")
    told = aqe("chat", "Why does\nBlueHeron fail?", "--file", "conf.py", "--send-anyway", *SHORT)
    lines = told.err.splitlines()
    assert [line.partition(". ")[0] for line in lines] == [
        "aqe: private, in the prompt, line 2: own-word",
        "aqe: private, in the name of conf.py: private-path",
        "aqe: private, in conf.py, line 2: password-assign",
    ]
    assert SECRET not in told.err
    again = aqe("chat", "And now?", "--continue", "--send-anyway", *SHORT)
    assert {"own-word", "private-path", "password-assign"} <= {
        line.partition(". ")[0].rpartition(" ")[2] for line in again.err.splitlines() if "this chat" in line
    }


def test_clean_text_has_nothing_to_list_and_without_the_flag_nothing_is_listed(aqe: Command) -> None:
    assert aqe("chat", "Hello.", "--send-anyway", *SHORT).err == ""
    assert aqe("chat", f"db_password = '{SECRET}'", *SHORT).err == ""
