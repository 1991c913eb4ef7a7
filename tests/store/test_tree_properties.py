"""Whatever the user does, in whatever order: the branch on show is a path of the tree, and no text is ever lost."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.store.conversations import ConversationStore
from aqe_desktop.store.database import Database

_text = st.text(max_size=20)


class Chat(RuleBasedStateMachine):
    """The store beside a model of it in a few dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.database = self.do(Database.open(":memory:"))
        self.store = ConversationStore(self.database)
        self.chat = self.do(self.store.create("chat")).id
        self.parents: dict[int, int | None] = {}
        self.texts: dict[int, str] = {}
        self.streaming: set[int] = set()
        self.head: int | None = None

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.do(self.database.close())
        self.runner.close()

    def put(self, parent: int | None, role: Role, text: str, state: State = State.COMPLETE) -> int:
        added: StoredMessage = self.do(self.store.add(self.chat, parent, role, text, state=state))
        self.parents[added.id], self.texts[added.id], self.head = parent, text, added.id
        return added.id

    @rule(text=_text)
    def ask(self, text: str) -> None:
        self.put(self.head, Role.USER, text)

    @precondition(lambda self: self.head is not None)
    @rule()
    def answer(self) -> None:
        self.streaming.add(self.put(self.head, Role.ASSISTANT, "", State.STREAMING))

    @precondition(lambda self: self.streaming)
    @rule(text=_text, data=st.data())
    def keep(self, text: str, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.streaming)))
        self.do(self.store.keep(number, text))
        self.texts[number] = text

    @precondition(lambda self: self.streaming)
    @rule(text=_text, state=st.sampled_from([State.COMPLETE, State.STOPPED, State.FAILED]), data=st.data())
    def finish(self, text: str, state: State, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.streaming)))
        self.do(self.store.finish(number, state, text))
        self.texts[number] = text
        self.streaming.discard(number)

    @precondition(lambda self: self.parents)
    @rule(text=_text, data=st.data())
    def edit_or_regenerate(self, text: str, data: st.DataObject) -> None:
        sibling = data.draw(st.sampled_from(sorted(self.parents)))
        self.put(self.parents[sibling], Role.USER, text)

    @precondition(lambda self: self.parents)
    @rule(data=st.data())
    def show(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.parents)))
        self.do(self.store.show(number))
        self.head = max(self.below(number))

    def below(self, number: int) -> set[int]:
        found = {number}
        for child, parent in sorted(self.parents.items()):
            if parent in found:
                found.add(child)
        return found

    @invariant()
    def the_branch_is_the_path_to_the_head(self) -> None:
        path: list[int] = []
        step = self.head
        while step is not None:
            path.insert(0, step)
            step = self.parents[step]
        branch = self.do(self.store.branch(self.chat))
        assert [message.id for message in branch] == path
        assert [message.parent for message in branch] == [None, *path][: len(path)]

    @invariant()
    def every_text_is_still_there_with_its_versions(self) -> None:
        for message in self.do(self.store.messages(self.chat)):
            assert message.text == self.texts[message.id]
            siblings = tuple(n for n, parent in sorted(self.parents.items()) if parent == message.parent)
            assert message.versions == siblings
            assert (message.state is State.STREAMING) == (message.id in self.streaming)
        assert len(self.do(self.store.messages(self.chat))) == len(self.texts)


TestChat = Chat.TestCase
TestChat.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
