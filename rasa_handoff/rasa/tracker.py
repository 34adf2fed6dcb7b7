"""A Rasa tracker, as JSON, read into our words: the gate's `Conversation` and the agent's transcript.

Accepts the `tracker` of an action call (rasa_sdk) and the answer of Rasa's `GET /conversations/{id}/tracker`.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from rasa_handoff.core.conversation import Conversation, Entity, Turn
from rasa_handoff.core.effects import Notice
from rasa_handoff.rasa.events import (
    Json,
    agent_of,
    at,
    events_of,
    failed_actions,
    intent_of,
    is_message,
    is_misread,
    listed,
    mapping,
    number,
    sent_along,
)
from rasa_handoff.rasa.transcript import history_of

__all__ = ["conversation_of", "history_of", "is_customer_turn"]

FALLBACK = "nlu_fallback"
OUR_SLOTS = frozenset({"handoff", "handoff_status", "requested_slot", "session_started_metadata"})
_BEGINNING = 80  # characters of a slot's value: enough to see that it is another one
_EVENTS_PER_MESSAGE = 40  # how far back the gate looks for one, in a long exchange with an agent

# What the providers behind Rasa's channels call a message's id, when a connector passes it on in the metadata.
_PROVIDER_IDS = (
    "message_id",
    "messageId",
    "client_msg_id",
    "ts",
    "MessageSid",
    "SmsMessageSid",
    "mid",
    "wamid",
    "event_id",
)


def conversation_of(tracker: Json, window: int = 50) -> Conversation:
    """The newest `window` customer messages and where the bot's current episode begins among them.

    Walks backwards and stops early, so that the cost does not grow with the conversation.
    """
    messages, episode, began = _messages(tracker, window)
    slots, loop = mapping(tracker.get("slots")), tracker.get("active_loop")
    return Conversation(
        id=str(tracker.get("sender_id") or ""),
        channel=str(tracker.get("latest_input_channel") or _channel(tracker, window) or ""),
        messages=messages,
        episode=episode,
        slots={name: value for name, value in slots.items() if name not in OUR_SLOTS},
        loop=(loop if isinstance(loop, str) else mapping(loop).get("name")) or None,
        requested_slot=slots.get("requested_slot"),
        began=began,
    )


def is_customer_turn(tracker: Json) -> bool:
    """The newest user event is a message of the customer, not one of ours or a reminder's."""
    newest = next((event for event in reversed(events_of(tracker)) if event.get("event") == "user"), None)
    return newest is not None and is_message(newest)


def _messages(tracker: Json, window: int) -> tuple[tuple[Turn, ...], int, datetime | None]:
    """The newest messages, oldest first; how many of them are older than the episode; when that began, if seen."""
    newest_first: list[tuple[Json, list[Json]]] = []
    loops: set[str] = set()
    since: list[Json] = []  # what happened after the user event we are walking to, newest first
    in_episode: int | None = None
    began: datetime | None = None
    for event in _backwards(tracker, window * _EVENTS_PER_MESSAGE):
        if in_episode is None and _starts_episode(event):
            in_episode, began = len(newest_first), at(event)
        if event.get("event") != "user":
            since.append(event)
            if event.get("event") == "active_loop" and isinstance(event.get("name"), str):
                loops.add(event["name"])
            continue
        if is_message(event):
            newest_first.append((event, since[::-1]))
        since = []
        if len(newest_first) == window:
            break
    episode = 0 if in_episode is None else len(newest_first) - in_episode
    return tuple(_turn(*one, tracker, loops) for one in reversed(newest_first)), episode, began


def _starts_episode(event: Json) -> bool:
    kind = event.get("event")
    return kind in ("restart", "session_started") or (kind == "user" and _is_return(event))


def _is_return(event: Json) -> bool:
    return intent_of(event) == Notice.RETURNED and not is_message(event)


def _backwards(tracker: Json, limit: int) -> Iterator[Json]:
    events = events_of(tracker)
    for place in range(len(events) - 1, max(-1, len(events) - 1 - limit), -1):
        yield events[place]


def _channel(tracker: Json, window: int) -> str | None:
    """The channel of the newest user event; Rasa's HTTP API does not always say it apart."""
    channels = (event.get("input_channel") for event in _backwards(tracker, window * _EVENTS_PER_MESSAGE))
    return next((channel for channel in channels if isinstance(channel, str)), None)


def _turn(event: Json, since: list[Json], tracker: Json, loops: Collection[str]) -> Turn:
    parsed = mapping(event.get("parse_data"))
    misread = is_misread(event)
    confidence, runner_up = (0.0, 0.0) if misread else _confidences(parsed)
    said = [e for e in since if e.get("event") == "bot" and not agent_of(e)]
    actions = (e["name"] for e in since if e.get("event") == "action" and e.get("name") not in (None, "action_listen"))
    return Turn(
        message_id=_message_id(event, tracker),
        text=str(event.get("text") or ""),
        at=at(event),
        intent=None if misread else intent_of(event),
        confidence=confidence,
        runner_up=runner_up,
        entities=tuple(_entities(parsed.get("entities"))),
        replies=tuple(str(e["text"]) for e in said if e.get("text")),
        actions=tuple(map(str, actions)),
        attachments=sent_along(event),
        responses=tuple(str(name) for e in said if (name := mapping(e.get("metadata")).get("utter_action"))),
        filled=tuple(_filled(since)),
        failed=tuple(name for name in failed_actions(since) if name not in loops),
    )


def _filled(since: list[Json]) -> Iterator[tuple[str, str]]:
    for event in since:
        name, value = event.get("name"), event.get("value")
        if event.get("event") == "slot" and isinstance(name, str) and name not in OUR_SLOTS and not _is_empty(value):
            yield name, str(value)[:_BEGINNING]


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [], {})


def _confidences(parsed: Json) -> tuple[float, float]:
    """Of the first and second real intent: the fallback classifier puts itself first, with its threshold."""
    ranking = parsed.get("intent_ranking")
    own, ranked = mapping(parsed.get("intent")), listed(ranking[:3] if isinstance(ranking, list) else None)
    fell_back = own.get("name") == FALLBACK
    real = [one for one in ranked if one.get("name") != FALLBACK] if fell_back else [own, *ranked[1:]]
    first, second, *_ = [*(number(one.get("confidence")) for one in real[:2]), 0.0, 0.0]
    return first, second


def _entities(found: Any) -> Iterator[Entity]:
    for one in listed(found):
        kind, value = one.get("entity"), one.get("value")
        if isinstance(kind, str) and isinstance(value, str | int | float):
            yield Entity(kind, str(value))


def _message_id(event: Json, tracker: Json) -> str:
    metadata = mapping(event.get("metadata"))
    found = None
    if metadata:
        given = (place.get(key) for place in (metadata, mapping(metadata.get("message"))) for key in _PROVIDER_IDS)
        found = next((str(one) for one in given if isinstance(one, str | int) and one), None)
    return found or str(event.get("message_id") or f"{tracker.get('sender_id')}:{event.get('timestamp')}")
