"""Twilio tells each thing once: what did not arrive is found by looking."""

import json
from datetime import UTC, datetime

import pytest

from rasa_handoff.channel import Press
from rasa_handoff.core.channel_effects import LookAt
from rasa_handoff.core.handoff import Accepted, Handoff, Outcome, Status
from rasa_handoff.core.showing import LOOK_EVERY
from rasa_handoff.relay.inbound import LOOK_WAITING
from rasa_handoff.stores import open_store
from tests.channels.stage import Stage, make_stage
from tests.channels.twilio.world import TwilioWorld
from tests.channels.vendor import ANNA, BEN


@pytest.fixture
def stage(world: TwilioWorld) -> Stage:
    return make_stage(world, open_store("memory://"))


async def looked(stage: Stage, handoff: Handoff) -> float | None:
    """Seconds until the next look."""
    inbound = stage.courier._errands._inbound
    assert inbound is not None
    due = await inbound.look_at(handoff.id, LookAt("there", "support", datetime.now(UTC)))
    return None if due is None else round((due - datetime.now(UTC)).total_seconds())


async def test_an_end_that_was_not_told_ends_it_after_the_last_words(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.held()
        key = handoff.places[0].key
        world.agent_says(key, "Goodbye!", ANNA)
        world.completes(key)
        world.hooks.clear()  # all of it lost
        assert await looked(stage, handoff) == LOOK_EVERY.total_seconds()
        await looked(stage, handoff)
        assert stage.now(handoff).outcome is Outcome.RESOLVED
        await stage.until(lambda: stage.bot.brought == ["Goodbye!"])
        assert await looked(stage, handoff) is None


async def test_an_interaction_that_could_not_be_set_up_goes_to_the_desk(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.shown()
        assert await looked(stage, handoff) == LOOK_WAITING.total_seconds()
        world.interactions[0] |= {"status": "failed", "error": "Workflow not found"}
        await looked(stage, handoff)
        now = stage.now(handoff)
        assert (now.status, now.unreached) == (Status.WAITING, frozenset({"there"}))
        assert now.queued_at == handoff.queued_at
        assert await looked(stage, handoff) is None


async def test_who_joined_without_our_being_told_has_it(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.shown()
        world.press(handoff.places[0].key, Press.ACCEPT, ANNA)
        world.press(handoff.places[0].key, Press.ACCEPT, BEN)
        world.hooks.clear()
        await looked(stage, handoff)
        assert (stage.now(handoff).status, stage.now(handoff).agent_name) == (Status.ACTIVE, BEN.name)
        epoch = stage.now(handoff).epoch
        assert await looked(stage, handoff) == LOOK_EVERY.total_seconds()
        assert stage.now(handoff).epoch == epoch


async def test_looking_takes_nothing_from_an_agent_of_the_desk(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.shown()
        stage.service.set_presence(ANNA.id, "online")
        stage.service.receive(handoff.id, Accepted(ANNA.id, ANNA.name))
        world.press(handoff.places[0].key, Press.ACCEPT, BEN)
        world.hooks.clear()
        await looked(stage, handoff)
        assert stage.now(handoff).agent_name == ANNA.name


async def test_an_agent_who_ended_it_without_a_word_has_served_it(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.held()
        world.completes(handoff.places[0].key)
        world.hooks.clear()
        await looked(stage, handoff)
        assert stage.now(handoff).outcome is Outcome.RESOLVED


async def test_flex_that_gives_up_leaves_it_to_the_desk_once(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.shown()
        world.completes(handoff.places[0].key)
        await stage.deliver(repeat=1.0)
        await stage.until(lambda: stage.now(handoff).unreached == frozenset({"there"}))
        await stage.settled()
        failures = [entry for entry in stage.store.log(handoff.id) if entry.kind == "take_over_failed"]
        assert len(failures) == 1


async def test_what_an_agent_hands_back_the_bot_has(stage: Stage, world: TwilioWorld) -> None:
    async with stage:
        handoff = await stage.held()
        world.agent_says(handoff.places[0].key, "/bot")
        world.hooks.clear()
        await looked(stage, handoff)
        assert stage.now(handoff).outcome is Outcome.RETURNED_TO_BOT
        assert stage.bot.brought == []
        await stage.until(lambda: world.is_released(handoff.places[0].key))
        (task,) = world.tasks.values()
        assert json.loads(task["attributes"])["handoff"]["id"] == handoff.id
