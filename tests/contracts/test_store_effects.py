"""What every store promises of effects: done at least once, in order where order matters."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from rasa_handoff.core.effects import (
    AskBot,
    Assign,
    Notice,
    PublishContext,
    Step,
    TellBot,
    TellCustomer,
    Wake,
    WriteSummary,
)
from rasa_handoff.core.handoff import Accepted, AgentMessaged, Offered, OfferExpired, UpdateDue
from rasa_handoff.core.summarised import SummaryWritten
from rasa_handoff.stores.sql.database import Database

HELLO = TellCustomer("a1", "Hello", "Ana")


@pytest.fixture
def active(world):
    """A handoff that Ana has accepted, with an empty outbox."""
    world.agent(max_chats=9)
    handoff = world.do(world.begin(), Accepted("ana", "Ana"))
    world.settle()
    return handoff


def test_effects_are_committed_with_what_caused_them_and_carry_its_epoch(world):
    world.agent()
    handoff = world.do(world.begin(with_model=True), Accepted("ana", "Ana"))
    assign, summary, accepted = world.claim()
    assert [assign.effect, summary.effect] == [Assign(), WriteSummary()]
    assert (assign.epoch, summary.epoch) == (1, 1)
    assert (accepted.effect, accepted.epoch) == (TellBot(Notice.ACCEPTED), 2)
    assert (accepted.handoff_id, accepted.conversation_id) == (handoff.id, "c1")
    assert (accepted.attempts, accepted.created_at) == (1, world.now)


def test_every_kind_of_effect_comes_back_as_it_was_stored(world, active):
    effects = (
        WriteSummary(),
        Assign(),
        Wake(world.now, OfferExpired(3)),
        Wake(world.now, UpdateDue(3)),
        TellCustomer("a1", "Grüße 👋\x00", "Zoë"),
        TellBot(Notice.UPDATE),
        PublishContext(),
    )
    world.store.commit(active, Step(active, effects), SummaryWritten((), "model"), world.now)
    found = []
    while claimed := world.claim():
        found += [pending.effect for pending in claimed]
        for pending in claimed:
            world.store.done(pending.id, "w1")
    assert tuple(found) == effects


def test_of_a_lane_only_the_first_is_claimed_and_the_next_when_it_is_done(world, active):
    _say(world, active, "one", "two", "three")
    said = []
    while claimed := world.claim():
        assert len(claimed) == 1
        assert world.claim("w2") == []
        said.append(claimed[0].effect.text)
        world.store.done(claimed[0].id, "w1")
    assert said == ["one", "two", "three"]


def test_one_conversation_does_not_hold_up_another(world, active):
    other = world.do(world.begin("c2"), Accepted("ana", "Ana"))
    world.settle()
    _say(world, active, "one", "two")
    _say(world, other, "three", "four")
    assert [pending.effect.text for pending in world.claim()] == ["one", "three"]


def test_effects_without_a_lane_wait_for_nobody(world, active):
    after = _say(world, active, "one")
    effects = (WriteSummary(), Assign(), Wake(world.now, UpdateDue(1)))
    world.store.commit(after, Step(after, effects), SummaryWritten((), "model"), world.now)
    assert [type(pending.effect) for pending in world.claim()] == [TellCustomer, WriteSummary, Assign, Wake]


def test_no_more_than_the_limit_is_claimed_and_the_oldest_first(world):
    for n in range(5):
        world.begin(f"c{n}")
    assert [pending.conversation_id for pending in world.claim(limit=2)] == ["c0", "c1"]
    assert [pending.conversation_id for pending in world.claim(limit=2)] == ["c2", "c3"]


def test_a_wake_is_due_at_its_time(world):
    world.agent()
    world.do(world.begin(), Offered("ana", "Ana"))
    world.settle()
    due = world.now + timedelta(seconds=20)
    assert world.store.next_due() == due
    world.now = due - timedelta(microseconds=1)
    assert world.claim() == []
    world.now = due
    assert [pending.effect for pending in world.claim()] == [Wake(due, OfferExpired(1))]


def test_a_claimed_effect_whose_courier_died_comes_back_after_its_lease(world, active):
    _say(world, active, "one")
    (claimed,) = world.claim("killed", lease=30)
    world.now += timedelta(seconds=29)
    assert world.claim("w2") == []
    world.now += timedelta(seconds=1)
    (again,) = world.claim("w2")
    assert (again.id, again.effect, again.attempts) == (claimed.id, claimed.effect, 2)


def test_a_retry_holds_its_lane_until_its_time(world, active):
    _say(world, active, "one", "two")
    (claimed,) = world.claim()
    later = world.now + timedelta(seconds=5)
    world.store.retry(claimed.id, "w1", later, "HTTP 503")
    assert world.claim() == []
    assert world.store.next_due() == later
    world.now = later
    (again,) = world.claim()
    assert (again.effect.text, again.attempts) == ("one", 2)


def test_giving_up_frees_the_lane(world, active):
    _say(world, active, "one", "two")
    (claimed,) = world.claim()
    world.store.give_up(claimed.id, "w1", "HTTP 404")
    assert [pending.effect.text for pending in world.claim()] == ["two"]


def test_who_lost_the_lease_can_neither_delay_nor_give_up_the_effect_but_say_it_is_done(world, active):
    _say(world, active, "one", "two")
    (claimed,) = world.claim("slow", lease=1)
    world.now += timedelta(seconds=1)
    world.claim("quick", lease=30)
    world.store.retry(claimed.id, "slow", world.now, "too late")
    world.store.give_up(claimed.id, "slow", "too late")
    assert world.claim("third") == []
    world.store.done(claimed.id, "slow")
    assert [pending.effect.text for pending in world.claim("third")] == ["two"]
    world.store.retry(claimed.id, "quick", world.now, "too late")
    assert world.claim("fourth") == []


def test_the_next_due_time_is_that_of_the_lanes_first_effect(world, active):
    assert world.store.next_due() == world.now + timedelta(seconds=60)
    _say(world, active, "one", "two")
    assert world.store.next_due() == world.now
    world.claim(lease=7)
    assert world.store.next_due() == world.now + timedelta(seconds=7)


def test_nothing_is_due_in_an_empty_store(world):
    assert world.store.next_due() is None
    assert world.claim() == []


def test_two_couriers_never_have_the_same_effect(world, active):
    for n in range(6):
        _say(world, world.do(world.begin(f"d{n}"), Accepted("ana", "Ana")), *(f"{n}.{i}" for i in range(5)))

    def work(worker):
        done = []
        while claimed := world.claim(worker, limit=3):
            done += [pending.effect for pending in claimed]
            for pending in claimed:
                world.store.done(pending.id, worker)
        return done

    with ThreadPoolExecutor(8) as pool:
        done = [effect for part in pool.map(work, "abcdefgh") for effect in part]
    done += work("last")
    said = [effect.text for effect in done if isinstance(effect, TellCustomer)]
    assert sorted(said) == sorted(f"{n}.{i}" for n in range(6) for i in range(5))


def test_a_web_chats_questions_are_one_lane(world):
    for conversation_id, line_id in (("w1", "1"), ("w1", "2"), ("w2", "3")):
        line = world.line(conversation_id, line_id)
        world.store.add_chat(line, AskBot(line.id, line.text))
    first, other = world.claim()
    assert (first.effect, first.handoff_id, first.conversation_id) == (AskBot("1", "hello"), "", "w1")
    assert other.conversation_id == "w2"


def test_claiming_costs_the_same_after_a_hundred_times_the_effects(sql_world):
    sql_world.begin()
    _fill(sql_world, 1, 2000)
    few = _claiming(sql_world)
    _fill(sql_world, 2001, 200000)
    many = _claiming(sql_world)
    assert many < 5 * few  # a scan of what is done would be many times as slow


def _fill(world, first, last):
    """Effects in 499 lanes, of which the last ten are still to be done: what is done is the older."""
    rows = text(
        "WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
        "INSERT INTO effects "
        "(id, handoff_id, conversation_id, lane, epoch, kind, body, state, attempts, created_at, due_at) "
        "SELECT 'row ' || i, handoff_id, conversation_id, 'lane ' || (i % 499), epoch, kind, body, "
        "CASE WHEN i > :last - 10 THEN 'pending' ELSE 'done' END, 0, created_at, created_at "
        "FROM effects, n WHERE kind = 'Assign' AND effects.id NOT LIKE 'row %'"
    )
    database = Database(world.url)
    with database.write() as connection:
        connection.execute(rows.bindparams(first=first, last=last))
    database.close()


def _claiming(world):
    """The time of claiming an effect when nothing else is in the way, in seconds."""
    times = []
    for _ in range(9):
        before = time.perf_counter()
        assert len(world.claim(limit=1)) == 1
        times.append(time.perf_counter() - before)
    return min(times)


def _say(world, handoff, *texts):
    for said in texts:
        handoff = world.do(handoff, AgentMessaged(said, "ana", said), key=said)
    return handoff
