"""Webhooks of Conversations as signals. What Event Streams sends as CloudEvents is brought into the same form."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_handoff.channel import Signal
from rasa_handoff.core.errors import Unverified

MESSAGE_ADDED = "onMessageAdded"
MESSAGE_UPDATED = "onMessageUpdated"
MESSAGE_REMOVED = "onMessageRemoved"
JOINED = "onParticipantAdded"
LEFT = "onParticipantRemoved"
STATE = "onConversationStateUpdated"

# What makes each of them one event, however often it is told.
_IDENTITY = {
    MESSAGE_ADDED: ("MessageSid",),
    MESSAGE_UPDATED: ("MessageSid", "DateUpdated", "Body"),
    MESSAGE_REMOVED: ("MessageSid",),
    JOINED: ("ParticipantSid",),
    LEFT: ("ParticipantSid",),
    STATE: ("StateTo",),
}
FILTERS = tuple(_IDENTITY)
_STREAMED = {
    "com.twilio.conversations.message.added": MESSAGE_ADDED,
    "com.twilio.conversations.message.updated": MESSAGE_UPDATED,
    "com.twilio.conversations.message.removed": MESSAGE_REMOVED,
    "com.twilio.conversations.participant.added": JOINED,
    "com.twilio.conversations.participant.removed": LEFT,
    "com.twilio.conversations.conversation-state.updated": STATE,
}
_RENAMED = {"MessageBody": "Body"}


def signals(told: Any) -> tuple[Signal, ...]:
    """What a verified request tells us; nothing of what does not concern us. Errors: Unverified, when it is broken."""
    if isinstance(told, Mapping) and "specversion" not in told:
        return _signals(told)
    events = told if isinstance(told, list) else [told]
    return tuple(signal for event in events for signal in _streamed(event))


def _streamed(event: Any) -> tuple[Signal, ...]:
    kind = event.get("type") if isinstance(event, Mapping) else None
    data = event.get("data") if isinstance(event, Mapping) else None
    if not isinstance(kind, str) or not isinstance(data, Mapping):
        raise Unverified
    if kind not in _STREAMED:
        return ()
    named = {_RENAMED.get(str(name), str(name)): _text(value) for name, value in data.items()}
    return _signals({**named, "EventType": _STREAMED[kind]})


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _signals(told: Mapping[str, Any]) -> tuple[Signal, ...]:
    kind = str(told.get("EventType", ""))
    if kind not in _IDENTITY:
        return ()
    texts = {str(name): _text(value) for name, value in told.items()}
    place, (first, *more) = texts.get("ConversationSid", ""), _IDENTITY[kind]
    if not place or not texts.get(first):
        raise Unverified
    written = (texts["Body"],) if texts.get("Body") else ()
    return (Signal(":".join([kind, _named(place, texts, (first, *more))]), place, texts, written),)


def _named(place: str, texts: Mapping[str, str], names: Sequence[str]) -> str:
    """Short, whatever the texts are."""
    identity = "\n".join([place, *(texts.get(name, "") for name in names)])
    return hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:32]
