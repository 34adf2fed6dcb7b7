import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rasa_handoff.channels.chatwoot.channel import ChatwootChannel
from tests.channels.chatwoot.world import ChatwootWorld

PAYLOADS = Path(__file__).parents[2] / "payloads/chatwoot"


@pytest.fixture
def world() -> Iterator[ChatwootWorld]:
    """A Chatwoot with conversation 42. No request of ours may be one that its specification does not know."""
    with_one = ChatwootWorld()
    with_one.conversation_id(42)
    yield with_one
    with_one.close()
    assert with_one.problems == []


@pytest.fixture
async def channel(world: ChatwootWorld) -> AsyncIterator[ChatwootChannel]:
    made = world.channel()
    assert isinstance(made, ChatwootChannel)
    yield made
    await made.close()


@pytest.fixture
def payload() -> Callable[[str], dict[str, Any]]:
    """A webhook as Chatwoot sends it, by the name of its file."""
    return lambda name: json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
