"""Search finds what a person means by the words, and no text typed into it is an error."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aqe_desktop.core.chat import Role, State
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database

TEXT = "Größe der Straße prüfen: `foo->bar != NULL` 🎉 naïve C++ snake_case don't"


async def a_chat(store: ConversationStore, title: str, *texts: str) -> int:
    made = await store.create(title)
    for text in texts:
        await store.add(made.id, None, Role.USER, text)
    return made.id


@pytest.mark.parametrize(
    "words",
    ["größe", "GRÖSSE"[:3], "grosse"[:3], "prüf", "pruf", "straß", "null foo", "foo->bar", "!=", "🎉", "naive", "c++",
     "snake_case", "don't", '"größe"', "größe*", "(größe", "größe:", "^größe", "-größe", "größe 🎉 !=", "->"],
)  # fmt: skip
async def test_the_words_of_a_message_are_found(store: ConversationStore, words: str) -> None:
    wanted = await a_chat(store, "one", TEXT)
    await a_chat(store, "two", "something else")
    assert [found.id for found in await store.list(words)] == [wanted]


@pytest.mark.parametrize("words", ["größe fehlt", "röße", "AND", "größe OR fehlt", "🎈", "größe 🎈", "NEAR(größe foo)"])
async def test_every_word_must_match_and_nothing_is_an_operator(store: ConversationStore, words: str) -> None:
    await a_chat(store, "one", TEXT)
    assert await store.list(words) == []


async def test_titles_are_searched_and_follow_a_rename(store: ConversationStore) -> None:
    chat = await a_chat(store, "alpha -> beta", "text")
    assert [found.id for found in await store.list("alph")] == [found.id for found in await store.list("->")] == [chat]
    await store.rename(chat, "gamma")
    assert await store.list("alpha") == []
    assert [found.snippet for found in await store.list("gamma")] == [""]


async def test_the_snippet_shows_the_first_message_that_matches(store: ConversationStore) -> None:
    words = " ".join(f"word{number}" for number in range(200))
    await a_chat(store, "t", "nothing", f"{words} needle\n\n {words}", "a later needle")
    (found,) = await store.list("needle")
    assert "needle" in found.snippet
    assert "later" not in found.snippet
    assert len(found.snippet) < 300
    assert "\n" not in found.snippet


async def test_the_snippet_of_a_sign_shows_its_surroundings(store: ConversationStore) -> None:
    await a_chat(store, "t", "a" * 500 + " here 🎉 there " + "b" * 500)
    (found,) = await store.list("🎉")
    assert "here 🎉 there" in found.snippet
    assert len(found.snippet) < 200


async def test_hits_are_pinned_first_then_newest_and_in_pages(store: ConversationStore) -> None:
    chats = [await a_chat(store, str(number), "needle", "needle again") for number in range(4)]
    await store.pin(chats[1], True)
    assert [found.title for found in await store.list("needle")] == ["1", "3", "2", "0"]
    assert [found.title for found in await store.list("needle", limit=2, offset=1)] == ["3", "2"]


async def test_search_can_be_of_one_project(store: ConversationStore) -> None:
    made = await store.create("needle", project="/a")
    await store.create("needle", project="/b")
    assert [found.id for found in await store.list("needle", project="/a")] == [made.id]


async def test_an_answer_is_found_once_it_has_ended(store: ConversationStore) -> None:
    chat = (await store.create("t")).id
    answer = await store.add(chat, None, Role.ASSISTANT, "", state=State.STREAMING)
    await store.keep(answer.id, "needle and more")
    await store.finish(answer.id, State.STOPPED, "needle and the rest")
    assert [found.snippet for found in await store.list("rest")] == ["needle and the rest"]
    await store.finish(answer.id, State.COMPLETE, "another text")
    assert await store.list("needle") == []
    assert len(await store.list("another")) == 1


@pytest.mark.parametrize("words", ["", "   ", "\t\n", "\0", "\x85 \u2003"])
async def test_no_words_list_everything(store: ConversationStore, words: str) -> None:
    await a_chat(store, "one")
    assert len(await store.list(words)) == 1


@settings(max_examples=150)
@given(text=st.text(), search=st.text())
async def test_no_text_is_an_error(text: str, search: str) -> None:
    database = await Database.open(":memory:")
    store = ConversationStore(database)
    await a_chat(store, search, text)
    for words in (search, text, f'{search}"', f"({text}*"):
        await store.list(words)
    await database.close()


@settings(max_examples=60)
@given(words=st.lists(st.from_regex(r"[a-zA-Zäöü0-9]{1,12}", fullmatch=True), min_size=1, max_size=6), data=st.data())
async def test_any_words_of_a_text_find_it_by_their_beginnings(words: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(words), min_size=1))
    cut = [word[: data.draw(st.integers(1, len(word)))] for word in chosen]
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(Path(folder, "history.db"))
        store = ConversationStore(database)
        chat = await a_chat(store, "", " ".join(words))
        assert [found.id for found in await store.list(" ".join(cut))] == [chat]
        await database.close()
