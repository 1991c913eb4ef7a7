"""Every database that a release ever wrote is opened, migrated, read and written by this version."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Attachment, Parameters, Role, Sampling, State
from aqe_desktop.core.history import Draft
from aqe_desktop.core.models import Zone
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.dismissals import DismissalStore
from aqe_desktop.store.presets import PresetStore
from aqe_desktop.store.writers import Writer
from tests.store.releases.make import A_FILE, DISMISSAL, MODEL, REPLY, TAINT

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.db"))
PARAMETERS = Parameters("Be brief.", Sampling(temperature=0.2, stop=("END",)))


def test_the_databases_of_releases_are_kept() -> None:
    assert {file.stem for file in RELEASES} >= {"0.1.0", "0.1.0-schema-2", "0.1.0-schema-4", "0.1.0-schema-5"}


@pytest.mark.parametrize("release", RELEASES, ids=lambda file: file.stem)
async def test_a_database_of_a_release_opens_whole(release: Path, paths: Paths) -> None:
    shutil.copy(release, paths.database)
    database = await Database.open(paths.database, backups=paths.backups)
    writer = Writer.claim(paths.home / "writers")
    store = await ConversationStore.open(database, writer)
    (chat,) = await store.list("Sehr")
    assert (chat.title, chat.project, chat.model, chat.pinned) == ("Prüfungen", "/src/app", MODEL, True)
    assert (chat.zone, chat.parameters, chat.draft) == (Zone.DEVICE, PARAMETERS, "half a question")
    question, answer = await store.branch(chat.id)
    assert (question.text, question.attachments) == ("Wie groß?", (Attachment("a.py", "print(1)"),))
    assert (answer.text, answer.reply, len(answer.versions)) == ("Riesig.", REPLY, 2)
    (cut,) = await store.recover()
    assert (cut.text, cut.reasoning, cut.state) == ("half an ans", "a thought", State.CUT)
    files = () if release.stem == "0.1.0" else (Attachment("new.py", "import os"),)
    assert await store.draft(None) == Draft("a new one", files)
    assert await store.draft(chat.id) == Draft("half a question", files and (Attachment("b.py", "pass"), *files))
    assert (await PresetStore(database).list())["Mine"] == PARAMETERS
    knows_privacy = release.stem not in ("0.1.0", "0.1.0-schema-2")
    assert question.attachments[0].path == (A_FILE.path if knows_privacy else "")
    knows_places = knows_privacy and release.stem != "0.1.0-schema-4"
    assert question.attachments[0].private == (A_FILE.private if knows_places else "")
    assert list(await store.taints([question.id])) == [TAINT] * knows_privacy
    assert list(await DismissalStore(database).list()) == [DISMISSAL] * knows_privacy
    await store.add(chat.id, answer.id, Role.USER, "and on")
    await database.close()
    writer.release()
