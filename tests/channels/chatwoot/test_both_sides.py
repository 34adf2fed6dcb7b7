"""The bot's connector and the takeover channel live in two environments and speak of the same things."""

import json
from collections.abc import Callable
from typing import Any

from rasa_handoff.channels.chatwoot import api, reading
from rasa_handoff.connectors import chatwoot_words
from tests.channels.chatwoot.world import ChatwootWorld
from tests.channels.vendor import ANNA

Payload = Callable[[str], dict[str, Any]]


def test_they_call_a_conversation_by_the_same_name() -> None:
    assert chatwoot_words.sender_id(1, 42) == reading.key_of(1, 42)
    assert chatwoot_words.number_of("chatwoot-1-42", 1) == reading.number_of("chatwoot-1-42", 1) == 42
    assert chatwoot_words.number_of("chatwoot-2-42", 1) is reading.number_of("chatwoot-2-42", 1) is None


def test_they_mark_what_no_person_wrote_alike() -> None:
    assert (chatwoot_words.MARK, chatwoot_words.ENDED) == (api.MARK, reading.ENDED)


def test_they_agree_on_who_has_taken_a_conversation_by_answering(world: ChatwootWorld) -> None:
    world.agent_says("chatwoot-1-42", "Hello", ANNA)
    world.agent_says("chatwoot-1-42", "A note", ANNA, private=True)
    world.customer_says("chatwoot-1-42", "Who is that?")
    told = [json.loads(hook.body) for hook in world.hooks]
    assert [chatwoot_words.taken_by_human(one) for one in told] == [42, None, None]
    assert [reading.may_be_said(one) for one in told] == [True, False, False]
