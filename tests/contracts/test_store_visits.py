"""When a customer's web chat was last open, as every store must keep it."""

from datetime import timedelta

from rasa_handoff.core.effects import WatchCustomer
from tests.contracts.conftest import World

MINUTE = timedelta(minutes=1)


def test_the_newest_visit_of_a_conversation_with_an_open_handoff_is_kept(world: World) -> None:
    world.begin("here")
    world.begin("gone")
    assert world.store.customer_seen("here") is None
    for minutes, there in ((0, ["here", "gone", "with the bot"]), (1, ["here"]), (2, [])):
        world.store.customers_seen(there, world.now + minutes * MINUTE)
    assert world.store.customer_seen("here") == world.now + MINUTE
    assert world.store.customer_seen("gone") == world.now
    assert world.store.customer_seen("with the bot") is None


def test_a_visit_is_forgotten_with_its_conversation_and_in_time(world: World) -> None:
    world.agent("ana")
    for name in ("old", "erased"):
        handoff = world.begin(name)
        world.store.customers_seen([name], world.now)
        world.close(handoff)
    world.store.erase("erased")
    assert (world.store.customer_seen("erased"), world.store.customer_seen("old")) == (None, world.now)
    world.store.prune(world.now + MINUTE)
    assert world.store.customer_seen("old") is None


def test_the_watch_over_a_customer_is_due_at_its_time(world: World) -> None:
    world.begin("c", channel="rest")
    world.settle()
    patience = world.store.newest("c").rules.closed_for
    world.now += patience - MINUTE
    world.settle()
    world.now += MINUTE
    assert WatchCustomer in [type(one.effect) for one in world.claim()]
