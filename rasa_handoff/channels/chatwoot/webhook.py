"""Chatwoot's webhooks: proven to be its own, and what of them concerns us.

Since 4.11.2 each webhook has a secret: `X-Chatwoot-Signature` is `sha256=` and the hex of HMAC-SHA256 over
`{X-Chatwoot-Timestamp}.{body}`. Older ones prove nothing, so the address itself holds a secret.
`X-Chatwoot-Delivery` is not signed: a message's number, or the body's digest, is the id instead.
"""

import hashlib
import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from rasa_handoff.channel import Received, Request, Signal
from rasa_handoff.channels.chatwoot.reading import key_of, may_be_said
from rasa_handoff.core.errors import Unverified

Json = dict[str, Any]

WINDOW = 300
LARGEST = 1_048_576
EVENTS = ("message_created", "message_updated", "conversation_status_changed", "conversation_updated")
"""What the webhook must be subscribed to."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a webhook must show: each secret that is there."""

    signing: str = ""
    path: str = ""

    def shown_by(self, request: Request) -> bool:
        """Whether it is Chatwoot's, and of now; found out with equal work, whatever is wrong."""
        told = request.headers.get("x-chatwoot-timestamp", "")
        timestamp = int(told) if told.isascii() and told.isdecimal() and len(told) < 12 else 0
        signed = f"{timestamp}.".encode() + request.body[:LARGEST]
        expected = "sha256=" + hmac.new(self.signing.encode(), signed, hashlib.sha256).hexdigest()
        given = request.headers.get("x-chatwoot-signature", "")
        signature = hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
        path = hmac.compare_digest(f"/{self.path}".encode(), request.path.encode(errors="replace"))
        fresh = abs(request.at.timestamp() - timestamp) <= WINDOW
        is_right = ((signature and fresh) or not self.signing) and (path or not self.path)
        return is_right and len(request.body) <= LARGEST and request.method == "POST"


def received(request: Request, proof: Proof, account: int, inboxes: Collection[int]) -> Received:
    """Errors: Unverified."""
    is_right = proof.shown_by(request)
    payload = _read(request.body) if is_right else None
    if payload is None:
        raise Unverified
    number, inbox, of = _where(payload)
    if payload.get("event") not in EVENTS or number is None or inbox not in inboxes or of not in (None, account):
        return Received()
    if "message" in payload["event"] and not may_be_said(payload):
        return Received()
    return Received((Signal(_id(payload, request.body), key_of(account, number), payload, tuple(_written(payload))),))


def _read(body: bytes) -> Json | None:
    try:
        payload = json.loads(body)
        json.dumps(payload, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _where(payload: Json) -> tuple[int | None, Any, Any]:
    """The numbers of the conversation, the inbox and the account; an event of a conversation does not name the last."""
    of_message = isinstance(payload.get("conversation"), dict)
    conversation = payload["conversation"] if of_message else payload
    number = conversation.get("id")
    inbox = _number_in(payload.get("inbox")) or conversation.get("inbox_id")
    is_number = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return (number if is_number else None), inbox, _number_in(payload.get("account"))


def _number_in(value: Any) -> Any:
    return value.get("id") if isinstance(value, dict) else None


def _id(payload: Json, body: bytes) -> str:
    if payload["event"] == "message_created" and isinstance(payload.get("id"), int):
        return f"message_created:{payload['id']}"
    return f"{payload['event']}:{hashlib.sha256(body).hexdigest()}"


def _written(payload: Json) -> list[str]:
    """Every text in it that people wrote."""
    inside = payload.get("conversation") if isinstance(payload.get("conversation"), dict) else payload
    pushed = inside.get("messages") if isinstance(inside, dict) else None
    messages = [payload, *(one for one in (pushed if isinstance(pushed, list) else ()) if isinstance(one, dict))]
    texts = [message.get(name) for message in messages for name in ("content", "processed_message_content")]
    return list(dict.fromkeys(text for text in texts if isinstance(text, str) and text))
