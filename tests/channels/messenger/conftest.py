from collections.abc import AsyncIterator, Iterator

import pytest

from rasa_handoff.channels.messenger.channel import MessengerChannel
from tests.channels.messenger.world import MessengerWorld


@pytest.fixture
def page() -> Iterator[MessengerWorld]:
    world = MessengerWorld()
    yield world
    world.close()


@pytest.fixture
async def channel(page: MessengerWorld) -> AsyncIterator[MessengerChannel]:
    made = page.channel()
    assert isinstance(made, MessengerChannel)
    yield made
    await made.close()
