"""Whatever becomes of calls and their answers, each thing is in the thread once, in order."""

import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from rasa_handoff.channel import Channel, Outgoing
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import Status
from rasa_handoff.core.takeover import Place
from tests.channels.slack.cases import case, place, words
from tests.channels.slack.world import CHANNEL, SlackWorld
from tests.channels.vendor import Fault

KINDS = [Fault(lost=True), Fault(500), Fault(429, {"retry-after": "0"})]


async def done(attempt: Callable[[bool], Awaitable[Any]]) -> Any:
    """As the courier does it: again, until it is."""
    again = False
    while True:
        try:
            return await attempt(again)
        except Unreachable:
            again = True


@pytest.mark.parametrize("seed", range(20))
async def test_each_thing_is_there_once_in_order(world: SlackWorld, channel: Channel, seed: int) -> None:
    world.files["F0PICTURE"] = {"id": "F0PICTURE", "name": "x.png", "content": b"\x89PNG"}
    world.public.add("F0PICTURE")
    picture, chance = f"{world.url}/files/F0PICTURE", random.Random(seed)
    went_wrong = []

    def trouble() -> Fault | None:
        went_wrong.extend([chance.choice(KINDS)] if chance.random() < 0.35 else [None])
        return went_wrong[-1]

    world.trouble = trouble
    here = place((await done(lambda again: channel.take_over(case(), "e-1", again=again))).key)
    for number in range(10):
        message = words(f"number {number}", f"m-{number}", *((picture,) if number % 3 == 0 else ()))
        await done(partial(relayed, channel, here, message))
    await done(lambda again: channel.release(case(Status.CLOSED), here))
    assert sum(one is not None for one in went_wrong) > 5
    top = [one for one in world.messages[CHANNEL] if "thread_ts" not in one]
    kinds = [one["metadata"]["event_type"] for one in world.thread(here.key) if "metadata" in one]
    assert (len(top), kinds.count("rasa_handoff_transcript"), kinds.count("rasa_handoff_notice")) == (1, 1, 1)
    assert world.shown(here.key) == [f"number {number}" for number in range(10)]
    assert sum("files" in one for one in world.thread(here.key)) == 4


async def relayed(channel: Channel, here: Place, message: Outgoing, again: bool) -> None:
    await channel.relay(here, message, again=again)
