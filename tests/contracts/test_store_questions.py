"""What every store promises of the bot's questions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from rasa_handoff.core.effects import ExpireQuestion, RelayAnswer
from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.questions import Question, answered, expired


def a_question(world, id="q1", conversation_id="c1"):
    return Question(
        id, conversation_id, "support", "20 %?", "Grüße 👋\x00", world.now, world.now + timedelta(minutes=2)
    )


def test_a_question_is_committed_with_its_timer_and_comes_back_as_it_was(world):
    question = world.store.ask(a_question(world), world.now)
    assert world.store.question("q1") == world.store.newest_question("c1") == question == a_question(world)
    assert world.store.open_questions() == [question]
    assert world.claim() == []
    world.now = question.expires_at
    (timer,) = world.claim()
    assert (timer.effect, timer.conversation_id) == (ExpireQuestion("q1", question.expires_at), "c1")


def test_a_conversation_has_one_open_question_at_a_time(world):
    first = world.store.ask(a_question(world), world.now)
    assert world.store.ask(a_question(world, "q2"), world.now) == first
    world.store.settle(answered(first, "ana", "Ana", "Yes."), world.now)
    second = world.store.ask(a_question(world, "q2"), world.now)
    assert second.id == "q2"
    assert world.store.newest_question("c1") == second


def test_settling_is_committed_with_what_tells_the_bot_and_only_once(world):
    question = world.store.ask(a_question(world), world.now)
    done = answered(question, "ana", "Ana", "Yes.")
    assert world.store.settle(done, world.now)
    assert not world.store.settle(answered(question, "ben", "Ben", "No."), world.now)
    assert world.store.question("q1") == done
    assert world.store.open_questions() == []
    assert [pending.effect for pending in world.claim()] == [RelayAnswer("q1")]


def test_of_many_who_settle_at_once_one_does(world):
    question = world.store.ask(a_question(world), world.now)
    late = expired(replace(question, expires_at=world.now), world.now)
    ends = [late, *(answered(question, f"a{n}", f"A{n}", "Yes.") for n in range(7))]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda end: world.store.settle(end, world.now), ends))
    assert won.count(True) == 1
    assert world.store.question("q1") == ends[won.index(True)]


def test_what_is_unknown_is_said_to_be(world):
    assert world.store.newest_question("c1") is None
    assert world.store.open_questions() == []
    with pytest.raises(NotFound, match="no question q9"):
        world.store.question("q9")
