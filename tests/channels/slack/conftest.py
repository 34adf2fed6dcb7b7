from collections.abc import AsyncIterator, Iterator

import pytest

from rasa_handoff.channel import Channel
from tests.channels.slack.world import SlackWorld


@pytest.fixture
def world() -> Iterator[SlackWorld]:
    world = SlackWorld()
    yield world
    world.close()


@pytest.fixture
async def channel(world: SlackWorld) -> AsyncIterator[Channel]:
    channel = world.channel()
    yield channel
    await channel.close()
