"""What privacy remembers: dismissals, fingerprints, taints, and where an attached file lay."""

from __future__ import annotations

from array import array

from aqe_desktop.core.chat import Attachment, Role
from aqe_desktop.core.findings import Dismissal, Taint
from aqe_desktop.core.project_files import Fingerprinted, Stamp
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.dismissals import DismissalStore
from aqe_desktop.store.shingles import ShingleStore

ONE = Dismissal("/p", "pii-email", "aa", 1)
TWO = Dismissal("/p", "own-word", "bb", 2)
OTHER = Dismissal("/q", "own-word", "bb", 3)


async def test_dismissals_are_kept_by_project_newest_first(database: Database) -> None:
    store = DismissalStore(database)
    for each in (ONE, TWO, OTHER):
        await store.add(each)
    assert list(await store.list("/p")) == [TWO, ONE]
    assert list(await store.list()) == [OTHER, TWO, ONE]
    assert await store.marks("/p") == {"aa", "bb"}
    assert await store.marks("/") == frozenset()
    assert await store.remove("/p", "bb")
    assert not await store.remove("/p", "bb")
    assert await store.marks("/q") == {"bb"}


async def test_a_dismissal_that_is_there_stays_as_it_was_made(database: Database) -> None:
    store = DismissalStore(database)
    await store.add(ONE)
    await store.add(Dismissal("/p", "phone", "aa", 9))
    assert list(await store.list()) == [ONE]


async def test_fingerprints_come_back_as_they_were_put(database: Database, paths: Paths) -> None:
    store = ShingleStore(database)
    one = Fingerprinted(Stamp(2**62, 5), array("Q", [0, 1, 2**64 - 1]))
    two = Fingerprinted(Stamp(1, 0), array("Q"))
    await store.put("/p", {"/p/a": one, "/p/b\udcff": two}, [])
    await store.put("/q", {"/p/a": two}, [])
    loaded = await store.load("/p")
    assert loaded["/p/a"] == one
    assert len(loaded) == 2
    await store.put("/p", {"/p/a": two}, ["/p/b\udcff"])
    assert await store.load("/p") == {"/p/a": two}
    assert await store.load("/q") == {"/p/a": two}


async def test_a_damaged_row_of_fingerprints_is_read_as_far_as_it_goes(database: Database) -> None:
    store = ShingleStore(database)
    await store.put("/p", {"/p/a": Fingerprinted(Stamp(1, 1), array("Q", [7, 8]))}, [])
    await database.write(lambda c: c.execute("UPDATE shingles SET prints = substr(prints, 1, 13)"))
    assert list((await store.load("/p"))["/p/a"].prints) == [7]


async def test_taints_live_as_long_as_their_messages(store: ConversationStore, database: Database) -> None:
    chat = (await store.create("One")).id
    first = await store.add(chat, None, Role.USER, "a")
    second = await store.add(chat, first.id, Role.ASSISTANT, "b")
    await store.taint(first.id, [Taint("phone", "aa"), Taint("phone", "aa"), Taint("own-word", "bb")])
    await store.taint(first.id, [Taint("phone", "aa")])
    await store.taint(second.id, [Taint("phone", "aa")])
    assert list(await store.taints([first.id, second.id])) == [Taint("own-word", "bb"), Taint("phone", "aa")]
    assert list(await store.taints([second.id])) == [Taint("phone", "aa")]
    assert list(await store.taints([])) == []
    assert list(await store.taints(range(100_000))) == [Taint("own-word", "bb"), Taint("phone", "aa")]
    await store.delete(chat)
    await database.write(lambda c: c.execute("UPDATE conversations SET deleted = 1"))
    await store.purge(0, 0)
    await store.purge(0, 0)
    assert await database.read(lambda c: c.execute("SELECT count(*) FROM taints").fetchone()) == (0,)


async def test_where_a_file_lay_is_kept_with_the_message_and_with_the_draft(store: ConversationStore) -> None:
    file = Attachment("a.py", "print(1)", "/src/a.py", "git ignores this file.")
    chat = (await store.create("One")).id
    message = await store.add(chat, None, Role.USER, "a", attachments=[file])
    await store.set_draft(chat, "b", [file])
    for (kept,) in ((await store.message(message.id)).attachments, (await store.draft(chat)).attachments):
        assert (kept.path, kept.private) == ("/src/a.py", "git ignores this file.")


async def test_a_list_says_which_chats_are_bound_on_the_branch_they_show(
    store: ConversationStore, database: Database
) -> None:
    free, bound = await store.create("free", project="/p"), await store.create("bound", project="/p")
    await store.add(free.id, None, Role.USER, "nothing private")
    clean = await store.add(bound.id, None, Role.USER, "nothing private")
    private = await store.add(bound.id, None, Role.USER, "something private")
    await store.add(bound.id, private.id, Role.ASSISTANT, "an answer")
    await store.taint(private.id, [Taint("pii-email", "aa")])

    async def said(search: str = "") -> dict[str, bool]:
        return {each.title: each.bound for each in await store.list(search)}

    assert await said() == {"free": False, "bound": True}
    assert await said("bound") == {"bound": True}
    dismissals = DismissalStore(database)
    await dismissals.add(Dismissal("/q", "pii-email", "aa", 1))
    assert (await said())["bound"]
    await dismissals.add(ONE)
    assert not (await said())["bound"]
    await store.taint(private.id, [Taint("pii-email", "")])
    assert (await said())["bound"]
    await store.show(clean.id)
    assert not (await said())["bound"]
