"""The kept lists of models: what was seen comes back, what is broken is as if it had never been kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.history import Reply
from aqe_desktop.core.models import Capability, Model, ModelRef, SeenModels
from aqe_desktop.core.usage import Timing
from aqe_desktop.machine.paths import Paths
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database
from aqe_desktop.store.models_seen import ModelsSeenStore
from aqe_desktop.store.pulls import PullStore
from aqe_desktop.store.writers import Writer

MODEL = Model(
    ModelRef("ollama", "a/b:7b"),
    "B 7b",
    size=7,
    quantization="Q4_K_M",
    context=4096,
    note="Good for tests.",
    file=Path("/models/b.gguf"),
    sha256="ab",
    capabilities=(Capability.CHAT, Capability.VISION),
    architecture="llama",
    parameters=7_000_000,
    licence="MIT",
    remote="ollama.com",
    digest="cd",
    files=(Path("/models/b.gguf"), Path("/models/mmproj.gguf")),
    folder=Path("/models"),
    modified=5,
)
SEEN = SeenModels(1000, "http://127.0.0.1:11434", (MODEL, replace(MODEL, ref=ModelRef("ollama", "c"), file=None)))


async def test_what_was_seen_comes_back_whole_and_the_newest_look_counts(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = ModelsSeenStore(database)
    assert await store.all() == {}
    await store.keep("ollama", replace(SEEN, models=()))
    await store.keep("ollama", SEEN)
    await store.keep("llamacpp", SeenModels(2, "", ()))
    assert await store.all() == {"ollama": SEEN, "llamacpp": SeenModels(2, "", ())}
    await database.close()


async def test_a_row_that_cannot_be_read_costs_itself_and_no_other(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = ModelsSeenStore(database)
    await store.keep("ollama", SEEN)
    await store.keep("broken", SEEN)
    sql = "UPDATE models_seen SET models = ? WHERE runtime = ?"
    await database.write(lambda c: c.execute(sql, ("no JSON", "broken")).fetchall())
    rows = '[{"ref": 3}, {"ref": "a/b", "name": ["x"]}, 7, {"name": "no ref"}, {"ref": "a/b", "name": "B", "new": 1}]'
    await database.write(lambda c: c.execute(sql, (rows, "ollama")).fetchall())
    told = await store.all()
    assert told["broken"].models == ()
    assert told["ollama"].models == (Model(ModelRef("a", "b"), "B"),)
    await database.close()


async def test_a_name_that_is_no_text_is_not_kept(paths: Paths) -> None:
    database = await Database.open(paths.database)
    store = ModelsSeenStore(database)
    await store.keep("ollama", replace(SEEN, models=(replace(MODEL, ref=ModelRef("ollama", "bad\udcff")), MODEL)))
    assert (await store.all())["ollama"].models == (MODEL,)
    await database.close()


async def test_the_speed_of_a_model_is_that_of_its_last_whole_answer(paths: Paths) -> None:
    database = await Database.open(paths.database)
    writer = Writer.claim(paths.home / "writers")
    chats = await ConversationStore.open(database, writer)
    chat = await chats.create("Speeds")
    parent = None
    for speed, state in ((5.0, State.COMPLETE), (9.5, State.COMPLETE), (70.0, State.FAILED), (None, State.COMPLETE)):
        reply = Reply(model=MODEL.ref, timing=Timing(tokens_per_s=speed))
        parent = (await chats.add(chat.id, parent, Role.ASSISTANT, "Yes.", state=state, reply=reply)).id
    await database.write(lambda c: c.execute("UPDATE messages SET reply = 'broken' WHERE id = 1").fetchall())
    assert await ModelsSeenStore(database).speeds() == {MODEL.ref: 9.5}
    await database.close()
    writer.release()


async def test_a_download_is_remembered_until_it_is_ended(paths: Paths) -> None:
    database = await Database.open(paths.database)
    pulls = PullStore(database)
    for name in ("z", "a", "z"):
        await pulls.add(ModelRef("ollama", name))
    assert set(await pulls.all()) == {ModelRef("ollama", "z"), ModelRef("ollama", "a")}
    await pulls.remove(ModelRef("ollama", "z"))
    await pulls.remove(ModelRef("ollama", "never"))
    assert await pulls.all() == [ModelRef("ollama", "a")]
    await database.close()
