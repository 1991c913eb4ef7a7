"""What is counted while somebody types goes out before Enter: it goes no farther than it will when it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from aqe_desktop.core.chat import Parameters, Stored
from aqe_desktop.core.errors import PrivacyRefused
from aqe_desktop.services.scanning import Scanning
from tests.services.conftest import Desk, first
from tests.services.engine_of_lines import HERE
from tests.services.test_bound import PRIVATE, THERE, go_to

DRAFT = "we ship Nightjar soon"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".aqe").mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
async def ready(desk: Desk) -> None:
    scanning: Scanning = desk.chat._clearing._privacy._scanning
    await scanning.wait()


async def counted(desk: Desk, **given: str | int | None) -> None:
    before = len(desk.engine.counted)
    await desk.chat.fit(None, DRAFT, **given)  # type: ignore[arg-type]
    assert len(desk.engine.counted) == before + 1


async def test_a_draft_is_counted_under_the_policy_of_its_project(desk: Desk, project: Path) -> None:
    go_to(desk, THERE)
    await counted(desk, project=str(project))
    assert desk.engine.counted[-1].project == str(project)
    (project / ".aqe" / "policy.toml").write_text('mode = "local"')
    with pytest.raises(PrivacyRefused, match="mode is local"):
        await desk.chat.fit(None, DRAFT, project=str(project))


async def test_the_own_words_of_its_project_count(desk: Desk, project: Path) -> None:
    await desk.chat._clearing._policies.add_word(project, "Nightjar")
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.chat.fit(None, DRAFT, project=str(project))


@pytest.mark.parametrize("where", ["question", "system", "past system"])
async def test_a_draft_in_a_bound_chat_is_counted_nowhere_else(desk: Desk, where: str) -> None:
    parameters = Parameters("" if where == "question" else f"Our login: {PRIVATE}")
    question = PRIVATE if where == "question" else "One"
    stored = first(await desk.all(desk.chat.ask(None, question, parameters=parameters)), Stored)
    if where == "past system":
        await desk.store.set_parameters(stored.conversation, Parameters("Be brief."))
    await counted(desk, beside=stored.conversation)
    go_to(desk, THERE)
    with pytest.raises(PrivacyRefused):
        await desk.chat.fit(None, DRAFT, beside=stored.conversation)


async def test_a_draft_in_a_clean_chat_counts_for_its_project(desk: Desk, project: Path) -> None:
    stored = first(await desk.all(desk.chat.ask(None, "One", project=str(project))), Stored)
    go_to(desk, THERE)
    await counted(desk, beside=stored.conversation)
    assert desk.engine.counted[-1].project == str(project)
    assert [each.text for each in desk.engine.counted[-1].messages] == [DRAFT]
    go_to(desk, HERE)
    await counted(desk, beside=stored.conversation)


async def test_no_body_is_made_only_to_count_for_none_leaves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an image in a draft would be encoded at each pause, for an answer that is no anyway."""
    made: list[object] = []

    async def body(*asked: object) -> None:
        made.append(asked)

    monkeypatch.setattr(desk.engine, "body", body)
    go_to(desk, THERE)
    await counted(desk)
    with pytest.raises(PrivacyRefused):
        await desk.chat.fit(None, PRIVATE)
    assert made == []
    with pytest.raises(PrivacyRefused):
        await desk.all(desk.chat.ask(None, PRIVATE))
    assert made
