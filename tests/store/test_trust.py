"""Which policy files the user trusts, and a project's own words: both outlive a restart, both can be taken back."""

from __future__ import annotations

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.policy import OwnWord
from aqe_desktop.core.ports import PolicyTrust, ProjectWords
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.database import Database
from aqe_desktop.store.trust import TrustStore
from aqe_desktop.store.words import WordStore

PATH = "/src/app/.aqe/policy.toml"


async def test_trust_outlives_a_restart_and_is_of_the_last_bytes(paths: Paths) -> None:
    database = await Database.open(paths.database)
    trust: PolicyTrust = TrustStore(database)
    await trust.trust(PATH, "a" * 64)
    await trust.trust(PATH, "b" * 64)
    await trust.trust("/other", "c" * 64)
    await database.close()
    database = await Database.open(paths.database)
    assert await TrustStore(database).trusted() == {PATH: "b" * 64, "/other": "c" * 64}
    await TrustStore(database).revoke(PATH)
    await TrustStore(database).revoke(PATH)
    assert await TrustStore(database).trusted() == {"/other": "c" * 64}
    await database.close()


async def test_a_path_that_cannot_be_told_from_others_is_not_trusted(database: Database) -> None:
    trust = TrustStore(database)
    with pytest.raises(UsageError, match="UTF-8"):
        await trust.trust("/src/\udcff/.aqe/policy.toml", "a" * 64)
    assert await trust.trusted() == {}


async def test_words_belong_to_their_project(database: Database) -> None:
    words: ProjectWords = WordStore(database)
    await words.add("/src/app", "Falke")
    await words.add("/src/app", "adler")
    await words.add("/src/other", "Falke")
    assert await words.words(["/src/app"]) == (OwnWord("adler", "/src/app"), OwnWord("Falke", "/src/app"))
    assert await words.words(["/src/app/in", "/src/other", "/"]) == (OwnWord("Falke", "/src/other"),)
    assert await words.words([]) == ()


async def test_a_word_is_one_in_upper_and_lower_case(database: Database) -> None:
    words = WordStore(database)
    await words.add("/src/app", "falke")
    await words.add("/src/app", "FALKE")
    assert await words.words(["/src/app"]) == (OwnWord("FALKE", "/src/app"),)
    assert await words.remove("/src/app", "Falke")
    assert not await words.remove("/src/app", "Falke")
    assert await words.words(["/src/app"]) == ()
