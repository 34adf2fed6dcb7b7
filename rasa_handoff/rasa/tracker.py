"""A Rasa tracker, as JSON, read into our words: the gate's `Conversation` and the agent's transcript.

Accepts the `tracker` of an action call (rasa_sdk) and the answer of Rasa's `GET /conversations/{id}/tracker`.
The events' shapes are those of Rasa 3.6's `rasa.shared.core.events`.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from rasa_handoff.core.conversation import Attachment, Author, Conversation, Entity, Line, Turn

Json = Mapping[str, Any]

RETURNED = "EXTERNAL_handoff_returned"
FALLBACK = "nlu_fallback"
OUR_SLOTS = frozenset({"handoff", "handoff_status", "requested_slot", "session_started_metadata"})
_EVENTS_PER_MESSAGE = 40  # how far back the gate looks for one, in a long exchange with an agent
_START = datetime.fromtimestamp(0, UTC)

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
_ATTACHMENT_KINDS = ("image", "file", "audio", "video", "attachment")
_URL_KEYS = ("url", "src", "href", "link", "image_url", "image", "url_private")


def conversation_of(tracker: Json, window: int = 50) -> Conversation:
    """The newest `window` customer messages and where the bot's current episode begins among them.

    Walks backwards and stops early, so that the cost does not grow with the conversation.
    """
    messages: list[Turn] = []
    since: list[Json] = []
    boundary: int | None = None  # how many messages came after the newest start of an episode
    for event in _backwards(tracker, window * _EVENTS_PER_MESSAGE):
        kind = event.get("event")
        if kind != "user":
            if kind in ("restart", "session_started") and boundary is None:
                boundary = len(messages)
            since.append(event)
            continue
        if _intent(event) == RETURNED and boundary is None:
            boundary = len(messages)
        if _is_message(event):
            messages.append(_turn(event, since[::-1], tracker))
        since = []
        if len(messages) == window:
            break
    messages.reverse()
    loop = tracker.get("active_loop")
    return Conversation(
        id=str(tracker.get("sender_id") or ""),
        channel=str(tracker.get("latest_input_channel") or _channel(tracker, window) or ""),
        messages=tuple(messages),
        episode=len(messages) - boundary if boundary is not None else 0,
        slots={name: value for name, value in _mapping(tracker.get("slots")).items() if name not in OUR_SLOTS},
        loop=(loop.get("name") if isinstance(loop, Mapping) else loop) or None,
        requested_slot=_mapping(tracker.get("slots")).get("requested_slot"),
    )


def is_customer_turn(tracker: Json) -> bool:
    """The newest user event is a message of the customer, not one of ours or a reminder's."""
    newest = next((event for event in reversed(_events(tracker)) if event.get("event") == "user"), None)
    return newest is not None and _is_message(newest)


def history_of(tracker: Json) -> tuple[Line, ...]:
    """The whole conversation as people read it, oldest first; of a button that was pressed, its title."""
    lines: list[Line] = []
    titles: dict[str, str] = {}
    for event in _events(tracker):
        kind = event.get("event")
        if kind == "bot":
            titles |= _titles(event)
            line = _bot_line(event)
        elif kind == "agent":
            line = Line(Author.AGENT, str(event.get("text") or ""), _at(event))
        elif kind == "user" and _is_message(event):
            text = str(event.get("text") or "")
            line = Line(Author.CUSTOMER, titles.get(text, text), _at(event), attachments=_sent_along(event))
        else:
            continue
        if line.text or line.attachments:
            lines.append(line)
    return tuple(lines)


def _events(tracker: Json) -> list[Json]:
    events = tracker.get("events")
    return events if isinstance(events, list) else []


def _backwards(tracker: Json, limit: int) -> Iterator[Json]:
    events = _events(tracker)
    for at in range(len(events) - 1, max(-1, len(events) - 1 - limit), -1):
        yield events[at]


def _channel(tracker: Json, window: int) -> str | None:
    channels = (event.get("input_channel") for event in _backwards(tracker, window * _EVENTS_PER_MESSAGE))
    return next((channel for channel in channels if isinstance(channel, str)), None)


