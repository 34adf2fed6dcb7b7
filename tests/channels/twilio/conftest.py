"""A fake Twilio, and our channel set up for it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from rasa_handoff.channels.twilio import TwilioChannel
from tests.channels.twilio.world import TwilioWorld


@pytest.fixture
def world() -> Iterator[TwilioWorld]:
    made = TwilioWorld()
    yield made
    made.close()


@pytest.fixture
async def channel(world: TwilioWorld) -> AsyncIterator[TwilioChannel]:
    made = world.channel()
    assert isinstance(made, TwilioChannel)
    yield made
    await made.close()
