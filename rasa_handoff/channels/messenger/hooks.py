"""Webhooks of the Messenger Platform: whether they are Meta's, and which events are in them.

Meta signs with the app's secret and no time, so that a repeated webhook is known by its events' ids alone.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from rasa_handoff.channel import Answer, Received, Request, Signal
from rasa_handoff.core.errors import Unverified

Json = dict[str, Any]

_LARGEST = 1_000_000  # bytes
OURS, STANDBY = "messaging", "standby"
"""Events of conversations that are ours to answer, and of those that another app answers."""


def signature(secret: str, body: bytes) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def challenged(request: Request, verify_token: str) -> Received:
    """The answer to Meta's question whether this is our webhook. Errors: Unverified."""
    given = request.query.get("hub.verify_token", "").encode(errors="replace")
    is_right = hmac.compare_digest(verify_token.encode(), given) and bool(verify_token)
    if not is_right or request.query.get("hub.mode") != "subscribe" or request.path:
        raise Unverified
    return Received(answer=Answer(request.query.get("hub.challenge", "").encode(errors="replace")))


def received(request: Request, secret: str, page: str) -> Received:
    """What happened on our page. Errors: Unverified."""
    given = request.headers.get("x-hub-signature-256", "").encode(errors="replace")
    is_theirs = hmac.compare_digest(signature(secret, request.body).encode(), given) and bool(secret)
    if not is_theirs or request.method != "POST" or request.path or len(request.body) > _LARGEST:
        raise Unverified
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unverified from None
    if not isinstance(told, dict) or not isinstance(told.get("entry"), list):
        raise Unverified
    return Received(tuple(_signals(told, page)) if told.get("object") == "page" else ())


def _signals(told: Json, page: str) -> Iterator[Signal]:
    for entry in told["entry"]:
        if isinstance(entry, dict) and str(entry.get("id")) == page:
            for channel in (OURS, STANDBY):
                events = entry.get(channel)
                for event in events if isinstance(events, list) else ():
                    if isinstance(event, dict) and (customer := _customer(event, page)):
                        payload = {"channel": channel, "page": page, "time": entry.get("time"), "event": event}
                        yield Signal(_id(channel, event), customer, payload, tuple(_written(event)))


def _customer(event: Json, page: str) -> str | None:
    """Who the event is about; what is about the page as a whole has the page's own id for it."""
    ids = [id for id in (_told_id(event.get("sender")), _told_id(event.get("recipient"))) if id]
    return next((id for id in ids if id != page), page if ids else None)


def _told_id(value: object) -> str | None:
    id = value.get("id") if isinstance(value, dict) else None
    return str(id)[:100] if isinstance(id, str | int) else None


def _id(channel: str, event: Json) -> str:
    """A message's own id; of everything else the digest of what was told, which is the same when told again."""
    message = event.get("message")
    if isinstance(message, dict) and isinstance(message.get("mid"), str) and message["mid"]:
        return f"{channel}:{message['mid'][:400]}"
    return f"{channel}:{hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()}"


def _written(event: Json) -> Iterator[str]:
    for part, key in (("message", "text"), ("postback", "title"), ("message_edit", "text")):
        found = event.get(part)
        if isinstance(found, Mapping) and isinstance(found.get(key), str):
            yield found[key]
