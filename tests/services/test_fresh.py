"""An answer that is good enough while somebody types, and never for what is about to leave."""

from __future__ import annotations

import pytest

from aqe_desktop.services import fresh
from aqe_desktop.services.fresh import Fresh


class Asked:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def __call__(self, key: str) -> int:
        self.keys.append(key)
        if key == "bad":
            raise ValueError(key)
        return len(self.keys)


async def test_the_same_question_is_asked_once_while_somebody_types() -> None:
    asked = Asked()
    kept = Fresh(asked)
    assert [await kept.of("a", final=False) for _ in range(3)] == [1, 1, 1]
    assert await kept.of("b", final=False) == 2
    assert await kept.of("a", final=False) == 3


async def test_what_is_about_to_leave_is_asked_for_and_known_from_then_on() -> None:
    kept = Fresh(Asked())
    assert [await kept.of("a", final=final) for final in (False, True, True, False)] == [1, 2, 3, 3]


async def test_after_a_moment_it_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Fresh(Asked())
    assert await kept.of("a", final=False) == 1
    monkeypatch.setattr(fresh, "MOMENT", -1.0)
    assert await kept.of("a", final=False) == 2


async def test_a_failed_question_is_no_answer() -> None:
    kept = Fresh(Asked())
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            await kept.of("bad", final=False)
