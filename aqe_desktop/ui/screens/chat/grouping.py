"""Where a conversation stands in the list: pinned ones first, then by the day it was last used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from aqe_desktop.core.history import Conversation

PINNED, TODAY, YESTERDAY, LAST_WEEK, OLDER = "Pinned", "Today", "Yesterday", "Last week", "Older"


class Calendar:
    """The borders between the groups, in milliseconds since the epoch, by the user's own calendar days."""

    def __init__(self, now: datetime) -> None:
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        days = ((TODAY, 0), (YESTERDAY, 1), (LAST_WEEK, 7))
        self._borders = [(name, (midnight - timedelta(days=back)).timestamp() * 1000) for name, back in days]

    def group_of(self, conversation: Conversation) -> str:
        """The heading for one conversation."""
        if conversation.pinned:
            return PINNED
        for name, border in self._borders:
            if conversation.updated >= border:
                return name
        return OLDER

    def with_headings(self, conversations: Iterable[Conversation]) -> Iterator[str | Conversation]:
        """The rows of the list: a heading before the first conversation of each group, in the order given."""
        heading = ""
        for conversation in conversations:
            group = self.group_of(conversation)
            if group != heading:
                heading = group
                yield heading
            yield conversation