def _mapping(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[Json]:
    return [_mapping(one) for one in value] if isinstance(value, list) else []


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if math.isfinite(number) else 0.0


def _at(event: Json) -> datetime:
    try:
        return datetime.fromtimestamp(_number(event.get("timestamp")), UTC)
    except (OverflowError, OSError, ValueError):
        return _START


# ---- the customer's messages


def _intent(event: Json) -> str | None:
    name = _mapping(_mapping(event.get("parse_data")).get("intent")).get("name")
    return name if isinstance(name, str) else None


def _is_message(event: Json) -> bool:
    intent = _intent(event) or ""
    if (
        intent.startswith("EXTERNAL_")
        or intent == "session_start"
        or _mapping(event.get("metadata")).get("is_external")
    ):
        return False
    return bool(str(event.get("text") or "").strip() or _sent_along(event))


def _turn(event: Json, since: list[Json], tracker: Json) -> Turn:
    parsed = _mapping(event.get("parse_data"))
    confidence, runner_up = _confidences(parsed)
    return Turn(
        message_id=_message_id(event, tracker),
        text=str(event.get("text") or ""),
        at=_at(event),
        intent=_intent(event),
        confidence=confidence,
        runner_up=runner_up,
        entities=tuple(_entities(parsed.get("entities"))),
        replies=tuple(str(e["text"]) for e in since if e.get("event") == "bot" and e.get("text") and not _agent(e)),
        actions=tuple(
            str(e["name"]) for e in since if e.get("event") == "action" and e.get("name") not in (None, "action_listen")
        ),
        attachments=_sent_along(event),
    )


def _confidences(parsed: Json) -> tuple[float, float]:
    """Of the first and second real intent: the fallback classifier puts itself first, with its threshold."""
    ranked = _listed(parsed.get("intent_ranking"))
    own = _mapping(parsed.get("intent"))
    real = [one for one in ranked if one.get("name") != FALLBACK] if own.get("name") == FALLBACK else [own, *ranked[1:]]
    numbers = [_number(one.get("confidence")) for one in real[:2]]
    first, second, *_ = [*numbers, 0.0, 0.0]
    return first, second


def _entities(found: Any) -> Iterator[Entity]:
    for one in _listed(found):
        kind, value = one.get("entity"), one.get("value")
        if isinstance(kind, str) and isinstance(value, str | int | float):
            yield Entity(kind, str(value))


def _message_id(event: Json, tracker: Json) -> str:
    metadata = _mapping(event.get("metadata"))
    nested = _mapping(metadata.get("message"))
    given = (place.get(key) for place in (metadata, nested) for key in _PROVIDER_IDS)
    found = next((str(one) for one in given if isinstance(one, str | int) and one), None)
    return found or str(event.get("message_id") or f"{tracker.get('sender_id')}:{event.get('timestamp')}")


def _sent_along(event: Json) -> tuple[Attachment, ...]:
    metadata = _mapping(event.get("metadata"))
    listed = metadata.get("attachments")
    found = [_attachment(one, "file") for one in listed] if isinstance(listed, list) else []
    found += [_attachment(metadata.get(kind), kind) for kind in _ATTACHMENT_KINDS]
    return tuple(dict.fromkeys(one for one in found if one))


def _attachment(value: Any, kind: str) -> Attachment | None:
    if isinstance(value, str) and value:
        return Attachment(value, "file" if kind == "attachment" else kind)
    given = _mapping(value)
    places: Iterable[Json] = (given, _mapping(given.get("payload")))
    url = next((place[key] for place in places for key in _URL_KEYS if isinstance(place.get(key), str)), None)
    return Attachment(url, str(given.get("kind") or given.get("type") or kind)) if url else None


# ---- what was said to the customer


def _agent(event: Json) -> Json:
    """Who of us humans said this bot event; empty when it was the bot."""
    handoff = _mapping(_mapping(event.get("metadata")).get("handoff"))
    return handoff if handoff.get("author") == Author.AGENT else {}


def _bot_line(event: Json) -> Line:
    agent, data = _agent(event), _mapping(event.get("data"))
    parts = [str(event.get("text") or ""), _custom(data.get("custom")), _options(data)]
    found = [_attachment(data.get("image"), "image")]
    if data.get("attachment") != data.get("image"):  # Rasa copies an image into both
        found.append(_attachment(data.get("attachment"), "file"))
    return Line(
        author=Author.AGENT if agent else Author.BOT,
        text="\n".join(part for part in parts if part),
        at=_at(event),
        name=str(agent["name"]) if agent.get("name") else None,
        attachments=tuple(one for one in found if one),
    )


def _choices(data: Json) -> Iterator[Json]:
    for group in ("buttons", "quick_replies", "elements"):
        for one in _listed(data.get(group)):
            yield one
            yield from _listed(one.get("buttons"))


def _options(data: Json) -> str:
    titles = [str(one["title"]) for one in _choices(data) if one.get("title")]
    return f"[{'] ['.join(titles)}]" if titles else ""


def _titles(event: Json) -> dict[str, str]:
    choices = _choices(_mapping(event.get("data")))
    return {str(one["payload"]): str(one["title"]) for one in choices if one.get("payload") and one.get("title")}


def _custom(payload: Any) -> str:
    """A channel's own payload: its text where it has one, else its beginning as JSON."""
    if not payload:
        return ""
    told = _mapping(payload).get("text")
    return told if isinstance(told, str) else json.dumps(payload, ensure_ascii=False, default=str)[:300]
