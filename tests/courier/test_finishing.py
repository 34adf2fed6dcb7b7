"""What is done is written down together while the store is at it, and nobody is told so before it is."""

import asyncio
import threading
from collections.abc import Collection

import pytest

from rasa_handoff.core.errors import Unreachable
from rasa_handoff.finishing import Finishing


class SlowStore:
    """Writes when it is let."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.go = threading.Event()
        self.down = False

    def done(self, effect_ids: Collection[str], worker: str) -> None:
        self.go.wait(10)
        if self.down:
            raise Unreachable("The store is away.")
        self.written.append(list(effect_ids))


async def test_what_gathers_while_the_store_writes_goes_together() -> None:
    store = SlowStore()
    finishing = Finishing(store, "w1")  # type: ignore[arg-type]
    first = asyncio.create_task(finishing.done("e0"))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(finishing.done(f"e{number}")) for number in range(1, 6)]
    await asyncio.sleep(0.05)
    assert not any(one.done() for one in (first, *others))
    store.go.set()
    await asyncio.gather(first, *others)
    assert store.written == [["e0"], ["e1", "e2", "e3", "e4", "e5"]]


async def test_a_store_that_is_away_is_everybodys_failure_and_the_next_try_is_anew() -> None:
    store = SlowStore()
    store.go.set()
    store.down = True
    finishing = Finishing(store, "w1")  # type: ignore[arg-type]
    with pytest.raises(Unreachable):
        await finishing.done("e1")
    store.down = False
    await finishing.done("e1")
    assert store.written == [["e1"]]


async def test_who_was_called_off_does_not_stop_the_others() -> None:
    store = SlowStore()
    finishing = Finishing(store, "w1")  # type: ignore[arg-type]
    gone, stays = asyncio.create_task(finishing.done("e1")), asyncio.create_task(finishing.done("e2"))
    await asyncio.sleep(0.05)
    gone.cancel()
    store.go.set()
    await stays
    await finishing.settle()
    assert [id for batch in store.written for id in batch] == ["e1", "e2"]
