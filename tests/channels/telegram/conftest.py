from collections.abc import AsyncIterator, Iterator

import pytest

from rasa_handoff.channels.telegram.channel import TelegramChannel
from tests.channels.telegram.world import TelegramWorld


@pytest.fixture
def telegram() -> Iterator[TelegramWorld]:
    world = TelegramWorld()
    yield world
    world.close()


@pytest.fixture
async def channel(telegram: TelegramWorld) -> AsyncIterator[TelegramChannel]:
    made = telegram.channel()
    assert isinstance(made, TelegramChannel)
    yield made
    await made.close()
