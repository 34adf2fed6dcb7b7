"""What every store promises of takeover channels: places found again, signals taken in once."""

from dataclasses import replace

from rasa_handoff.core.channel_effects import LookAt, Relay, TakeIn, TakeOver
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.effects import Step
from rasa_handoff.core.handoff import Accepted, HandedBack, Outcome
from rasa_handoff.core.takeover import TakenOver
from rasa_handoff.ports import Signalled


def told(id: str = "s1", place: str = "T1", text: str = "hi") -> Signalled:
    return Signalled(id, TakeIn("slack", id, place, {"text": text}))


def test_the_newest_handoff_at_a_place_is_found_open_or_closed(world):
    first = world.do(world.begin("c1"), TakenOver("chatwoot", "support", "17"))
    world.agent(max_chats=9)
    closed = world.do(world.do(first, Accepted("ana", "Ana")), HandedBack("ana", Outcome.RESOLVED))
    assert world.store.at_place("chatwoot", "17") == closed
    second = world.do(world.begin("c1", id="second"), TakenOver("chatwoot", "support", "17"))
    assert world.store.at_place("chatwoot", "17") == second
    assert world.store.at_place("slack", "17") is None
    assert world.store.at_place("chatwoot", "18") is None


def test_a_place_that_moves_is_found_at_both_keys(world):
    handoff = world.do(world.begin(), TakenOver("telegram", "support", "5"))
    moved = world.do(handoff, TakenOver("telegram", "support", "6"))
    assert world.store.at_place("telegram", "5") == world.store.at_place("telegram", "6") == moved


def test_a_signal_is_taken_in_once_however_often_it_is_told(world):
    assert world.store.take_in([told(), told("s2")], world.now) == 2
    assert world.store.take_in([told(), told("s3")], world.now) == 1
    assert [one.effect.signal for one in claim_all(world)] == ["s1", "s2", "s3"]
    assert world.store.take_in([told()], world.now) == 0, "done is done"
    assert world.claim() == []


def test_signals_of_one_place_are_read_one_after_the_other(world):
    world.store.take_in([told("s1", "T1"), told("s2", "T1"), told("s3", "T2")], world.now)
    first = world.claim()
    assert [one.effect.signal for one in first] == ["s1", "s3"]
    world.store.done(first[0].id, "w1")
    assert [one.effect.signal for one in world.claim()] == ["s2"]


def test_what_is_done_at_a_channel_waits_for_what_came_before_it_there_and_for_nothing_else(world):
    handoff = world.begin()
    world.settle()
    relays = tuple(Relay("slack", "support", Author.CUSTOMER, text) for text in ("one", "two"))
    other, look = TakeOver("billing-slack", "billing"), LookAt("slack", "support", world.now)
    step = Step(handoff, (*relays, other, look))
    world.store.commit(handoff, step, Accepted("nobody", "Nobody"), world.now)
    assert [one.effect for one in world.claim()] == [relays[0], other, look]


def test_an_event_that_was_recorded_is_known_by_its_key(world):
    world.agent()
    handoff = world.do(world.begin(), Accepted("ana", "Ana"), key="press:1")
    assert world.store.recorded(handoff.id, "press:1")
    assert not world.store.recorded(handoff.id, "press:2")


def test_agents_are_found_by_e_mail(world):
    ana = world.agent("ana", email="Ana@Example.com")
    world.agent("ben")
    assert world.store.agent_by_email("ana@example.COM") == world.store.agent("ana")
    assert world.store.agent_by_email("nobody@example.com") is None
    world.store.add_agent(replace(ana, email=None))
    assert world.store.agent_by_email("ana@example.com") is None


def test_signals_go_with_the_conversation_they_are_about(world):
    handoff = world.do(world.begin("c1"), TakenOver("slack", "support", "T1"))
    world.agent()
    world.close(handoff)
    world.store.take_in([told("s1", "T1", "my secret"), told("s2", "T2")], world.now)
    world.store.erase("c1")
    assert [one.effect.signal for one in claim_all(world) if isinstance(one.effect, TakeIn)] == ["s2"]
    assert world.store.at_place("slack", "T1") is None


def claim_all(world):
    found = []
    while claimed := world.claim():
        for one in claimed:
            world.store.done(one.id, "w1")
        found += claimed
    return found
