"""What a chat was made with binds what follows: where it may go is decided by its whole past, and by every consent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import Attachment, Origin, Parameters, Routed, Sampling, Stored, TextDelta
from aqe_desktop.core.errors import ConsentNeeded, ContextTooLong, PrivacyRefused
from aqe_desktop.core.findings import OWN_WORD, PRIVATE_PATH, Found
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.scanning import Scanning
from tests.services.conftest import Desk, first
from tests.services.engine_of_lines import DONE, HERE

SECRET = "ghp_" + "x7Kq2LmW9vRt4YpZ8nBd3FhJ6sGc1QaE5uTi"
PRIVATE = 'db_password = "Vq7#kT93mZpL2wX"'
TOOLS = '[{"type": "function", "function": {"name": "look"}}]'
THERE = Place(Zone.CLOUD, Proof.DECLARED, ("It is a cloud.",))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".aqe").mkdir(parents=True)
    return folder


def go_to(desk: Desk, place: Place) -> None:
    desk.engine._places = [place]


def binding(found: Sequence[Found]) -> list[str]:
    return [each.finding.kind for each in found if each.binds]


@pytest.fixture(autouse=True)
async def ready(desk: Desk) -> None:
    await desk.chat._clearing._privacy._scanning.wait()


async def asked(desk: Desk, conversation: int | None, text: str, project: Path | None = None) -> Stored:
    events = desk.chat.ask(conversation, text, project=str(project) if project else None)
    return first(await desk.all(events), Stored)


async def test_a_secret_of_an_earlier_message_keeps_the_whole_chat_here(desk: Desk) -> None:
    stored = await asked(desk, None, PRIVATE)
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(stored.conversation, "And now?"))
    assert len(desk.engine.turns) == 1


@pytest.mark.parametrize(
    "beside",
    [
        Sampling(stop=("END", PRIVATE)),
        Sampling(schema=f'{{"const": "{SECRET}"}}'),
        Sampling(tools=f'[{{"type": "function", "function": {{"name": "x", "description": "{SECRET}"}}}}]'),
    ],
)
async def test_what_is_sent_beside_the_messages_is_looked_at_too(desk: Desk, beside: Sampling) -> None:
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(None, "A question.", parameters=Parameters("", beside)))
    assert desk.engine.turns == []


def of_file(name: str, path: Path) -> Sampling:
    """As `aqe chat --schema` or `--tools` reads it."""
    told: dict[str, Any] = {name: path.read_text(), f"{name}_from": Origin(str(path))}
    return Sampling(**told)


@pytest.mark.parametrize("name", ["schema", "tools"])
async def test_a_schema_or_tools_of_a_private_file_stay_here_as_the_attached_file_does(
    desk: Desk, project: Path, name: str
) -> None:
    (project / ".aqe" / "policy.toml").write_text('private_paths = ["vault/**"]\n')
    (project / "vault").mkdir()
    file = project / "vault" / "form.json"
    file.write_text(TOOLS if name == "tools" else '{"type": "object"}')
    go_to(desk, THERE)
    beside = Parameters("", of_file(name, file))
    for folder in (str(project), None):
        with pytest.raises(PrivacyRefused):
            await desk.all(desk.chat.ask(None, "A question.", project=folder, parameters=beside))
    assert PRIVATE_PATH in binding(await desk.chat.findings(None, "", parameters=beside)), "what a yes is asked about"
    assert desk.engine.turns == []


@pytest.mark.parametrize("kind", ["schema", "tools"])
async def test_an_own_word_behind_escapes_is_seen_as_it_would_be_read(desk: Desk, project: Path, kind: str) -> None:
    await desk.chat._clearing._policies.add_word(project, "Nørdlys")
    go_to(desk, THERE)
    function = {"name": "look", "description": "We ship Nørdlys soon"}
    text = json.dumps([{"type": "function", "function": function}] if kind == "tools" else function)
    assert "Nørdlys" not in text
    told: dict[str, Any] = {kind: text}
    of_file = {**told, f"{kind}_from": Origin(str(project / "form.json"))}
    for beside in (Sampling(**told), Sampling(**of_file)):
        with pytest.raises(PrivacyRefused):
            await desk.all(desk.chat.ask(None, "Hi", project=str(project), parameters=Parameters("", beside)))


async def test_the_policy_beside_a_schema_counts_in_any_project(desk: Desk, project: Path) -> None:
    (project / ".aqe" / "policy.toml").write_text('mode = "local"\n')
    (project / "form.json").write_text('{"type": "object"}')
    go_to(desk, THERE)
    beside = Parameters("", of_file("schema", project / "form.json"))
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(None, "A question.", parameters=beside))


async def test_what_stood_beside_a_question_binds_the_answers_that_were_made_with_it(desk: Desk) -> None:
    beside = Parameters("", Sampling(schema=f'{{"const": "{SECRET}"}}'))
    stored = first(await desk.all(desk.chat.ask(None, "One", parameters=beside)), Stored)
    await desk.store.set_parameters(stored.conversation, Parameters())
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(stored.conversation, "Two"))
    seen = await desk.all(desk.chat.regenerate(stored.question))
    assert first(seen, Routed).rule == "clean", "this answer was made without the schema"


async def test_another_version_of_the_question_without_the_secret_may_go(desk: Desk) -> None:
    stored = await asked(desk, None, PRIVATE)
    go_to(desk, THERE)
    seen = await desk.all(desk.chat.edit(stored.question, "Just a question."))
    assert first(seen, Routed).rule == "clean"
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.regenerate(stored.answer))


async def test_a_secret_in_the_system_prompt_binds_the_answers_that_were_made_with_it(desk: Desk) -> None:
    seen = await desk.all(desk.chat.ask(None, "One", parameters=Parameters(f"Our login: {PRIVATE}")))
    stored = first(seen, Stored)
    await desk.store.set_parameters(stored.conversation, Parameters("Be brief."))
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(stored.conversation, "Two"))
    seen = await desk.all(desk.chat.regenerate(stored.question))
    assert first(seen, Routed).rule == "clean", "this answer was made without the old prompt"


async def test_what_was_private_when_it_was_asked_stays_so_when_the_policy_goes(desk: Desk, project: Path) -> None:
    (project / ".aqe" / "policy.toml").write_text('private_paths = ["*.txt"]')
    (project / "a.txt").write_text("Four percent.")
    file = read_attachment(project / "a.txt")
    stored = first(await desk.all(desk.chat.ask(None, "Why?", [file], project=str(project))), Stored)
    (project / ".aqe" / "policy.toml").unlink()
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(stored.conversation, "And now?"))
    found = await desk.chat.findings(stored.conversation, "And now?")
    assert binding(found) == [PRIVATE_PATH]
    assert (found[0].value, found[0].finding.end) == ("", 0)


async def test_a_dismissal_lifts_what_an_old_cause_has_bound(desk: Desk, project: Path) -> None:
    (project / ".aqe" / "policy.toml").write_text('private_paths = ["*.txt"]')
    (project / "a.txt").write_text("Four percent.")
    file = read_attachment(project / "a.txt")
    stored = first(await desk.all(desk.chat.ask(None, "Why?", [file], project=str(project))), Stored)
    (found,) = await desk.chat.findings(stored.conversation, "And now?")
    privacy = desk.chat._clearing._privacy
    dismissal = await privacy.dismiss(found, str(project))
    (project / ".aqe" / "policy.toml").unlink()
    go_to(desk, THERE)
    seen = await desk.all(desk.chat.ask(stored.conversation, "And now?"))
    assert first(seen, Routed).rule == "clean"
    await privacy.recall(dismissal)
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(stored.conversation, "Once more?"))


async def test_what_is_dismissed_in_one_project_stays_private_in_another(desk: Desk, project: Path) -> None:
    privacy = desk.chat._clearing._privacy
    stored = await asked(desk, None, PRIVATE, project)
    (found,) = await desk.chat.findings(stored.conversation, "x")
    await privacy.dismiss(found, str(project))
    go_to(desk, THERE)
    await desk.all(desk.chat.ask(stored.conversation, "And now?"))
    with pytest.raises(PrivacyRefused):
        await asked(desk, None, PRIVATE, project.parent)


async def test_the_policy_of_the_project_decides_what_clean_text_may_do(desk: Desk, project: Path) -> None:
    go_to(desk, THERE)
    await asked(desk, None, "Hello.", project)
    (project / ".aqe" / "policy.toml").write_text('mode = "local"')
    with pytest.raises(PrivacyRefused, match="mode is local"):
        await asked(desk, None, "Hello.", project)
    (project / ".aqe" / "policy.toml").write_text("mode = broken")
    with pytest.raises(PrivacyRefused):
        await asked(desk, None, "Hello.", project)
    go_to(desk, HERE)
    await asked(desk, None, "Hello.", project)


async def test_the_policy_of_a_file_s_own_project_counts_too(desk: Desk, project: Path) -> None:
    (project / ".aqe" / "policy.toml").write_text('mode = "local"')
    (project / "a.txt").write_text("Nothing.")
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused, match="mode is local"):
        await desk.all(desk.chat.ask(None, "Why?", [read_attachment(project / "a.txt")]))
    await desk.all(desk.chat.ask(None, "Why?", [Attachment("a.txt", "Nothing.")]))


async def test_text_that_is_only_counted_goes_no_farther(desk: Desk) -> None:
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.chat.fit(None, PRIVATE)
    go_to(desk, HERE)
    seen = await desk.all(desk.chat.ask(None, "One", parameters=Parameters(f"Our login: {PRIVATE}")))
    stored = first(seen, Stored)
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.chat.fit(stored.conversation, "Two", parameters=Parameters("Be brief."))


async def test_a_yes_counts_for_nothing_in_local_mode(desk: Desk, project: Path) -> None:
    (project / ".aqe" / "policy.toml").write_text('mode = "local"')
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused) as refused:
        await desk.all(desk.chat.ask(None, PRIVATE, project=str(project), anyway=True))
    assert not isinstance(refused.value, ConsentNeeded)


async def test_the_findings_of_a_question_are_in_the_last_message(desk: Desk) -> None:
    stored = await asked(desk, None, PRIVATE)
    found = await desk.chat.findings(stored.conversation, f"And {PRIVATE}", [Attachment("a.py", PRIVATE)])
    assert [each.part.message for each in found] == [0, 2, 2]
    await desk.store.set_parameters(stored.conversation, Parameters("Be brief."))
    assert [each.part.message for each in await desk.chat.findings(stored.conversation, "x")] == [1]


async def test_an_own_word_binds_a_chat_of_its_project(desk: Desk, project: Path) -> None:
    await desk.chat._clearing._policies.add_word(project, "heron")
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused, match="own-word"):
        await asked(desk, None, "What about Heron?", project)
    await asked(desk, None, "What about Heron?")


async def test_what_could_not_be_read_at_first_is_noted_once_the_answer_is_there(
    desk: Desk,
) -> None:
    """The compiling of the rules holds up no answer on this device."""
    privacy = desk.chat._clearing._privacy
    scanning, privacy._scanning = privacy._scanning, Scanning(lambda make: None)

    def ready_now() -> None:
        privacy._scanning = scanning

    desk.engine.steps = (TextDelta("Hello"), ready_now, DONE)
    seen = await desk.all(desk.chat.ask(None, "One", parameters=Parameters(f"Our login: {PRIVATE}")))
    stored = first(seen, Stored)
    await desk.store.set_parameters(stored.conversation, Parameters("Be brief."))
    assert binding(await desk.chat.findings(stored.conversation, "Two")) == ["password-assign"]


async def test_a_question_that_is_not_sent_along_binds_nothing(desk: Desk) -> None:
    stored = await asked(desk, None, "One")
    desk.engine.steps = (ContextTooLong("It is too long."),)
    with pytest.raises(ContextTooLong):
        await desk.all(desk.chat.ask(stored.conversation, PRIVATE))
    desk.engine.steps = (TextDelta("Hello"), DONE)
    go_to(desk, THERE)
    assert binding(await desk.chat.findings(stored.conversation, "Two")) == []
    seen = await desk.all(desk.chat.ask(stored.conversation, "Two"))
    assert first(seen, Routed).rule == "clean"


async def test_words_that_are_no_secret_any_more_bind_until_they_are_dismissed(desk: Desk, project: Path) -> None:
    policies, privacy = desk.chat._clearing._policies, desk.chat._clearing._privacy
    await policies.add_word(project, "heron")
    stored = await asked(desk, None, "What about Heron?", project)
    await policies.remove_word(project, "heron")
    (found,) = await desk.chat.findings(stored.conversation, "x")
    assert (found.finding.kind, found.binds, found.value) == (OWN_WORD, True, "")
    await privacy.dismiss(found, str(project))
    assert binding(await desk.chat.findings(stored.conversation, "x")) == []
