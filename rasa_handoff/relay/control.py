"""Somebody answers at a platform that owns the conversation, and nobody has handed it over: that is a handoff too."""

import asyncio

from rasa_handoff.channel import Channel
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.errors import AlreadyClosed
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.takeover import TakenOver
from rasa_handoff.ports import Bot, Store
from rasa_handoff.rasa.tracker import conversation_of
from rasa_handoff.rasa.transcript import history_of
from rasa_handoff.service import Service


async def take_control(store: Store, service: Service, bot: Bot, channel: Channel, key: str) -> Handoff:
    """The conversation's open handoff, or a new one, shown at the place.

    Errors: AlreadyClosed (the channel cannot name the conversation), and those of `Bot`.
    """
    name = getattr(channel, "conversation_of", None)
    conversation_id = name(key) if name else None
    if conversation_id is None:
        raise AlreadyClosed("This handoff has ended.")
    handoff = await asyncio.to_thread(store.newest, conversation_id)
    if handoff is None or not handoff.is_open:
        tracker = await bot.tracker(conversation_id)
        conversation, history = conversation_of(tracker), history_of(tracker)
        decision = _decision(channel, len(conversation.turns))
        handoff = await asyncio.to_thread(service.initiate, conversation, history, decision)
    takeover = handoff.takeover(handoff.need.department)
    if takeover is None or takeover.channel != channel.id or any(one.key == key for one in handoff.places):
        return handoff
    event = TakenOver(channel.id, handoff.need.department, key)
    return await asyncio.to_thread(service.receive, handoff.id, event, f"taken-over:{channel.id}:{key}")


def _decision(channel: Channel, turn: int) -> HandOff:
    words = f"Somebody answered in {channel.id} without being asked"
    return HandOff(Reason.POLICY_REQUIRED, (Evidence("human_reply", channel.id, None, max(turn, 1), words),))
