"""Single events of a Rasa tracker, as JSON: what they say, whoever wrote them. Shapes: Rasa 3.6's `shared.core.events`.

Nothing here raises for an event of another shape: connectors and custom actions put in what they like.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.progress import is_work

Json = Mapping[str, Any]

_NOTHING: Json = {}
_OUR_INTENTS = ("EXTERNAL_handoff_", "handoff_yes", "handoff_no", "handoff_callback", "handoff_email", "handoff_stay",
                "handoff_choose")  # fmt: skip
_START = datetime.fromtimestamp(0, UTC)
_ATTACHMENT_KINDS = ("image", "file", "audio", "video", "attachment")
_URL_KEYS = ("url", "src", "href", "link", "image_url", "image", "url_private")


def mapping(value: Any) -> Json:
    """The value when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def listed(value: Any) -> list[Json]:
    """The value's objects when it is a JSON array, else none."""
    return [mapping(one) for one in value] if isinstance(value, list) else []


def number(value: Any) -> float:
    """The value as a finite number, else 0."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return 0.0
    return found if math.isfinite(found) else 0.0


def events_of(tracker: Json) -> list[Json]:
    """All events, oldest first; none when the tracker came without them."""
    events = tracker.get("events")
    return events if isinstance(events, list) else []


def at(event: Json) -> datetime:
    """When it happened, aware, in UTC."""
    try:
        return datetime.fromtimestamp(number(event.get("timestamp")), UTC)
    except (OverflowError, OSError, ValueError):
        return _START


def intent_of(event: Json) -> str | None:
    """The intent's name in a user event."""
    name = mapping(mapping(event.get("parse_data")).get("intent")).get("name")
    return name if isinstance(name, str) else None


def is_misread(event: Json) -> bool:
    """Words that Rasa's NLU took for one of our intents, which only buttons ("/handoff_yes") and systems send."""
    name, text = intent_of(event) or "", str(event.get("text") or "")
    return name.startswith(_OUR_INTENTS) and is_message(event) and not text.startswith("/")


def is_message(event: Json) -> bool:
    """A user event that a customer sent: with words or attachments, not triggered by a system.

    Rasa marks what was triggered; an intent's name proves nothing, because a customer can type "/EXTERNAL_...".
    """
    if mapping(event.get("metadata")).get("is_external") or intent_of(event) == "session_start":
        return False
    return bool(str(event.get("text") or "").strip() or sent_along(event))


def agent_of(event: Json) -> Json:
    """Who of our agents said this bot event; empty when it was the bot."""
    handoff = mapping(mapping(event.get("metadata")).get("handoff"))
    return handoff if handoff.get("author") == Author.AGENT else {}


def failed_actions(turn: list[Json]) -> Iterator[str]:
    """The actions of a turn (the events after its user event, oldest first) that Rasa could not run.

    Rasa records that an action refused to run. What an action raised it only logs: the action stands there with nothing
    of its own after it. Where the bot then said nothing at all, that is taken for a failure. A form refuses to run when
    the customer says something else than it asked for, which is none; whoever knows the forms' names leaves them out.
    """
    silent = not any(event.get("event") == "bot" for event in turn)
    for event, after in pairwise(turn):
        kind, name = event.get("event"), event.get("name")
        if not isinstance(name, str) or not is_work(name):
            continue
        left_nothing = kind == "action" and silent and after.get("event") == "action"
        if left_nothing or kind == "action_execution_rejected":
            yield name


def sent_along(event: Json) -> tuple[Attachment, ...]:
    """A customer's attachments, from the message's metadata."""
    metadata = mapping(event.get("metadata"))
    if not metadata:
        return ()
    several = metadata.get("attachments")
    found = [attachment(one, "file") for one in several] if isinstance(several, list) else []
    found += [attachment(metadata.get(kind), kind) for kind in _ATTACHMENT_KINDS]
    return tuple(dict.fromkeys(one for one in found if one))


def attachment(value: Any, kind: str) -> Attachment | None:
    """An address, or an object that has one; None when there is none."""
    if isinstance(value, str) and value:
        return Attachment(value, "file" if kind == "attachment" else kind)
    given = mapping(value)
    places = (given, mapping(given.get("payload")))
    url = next((place[key] for place in places for key in _URL_KEYS if isinstance(place.get(key), str)), None)
    return Attachment(url, str(given.get("kind") or given.get("type") or kind)) if url else None
