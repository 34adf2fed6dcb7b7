"""How long conversations took of late, as every store must keep it."""

from datetime import timedelta

from rasa_handoff.core.handoff import Accepted, HandedBack, Offered, Outcome
from rasa_handoff.core.waits import Served
from tests.contracts.conftest import World

SECOND = timedelta(seconds=1)


def test_how_long_things_took_is_kept_newest_first_by_department(world: World) -> None:
    world.agent()
    for handling in (60, 90):
        handoff = world.do(world.begin(f"c{handling}"), Offered("ana", "Ana"))
        world.now += 4 * SECOND
        handoff = world.do(handoff, Accepted("ana", "Ana"))
        world.now += handling * SECOND
        world.do(handoff, HandedBack("ana", Outcome.RESOLVED))
    assert world.store.served("support") == [Served(4.0, 90.0), Served(4.0, 60.0)]
    assert world.store.served("support", limit=1) == [Served(4.0, 90.0)]
    assert world.store.served("trust") == []


def test_a_clock_that_was_set_back_leaves_no_negative_times(world: World) -> None:
    world.agent()
    handoff = world.do(world.do(world.begin(), Offered("ana", "Ana")), Accepted("ana", "Ana"))
    world.now -= timedelta(hours=1)
    world.do(handoff, HandedBack("ana", Outcome.RESOLVED))
    assert world.store.served("support") == [Served(0.0, 0.0)]
