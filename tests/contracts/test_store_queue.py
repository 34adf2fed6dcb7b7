"""What every store promises of the queue: who is offered what, where everybody stands, and who is there."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Event as Flag

import pytest
from sqlalchemy import event, text

from rasa_handoff.core.effects import WatchAgent
from rasa_handoff.core.errors import AgentBusy
from rasa_handoff.core.handoff import (
    Accepted,
    AgentLost,
    Declined,
    HandedBack,
    Need,
    Outcome,
    Status,
    Transferred,
)
from rasa_handoff.core.planning import plan
from rasa_handoff.core.routing import Presence, queue_order
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql.candidates import SqlCandidates
from tests.contracts.conftest import World

ANYBODY = Need("support")


def match(world, limit=64):
    return world.store.match(partial(plan, now=world.now, limit=limit), world.now)


def wait_in_line(world, *names, need=ANYBODY, **changes):
    """One handoff after the other, a second apart."""
    queued = []
    for name in names:
        world.now += timedelta(seconds=1)
        queued.append(world.begin(name, need=need, **changes))
    return queued


def holders(world):
    return {h.conversation_id: h.agent_id for h in world.store.handoffs() if h.agent_id}


def test_offers_are_made_in_queue_order_and_logged_with_their_reasons(world):
    wait_in_line(world, "c1", "c2", "c3")
    world.agent("ana", max_chats=1)
    world.agent("bo", max_chats=1)
    assert match(world) == 2
    assert holders(world) == {"c1": "ana", "c2": "bo"}
    (offered,) = [entry for entry in world.store.feed(0) if entry.data.get("agent_id") == "ana"]
    assert offered.kind == "offered"
    assert "0 of 1 places taken" in offered.data["why"]
    assert match(world) == 0
    assert [agent.active_chats for agent in world.store.agents()] == [1, 1]


def test_an_offer_comes_with_its_timer(world):
    wait_in_line(world, "c1")
    world.agent()
    world.settle()
    match(world)
    world.now += timedelta(seconds=20)
    assert [type(pending.effect.event).__name__ for pending in world.claim()] == ["OfferExpired"]


def test_a_store_matches_what_the_needs_and_the_agents_say(world):
    world.agent("en", max_chats=9)
    world.agent("pt", languages=frozenset({"en", "pt"}), skills={"refunds": 2}, max_chats=9)
    world.agent("sales", department="sales", max_chats=9)
    wait_in_line(world, "pt", need=Need("support", "pt"))
    wait_in_line(world, "skilled", need=Need("support", "en", {"refunds": 2}))
    wait_in_line(world, "too skilled", need=Need("support", "en", {"refunds": 3}))
    wait_in_line(world, "sale", need=Need("sales"))
    wait_in_line(world, "easy")
    match(world)
    assert holders(world) == {"pt": "pt", "skilled": "pt", "sale": "sales", "easy": "en"}


def test_a_long_line_is_drained_page_by_page_in_order(world):
    queued = wait_in_line(world, *(f"c{n:03}" for n in range(150)))
    world.agent("ana", max_chats=200)
    offered = []
    while match(world, limit=40):
        offered = [entry.handoff_id for entry in world.store.feed(0, 1000) if entry.kind == "offered"]
    assert offered == [one.id for one in queued]


def test_a_batch_that_fails_leaves_nothing_behind(world):
    wait_in_line(world, "c1")
    world.agent()

    def broken(candidates):
        plan(candidates, world.now, 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.store.match(broken, world.now)
    assert match(world) == 1


def test_an_offer_that_no_longer_holds_is_left_out(sql_world):
    """Somebody else is quicker, in the moment between looking and writing."""
    world = sql_world
    first, second = wait_in_line(world, "c1", "c2")
    world.agent("ana", max_chats=1)
    world.agent("bo", max_chats=1)
    with world.store._database.read() as connection:
        seen = plan(SqlCandidates(connection), world.now, 64)
    world.do(first, Accepted("bo", "Bo"))
    assert world.store.match(lambda _: seen, world.now) == 2
    assert holders(world) == {"c1": "bo"}
    assert match(world) == 1
    assert holders(world) == {"c1": "bo", "c2": "ana"}
    assert second.queued_at == world.store.get(second.id).queued_at


def test_many_who_match_at_once_never_offer_twice_nor_too_much(world):
    wait_in_line(world, *(f"c{n}" for n in range(40)))
    for n in range(6):
        world.agent(f"a{n}", max_chats=5)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: match(world, limit=3), range(24)))
    offered = [entry.handoff_id for entry in world.store.feed(0, 1000) if entry.kind == "offered"]
    assert len(offered) == len(set(offered)) == 30
    assert [agent.active_chats for agent in world.store.agents()] == [5] * 6


def test_matching_and_answering_at_once_block_nobody(world):
    """Rows are locked in one order by everybody: handoffs, agents, then the turn to write the log."""
    for n in range(4):
        world.agent(f"a{n}", max_chats=2)
    queued = wait_in_line(world, *(f"c{n:02}" for n in range(24)))

    def answer(one):
        for _ in range(60):
            match(world, limit=4)
            now = world.store.get(one.id)
            if now.status is Status.OFFERED:
                now = world.do(now, Accepted(now.agent_id, "A"))
                world.do(now, HandedBack(now.agent_id, Outcome.RESOLVED))
                return True
        return False

    with ThreadPoolExecutor(6) as pool:
        answered = list(pool.map(answer, queued))
    assert answered.count(True) >= 20
    assert sum(agent.active_chats for agent in world.store.agents()) == 24 - answered.count(True) - len(
        world.store.waiting()
    )


def test_places_in_the_queue_are_counted_within_the_department(world):
    first, second = wait_in_line(world, "c1", "c2")
    (urgent,) = wait_in_line(world, "c3", priority=1)
    wait_in_line(world, "other", need=Need("sales"))
    ahead = [world.store.ahead("support", queue_order(one)) for one in (first, second, urgent)]
    assert ahead == [1, 2, 0]
    assert world.store.ahead("support") == 3
    assert [h.conversation_id for h in world.store.waiting(["sales"])] == ["other"]
    assert [h.conversation_id for h in world.store.waiting(limit=2)] == ["c3", "c1"]


def test_who_served_the_customer_last_is_known(world):
    world.agent("ana")
    world.agent("bo")
    for conversation_id, agent_id in (("c1", "ana"), ("c2", "bo")):
        taken = world.do(world.begin(conversation_id, customer_id="zoe"), Accepted(agent_id, agent_id))
        world.do(taken, HandedBack(agent_id, Outcome.RESOLVED))
    world.begin("c3", customer_id="zoe")
    assert world.store.last_agent("zoe") == "bo"
    assert world.store.last_agent("nobody") is None


def test_staff_are_those_online_by_what_they_can_do(world):
    for agent_id in ("ana", "bo"):
        world.agent(agent_id, max_chats=3)
    world.agent("pt", languages=frozenset({"pt"}), max_chats=1)
    world.agent("away", presence=Presence.AWAY)
    world.do(world.begin(), Accepted("ana", "Ana"))
    staff = {one.profile.languages: (one.agents, one.free) for one in world.store.staff()}
    assert staff == {("en",): (2, 5), ("pt",): (1, 1)}


def test_a_watch_begins_whenever_an_agent_comes_from_offline(world):
    world.agent(presence=Presence.OFFLINE)
    for presence in (Presence.ONLINE, Presence.BUSY, Presence.ONLINE, Presence.OFFLINE, Presence.AWAY):
        world.store.set_presence("ana", presence, world.now, timedelta(seconds=30))
    world.now += timedelta(seconds=30)
    watches = [pending.effect for pending in world.claim() if isinstance(pending.effect, WatchAgent)]
    assert watches == [WatchAgent("ana", session, world.now) for session in (1, 2)]
    assert world.store.agent("ana").session == 2


def test_signs_of_life_are_kept(world):
    world.agent("ana")
    world.agent("bo")
    world.store.seen(["ana", "nobody"], world.now)
    world.store.reachable("bo", world.now + timedelta(hours=1))
    assert world.store.agent("ana").seen_at == world.now
    assert world.store.agent("bo").seen_at is None
    assert world.store.agent("bo").reachable_until == world.now + timedelta(hours=1)


def test_a_warm_transfer_takes_a_place_with_the_invited_too_and_moves_it_when_they_accept(world):
    world.agent("ana")
    world.agent("bo", presence=Presence.BUSY)
    held = world.do(world.begin(need=ANYBODY), Accepted("ana", "Ana"))
    invited = world.do(held, Transferred("ana", "support", "bo", "Bo", "knows it"))
    assert [agent.active_chats for agent in world.store.agents()] == [1, 1]
    assert [h.id for h in world.store.handoffs(agent_id="bo")] == [held.id]
    assert world.do(invited, Accepted("bo", "Bo")).agent_id == "bo"
    assert [agent.active_chats for agent in world.store.agents()] == [0, 1]


def test_a_full_colleague_cannot_be_invited_and_nothing_changes(world):
    world.agent("ana")
    world.agent("bo", max_chats=1)
    world.do(world.begin("c1", need=ANYBODY), Accepted("bo", "Bo"))
    held = world.do(world.begin("c2", need=ANYBODY), Accepted("ana", "Ana"))
    with pytest.raises(AgentBusy):
        world.do(held, Transferred("ana", "support", "bo", "Bo"))
    assert world.store.get(held.id) == held


def test_a_transfer_to_a_department_is_offered_there_while_its_agent_stays(world):
    world.agent("ana")
    world.agent("sal", department="sales")
    held = world.do(world.begin(need=ANYBODY), Accepted("ana", "Ana"))
    world.do(held, Transferred("ana", "sales"))
    assert match(world) == 1
    offered = world.store.get(held.id)
    assert (offered.status, offered.agent_id, offered.offered_to) == (Status.ACTIVE, "ana", "sal")
    declined = world.do(offered, Declined("sal"))
    assert (declined.agent_id, declined.offered_to) == ("ana", None)
    assert [agent.active_chats for agent in world.store.agents()] == [1, 0]


def test_what_a_lost_agent_held_waits_again_where_it_stood(world):
    world.agent("ana")
    first, second = wait_in_line(world, "c1", "c2")
    held = world.do(first, Accepted("ana", "Ana"))
    again = world.do(held, AgentLost("ana"))
    assert [h.id for h in world.store.waiting()] == [first.id, second.id]
    assert again.epoch == held.epoch + 1
    assert world.store.agent("ana").active_chats == 0


def test_an_agent_is_counted_by_the_skills_they_have_now(world):
    world.agent("ana", skills={"refunds": 1})
    wait_in_line(world, "c1", need=Need("support", "en", {"refunds": 2}))
    assert match(world) == 0
    world.store.add_agent(replace(world.store.agent("ana"), skills={"refunds": 2}))
    assert match(world) == 1


@pytest.mark.parametrize(("agents", "waiting"), [(300, 5), (5, 300)])
def test_matching_reads_the_same_few_rows_however_many_there_are(sql_world, agents, waiting):
    """Counted, not timed: rows that come back from the database for one offer."""
    for n in range(agents):
        sql_world.store.add_agent(replace(sql_world.agent("model"), id=f"a{n}"))
    wait_in_line(sql_world, *(f"c{n}" for n in range(waiting)))
    fetched = []
    engine = sql_world.store._database._engine

    @event.listens_for(engine, "after_cursor_execute")
    def count(conn, cursor, statement, parameters, context, executemany):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            fetched.append(statement)

    assert match(sql_world, limit=1) == 1
    assert len(fetched) <= 12
    assert not [one for one in fetched if "handoffs.body" in one and "LIMIT" not in one]


def test_the_customers_earlier_handoffs_are_known_newest_first_and_not_more_than_asked_for(world):
    world.agent("ana")
    for conversation_id, customer_id in (("c1", "zoe"), ("c2", "zoe"), ("c3", "kim"), ("c1", "somebody")):
        world.close(world.begin(conversation_id, customer_id=customer_id, id=f"{conversation_id} {customer_id}"))
    newest = world.begin("c1", customer_id="zoe", id="newest")
    assert [h.id for h in world.store.earlier(newest)] == ["c1 somebody", "c2 zoe", "c1 zoe"]
    assert [h.id for h in world.store.earlier(newest, 1)] == ["c1 somebody"]
    assert world.store.earlier(world.store.get("c1 zoe")) == []


def test_postgresql_wakes_whoever_listens_and_again_after_the_connection_was_cut(postgres_url):
    upgrade(postgres_url)
    world, other = World(open_store(postgres_url), postgres_url), open_store(postgres_url)
    woken = Flag()
    with other.listen(woken.set):
        for conversation_id in ("c1", "c2"):
            assert woken.wait(10)  # it listens
            time.sleep(0.2)
            woken.clear()
            world.begin(conversation_id)
            assert woken.wait(10)
            woken.clear()
            with world.store._database.read() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                    )
                )
    world.store.close()
    other.close()


def test_a_store_that_cannot_tell_wakes_nobody(sqlite_url):
    upgrade(sqlite_url)
    world = World(open_store(sqlite_url), sqlite_url)
    woken = []
    with world.store.listen(lambda: woken.append(1)):
        world.begin()
    assert woken == []
    world.store.close()
