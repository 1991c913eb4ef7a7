"""What an attached file brings along: its place in the project, and why that place is private, for good."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Attachment, Stored
from aqe_desktop.core.errors import PrivacyRefused
from aqe_desktop.core.findings import PRIVATE_PATH, Found, PartKind
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.machine.files import read_attachment
from aqe_desktop.services.chat import ChatService
from aqe_desktop.services.history import HistoryService
from aqe_desktop.services.models import ModelService
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.writers import Writer
from tests.services.conftest import Desk, first, no_preference
from tests.services.engine_of_lines import Lines
from tests.services.privately import asks, clearing_over, git, policy, privately, written

THERE = Place(Zone.CLOUD, Proof.DECLARED, ("It is a cloud.",))
PERSON = 'full_name: "Chidi Anagonye"'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".aqe").mkdir(parents=True)
    return folder


@asynccontextmanager
async def _started(folder: Path) -> AsyncIterator[Desk]:
    """The services of one start of the app over the same data."""
    database = await Database.open(folder / "history.db")
    writer = Writer.claim(folder / "writers")
    store, engine = ConversationStore(database, writer), Lines()
    models = ModelService((engine,), no_preference)
    clearing = clearing_over(models, database)
    await clearing._privacy._scanning.wait()
    yield Desk(engine, store, ChatService(store, models, clearing, read_attachment), HistoryService(store))
    await clearing._privacy.aclose()
    writer.release()
    await database.close()


def start(tmp_path: Path) -> AbstractAsyncContextManager[Desk]:
    return _started(tmp_path)


def by_path(found: tuple[Found, ...]) -> list[Found]:
    return [each for each in found if each.finding.kind == PRIVATE_PATH]


async def attached(desk: Desk, project: Path) -> tuple[Attachment, ...]:
    """One file that is private by a rule, one that git keeps out, and one that is not private."""
    policy(project, 'private_paths = ["pay/**"]')
    git(project, "init", "-q")
    (project / ".gitignore").write_text("out/\n")
    for name in ("pay/a.py", "out/b.py", "c.py"):
        written(project / name, "x = 1")
    return tuple([await desk.chat.attach(project / name) for name in ("pay/a.py", "out/b.py", "c.py")])


async def test_an_attached_file_stays_private_when_its_place_is_gone(tmp_path: Path, project: Path) -> None:
    async with start(tmp_path) as desk:
        files = await attached(desk, project)
        asked = first(await desk.all(desk.chat.ask(None, "Look.", files, project=str(project))), Stored)
        assert "makes pay/** private" in files[0].private
        assert "git ignores" in files[1].private
        assert files[2].private == ""
    shutil.rmtree(project)
    async with start(tmp_path) as desk:
        await desk.store._database.write(lambda c: c.execute("UPDATE conversations SET project = ?", (str(tmp_path),)))
        found = by_path(await desk.chat.findings(asked.conversation, ""))
        placed = [(each.part.kind, each.part.file) for each in found if each.finding.end]
        assert placed == [(PartKind.NAME, 0), (PartKind.NAME, 1)]
        assert all("When the file was attached: " in each.finding.reason for each in found if each.finding.end)
        desk.engine._places = [THERE]
        with pytest.raises(PrivacyRefused):
            await desk.all(desk.chat.ask(asked.conversation, "And now?"))
        assert [taint.kind for taint in await desk.store.taints([asked.question])] == [PRIVATE_PATH] * 2
        assert desk.engine.turns == []


async def test_a_file_of_a_draft_stays_private_when_its_place_is_gone(tmp_path: Path, project: Path) -> None:
    async with start(tmp_path) as desk:
        await desk.store.set_draft(None, "Look.", await attached(desk, project))
    shutil.rmtree(project)
    async with start(tmp_path) as desk:
        files = (await desk.store.draft(None)).attachments
        assert len(by_path(await desk.chat.findings(None, "Look.", files))) == 2
        desk.engine._places = [THERE]
        with pytest.raises(PrivacyRefused):
            await desk.all(desk.chat.ask(None, "Look.", files))


async def test_a_file_of_which_nobody_kept_its_privacy_is_asked_for_when_it_leaves(
    tmp_path: Path, project: Path
) -> None:
    old = Attachment("a.py", "x = 1", str(project / "pay" / "a.py"))
    async with start(tmp_path) as desk:
        await attached(desk, project)
        asked = first(await desk.all(desk.chat.ask(None, "Look.", [old])), Stored)
    policy(project, 'private_paths = ["pay/*"]')
    async with start(tmp_path) as desk:
        reasons = [each.finding.reason for each in by_path(await desk.chat.findings(asked.conversation, ""))]
        assert any("makes pay/* private" in each for each in reasons)


async def test_a_file_is_read_under_its_path_in_the_project(tmp_path: Path, project: Path) -> None:
    database = await Database.open(tmp_path / "history.db")
    parts = privately(database)
    await parts.scanning.wait()
    inside = written(project / "tests" / "people.py", PERSON)
    outside = written(tmp_path / "tests" / "people.py", PERSON)
    for file, where, binding in (
        (inside, project, False),
        (inside, tmp_path / "other", True),
        (outside, project, True),
        (inside, None, True),
    ):
        (found,) = await parts.privacy.scan(asks("Look.", file), str(where) if where else None)
        assert found.finding.binding is binding
    await parts.privacy.aclose()
    await parts.ledger.aclose()
    await database.close()
