"""What is kept of people: found, handed out, erased whole, and let go of in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rasa_handoff.core.effects import AskBot
from rasa_handoff.core.errors import NotFound, Refused
from rasa_handoff.core.follow_up import CallbackBooked, FollowUpTaken
from rasa_handoff.core.handoff import Accepted, CustomerMessaged
from rasa_handoff.core.questions import Question, QuestionState
from tests.contracts.conftest import World

YEAR = timedelta(days=365)


def question(world: World, conversation_id: str, state: QuestionState = QuestionState.OPEN) -> Question:
    asked = Question(f"q-{conversation_id}", conversation_id, "support", "Which?", "hm", world.now, world.now + YEAR)
    world.store.ask(asked, world.now)
    if state is not QuestionState.OPEN:
        world.store.settle(replace(asked, state=state, answer="This one."), world.now)
    return asked


def everything(world: World, conversation_id: str, customer_id: str = ""):
    """A conversation of which everything is kept that there is, its handoff ended."""
    handoff = world.begin(conversation_id, customer_id=customer_id)
    handoff = world.do(handoff, CustomerMessaged("m1", "my card is lost", world.now), "m1")
    world.store.add_chat(world.line(conversation_id, "1"), AskBot("1", "hello"))
    question(world, conversation_id)
    return world.close(handoff)


def kept(world: World, conversation_id: str) -> int:
    """How many things the store knows of the conversation."""
    store = world.store
    theirs = store.handoffs_of(conversation_id)
    log = [entry for entry in store.feed(0, 10_000) if entry.conversation_id == conversation_id]
    claimed = store.claim(world.now + 2 * YEAR, "counter", 0, 10_000)
    effects = [one for one in claimed if one.conversation_id == conversation_id]
    parts = (theirs, log, effects, store.chat(conversation_id), store.questions_of(conversation_id))
    return sum(map(len, parts))


def test_a_customers_conversations_are_found_by_their_id_and_by_the_conversations(world):
    world.agent()
    everything(world, "c1", "42")
    everything(world, "c2", "42")
    everything(world, "c3", "7")
    world.store.add_chat(world.line("c4", "1"))
    question(world, "c5")
    assert world.store.conversations_of("42") == ["c1", "c2"]
    assert [world.store.conversations_of(name) for name in ("c3", "c4", "c5")] == [["c3"], ["c4"], ["c5"]]
    assert world.store.conversations_of("nobody") == []


def test_all_handoffs_and_questions_of_a_conversation_are_handed_out_oldest_first(world):
    world.agent()
    first = everything(world, "c1")
    second = world.close(world.begin("c1", id="second"))
    everything(world, "c2")
    assert [one.id for one in world.store.handoffs_of("c1")] == [first.id, second.id]
    assert [one.text for one in world.store.questions_of("c1")] == ["Which?"]


def test_of_an_erased_conversation_nothing_is_left_and_of_others_everything(world):
    world.agent()
    gone = everything(world, "c1")
    everything(world, "c2")
    others = kept(world, "c2")
    assert world.store.erase("c1") == 1
    assert kept(world, "c1") == 0
    assert world.store.newest("c1") is None
    with pytest.raises(NotFound):
        world.store.package(gone.id)
    assert kept(world, "c2") == others
    assert world.store.erase("c1") == 0


def test_an_open_handoff_is_not_erased(world):
    world.begin("c1")
    before = kept(world, "c1")
    with pytest.raises(Refused, match="c1"):
        world.store.erase("c1")
    assert kept(world, "c1") == before


def test_after_an_erasure_numbers_go_on_and_whoever_follows_misses_nothing(world):
    world.agent()
    everything(world, "c1")
    seen, line = world.store.last_seq(), world.store.chat("c1")[-1].seq
    world.store.erase("c1")
    everything(world, "c2")
    assert [entry.kind for entry in world.store.feed(seen)][:1] == ["started"]
    assert world.store.chat("c2", after=line)


def test_the_load_of_agents_and_what_is_kept_of_them_stays(world):
    world.agent()
    everything(world, "c1")
    busy = world.do(world.begin("c2"), Accepted("ana", "Ana"))
    world.store.erase("c1")
    assert world.store.agent("ana").active_chats == 1
    assert world.store.get(busy.id).agent_id == "ana"


def test_what_has_ended_long_ago_is_let_go_of_and_nothing_else(world):
    world.agent()
    everything(world, "old")
    question(world, "asked", QuestionState.ANSWERED)
    world.begin("open")
    owed = world.do(world.begin("owed"), CallbackBooked("+44 20 7946 0000", world.now))
    world.settle()
    began = world.now
    world.now += YEAR
    everything(world, "new")
    assert world.store.prune(began + timedelta(days=1)) == 1
    assert (world.store.handoffs_of("old"), world.store.chat("old")) == ([], [])
    assert [len(world.store.questions_of(name)) for name in ("old", "asked")] == [1, 0]  # the first is open
    assert {entry.conversation_id for entry in world.store.feed(0, 10_000)} == {"open", "owed", "new"}
    assert kept(world, "new") > 5
    assert world.store.newest("open") is not None
    assert world.store.get(owed.id).follow_up is not None
    assert world.store.prune(began + timedelta(days=1)) == 0


def test_a_handoff_that_was_worked_on_since_is_kept(world):
    world.agent()
    owed = world.do(world.begin("c1"), CallbackBooked("+44 20 7946 0000", world.now))
    began = world.now
    world.now += YEAR
    world.do(owed, FollowUpTaken("ana", "Ana"))
    assert world.store.prune(began + timedelta(days=1)) == 0


def test_a_great_many_are_let_go_of_in_portions(world):
    world.agent(max_chats=9)
    for number in range(5):
        everything(world, f"c{number}")
    later = world.now + YEAR
    assert [world.store.prune(later, limit=2) for _ in range(4)] == [2, 2, 1, 0]
