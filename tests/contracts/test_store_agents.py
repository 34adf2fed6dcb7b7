"""What every store promises of agents and of the web chat."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from rasa_handoff.core.conversation import Author
from rasa_handoff.core.effects import AskBot, Assign
from rasa_handoff.core.errors import AgentBusy, NotFound, SettingsError
from rasa_handoff.core.handoff import Accepted, Declined, Offered
from rasa_handoff.core.routing import Agent, Presence


def test_an_agent_comes_back_as_it_was_stored(world):
    agent = world.agent(skills={"billing": 2}, languages=frozenset({"de", "en"}), idle_since=world.now)
    assert world.store.agent("ana") == agent
    assert world.store.agents() == [agent]


def test_an_unknown_agent_is_not_found(world):
    with pytest.raises(NotFound):
        world.store.agent("nobody")
    with pytest.raises(NotFound):
        world.store.set_presence("nobody", Presence.ONLINE, world.now)
    assert world.store.password_hash("nobody") is None


def test_adding_an_agent_again_updates_all_but_load_presence_and_password(world):
    assert world.store.add_agent(Agent("ana", "Ana", "support", presence=Presence.ONLINE), "hash") is True
    world.do(world.begin(), Accepted("ana", "Ana"))
    before = world.store.agent("ana")
    assert world.store.add_agent(Agent("ana", "Ana B.", "sales", {"x": 1}, max_chats=7)) is False
    after = replace(before, name="Ana B.", department="sales", skills={"x": 1}, max_chats=7)
    assert world.store.agent("ana") == after
    assert world.store.password_hash("ana") == "hash"
    world.store.add_agent(after, "other")
    assert world.store.password_hash("ana") == "other"


def test_an_agent_cannot_be_given_fewer_places_than_they_hold(world):
    world.agent(max_chats=2)
    for conversation_id in ("c1", "c2"):
        world.do(world.begin(conversation_id), Accepted("ana", "Ana"))
    with pytest.raises(SettingsError, match="holds 2 conversations"):
        world.store.add_agent(Agent("ana", "Other name", "support", max_chats=1))
    assert world.store.agent("ana").name == "Ana"


def test_coming_online_assigns_waiting_handoffs_and_going_away_does_not(world):
    world.agent(presence=Presence.AWAY)
    world.store.set_presence("ana", Presence.ONLINE, world.now)
    assert world.store.agent("ana").available
    assert world.store.agent("ana").idle_since == world.now
    assert [(pending.effect, pending.handoff_id) for pending in world.claim()] == [(Assign(), "")]
    world.store.set_presence("ana", Presence.AWAY, world.now + timedelta(minutes=1))
    assert not world.store.agent("ana").available
    assert world.claim() == []


def test_an_offer_takes_a_place_and_declining_frees_it(world):
    world.agent()
    handoff = world.do(world.begin(), Offered("ana", "Ana"))
    assert world.store.agent("ana").active_chats == 1
    world.now += timedelta(seconds=9)
    world.do(handoff, Declined("ana"))
    assert world.store.agent("ana").active_chats == 0
    assert world.store.agent("ana").idle_since == world.now


def test_accepting_an_offer_takes_no_second_place(world):
    world.agent(max_chats=1)
    handoff = world.do(world.begin(), Offered("ana", "Ana"))
    world.store.set_presence("ana", Presence.AWAY, world.now)
    handoff = world.do(handoff, Accepted("ana", "Ana"))
    assert world.store.agent("ana").active_chats == 1
    world.close(handoff)
    assert world.store.agent("ana").active_chats == 0


def test_a_handoff_that_goes_from_one_agent_to_another_moves_the_load(world):
    world.agent("ana")
    world.agent("bo")
    held = world.do(world.begin(), Accepted("ana", "Ana"))
    moved = replace(world.step(held, Accepted("ana", "Ana")), handoff=replace(held, agent_id="bo", agent_name="Bo"))
    world.store.commit(held, moved, Accepted("bo", "Bo"), world.now)
    assert [agent.active_chats for agent in world.store.agents()] == [0, 1]


@pytest.mark.parametrize("changes", [{"presence": Presence.AWAY}, {"max_chats": 0}])
def test_an_agent_who_is_away_or_has_no_place_is_busy(world, changes):
    world.agent(**changes)
    with pytest.raises(AgentBusy):
        world.do(world.begin(), Offered("ana", "Ana"))


def test_an_agent_who_does_not_exist_is_busy(world):
    with pytest.raises(AgentBusy):
        world.do(world.begin(), Offered("nobody", "Nobody"))


def test_a_chat_line_comes_back_as_it_was_stored_with_its_seq(world):
    line = replace(
        world.line("w1", "1"),
        author=Author.BOT,
        name="Zoë\x00",
        text="👋 أهلا",
        buttons=({"title": "Yes", "payload": "/affirm"},),
        attachment="https://example.org/a.png",
    )
    assert world.store.add_chat(line) is True
    (stored,) = world.store.chat("w1")
    assert stored == replace(line, seq=stored.seq)
    assert stored.seq > 0


def test_a_chat_line_of_a_known_id_is_neither_shown_nor_asked_again(world):
    line = world.line("w1", "1")
    assert world.store.add_chat(line, AskBot("1", "hello")) is True
    assert world.store.add_chat(line, AskBot("1", "hello")) is False
    assert world.store.add_chat(world.line("w2", "1")) is True
    assert len(world.store.chat("w1")) == 1
    assert len(world.claim()) == 1


def test_a_chat_is_read_on_from_the_last_line_seen(world):
    for n in range(3):
        world.store.add_chat(world.line("w1", f"{n}"))
        world.store.add_chat(world.line("w2", f"{n}"))
    first, second, third = world.store.chat("w1")
    assert [line.id for line in (first, second, third)] == ["0", "1", "2"]
    assert world.store.chat("w1", after=first.seq) == [second, third]
    assert world.store.chat("w1", after=third.seq) == []


def test_a_line_sent_by_many_at_once_is_one_line(world):
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(world.store.add_chat, [world.line("w1", "1")] * 8))
    assert new.count(True) == 1
    assert len(world.store.chat("w1")) == 1
