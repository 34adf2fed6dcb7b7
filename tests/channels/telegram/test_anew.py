"""A topic that somebody deleted is made anew, by what comes next for it."""

from rasa_handoff.core.handoff import Accepted, HandedBack, Handoff, Outcome
from rasa_handoff.stores import open_store
from tests.channels.stage import Stage, make_stage
from tests.channels.telegram.world import TelegramWorld
from tests.channels.vendor import ANNA, Fault


def staged(telegram: TelegramWorld) -> Stage:
    return make_stage(telegram, open_store("memory://"))


def key_of(stage: Stage, handoff: Handoff) -> str:
    (place,) = stage.now(handoff).places
    return place.key


async def test_the_next_message_makes_a_new_topic_with_the_context_and_agents_go_on_there(
    telegram: TelegramWorld,
) -> None:
    stage = staged(telegram)
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        old = key_of(stage, handoff)
        telegram.delete_topic(old)
        stage.customer_says(handoff, "Are you still there?", 1)
        await stage.until(lambda: key_of(stage, handoff) != old)
        new = key_of(stage, handoff)
        await stage.until(lambda: telegram.shown(new) == ["Are you still there?"])
        assert "4711" in telegram.context(new)
        telegram.agent_says(new, "I am.")
        await stage.deliver()
        await stage.until(lambda: stage.bot.brought == ["I am."])
        assert list(telegram.topics) == [int(new)]


async def test_a_new_topic_is_made_once_although_its_first_try_failed_on_the_way(telegram: TelegramWorld) -> None:
    stage = staged(telegram)
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        telegram.delete_topic(key_of(stage, handoff))
        telegram.faults.extend([None, None, Fault(status=503)])
        for number in (1, 2):
            stage.customer_says(handoff, f"message {number}", number)
        await stage.until(lambda: telegram.shown(key_of(stage, handoff)) == ["message 1", "message 2"])
        assert len(telegram.topics) == 1


async def test_a_change_of_state_makes_a_new_topic_too(telegram: TelegramWorld) -> None:
    stage = staged(telegram)
    async with stage:
        handoff = await stage.shown()
        old = key_of(stage, handoff)
        telegram.delete_topic(old)
        stage.service.set_presence(ANNA.id, "online")
        stage.service.receive(handoff.id, Accepted(ANNA.id, ANNA.name))
        await stage.until(lambda: key_of(stage, handoff) != old)
        assert f"With {ANNA.name}" in telegram.context(key_of(stage, handoff))


async def test_the_end_of_a_handoff_makes_no_new_topic(telegram: TelegramWorld) -> None:
    stage = staged(telegram)
    async with stage:
        handoff = await stage.held()
        await stage.settled()
        telegram.delete_topic(key_of(stage, handoff))
        stage.service.receive(handoff.id, HandedBack(ANNA.id, Outcome.RESOLVED))
        await stage.settled()
        assert telegram.topics == {}
