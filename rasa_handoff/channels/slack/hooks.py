"""What Slack tells us: verified, parsed, and as signals. Events and interactions come to one address, or one socket.

https://docs.slack.dev/authentication/verifying-requests-from-slack, https://docs.slack.dev/apis/events-api and
https://docs.slack.dev/interactivity/handling-user-interaction.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from rasa_handoff.channel import Answer, Press, Received, Request, Signal
from rasa_handoff.channels.http import Json
from rasa_handoff.channels.slack.card import ACTION
from rasa_handoff.channels.slack.text import written
from rasa_handoff.core.errors import Unverified

WINDOW = 300
"""Seconds by which a signature may be older or newer than we are."""

LARGEST = 1_000_000
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What a payload of another shape than Slack's raises."""

_DIALOGS = (Press.HAND_BACK, Press.CLOSE)
_SECRET = frozenset({"token", "trigger_id", "response_url", "response_urls"})


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody pressed a button that wants a dialog, which Slack opens for 3 seconds from then."""

    press: Press
    place: str
    user: str
    trigger: str


OpenDialog = Callable[[Asked], Callable[[], Awaitable[None]]]


@dataclass(frozen=True, slots=True)
class Hooks:
    """`channels` are ours. `dialog` gives what opens one."""

    channels: frozenset[str]
    dialog: OpenDialog

    def received(self, secret: bytes, request: Request) -> Received:
        """Errors: Unverified."""
        verify(secret, request)
        try:
            return self.taken(_parsed(request))
        except MALFORMED:
            raise Unverified from None

    def taken(self, payload: Mapping[str, Any]) -> Received:
        """A payload that is known to be Slack's."""
        match payload["type"]:
            case "url_verification":
                return Received(answer=Answer(_text(payload["challenge"]).encode()))
            case "event_callback":
                return Received(self._event(payload))
            case "block_actions":
                return self._pressed(payload)
            case "view_submission":
                return Received(self._submitted(payload))
            case _:
                return Received()

    def _event(self, payload: Mapping[str, Any]) -> tuple[Signal, ...]:
        event = payload["event"]
        if event.get("type") != "message" or event.get("channel") not in self.channels:
            return ()
        thread = thread_of(event)
        if thread is None:
            return ()
        kept = {name: value for name, value in payload.items() if name not in _SECRET}
        place = key_of(event["channel"], thread)
        return (Signal(_text(payload["event_id"]), place, kept, tuple(dict.fromkeys(written(event)))),)

    def _pressed(self, payload: Mapping[str, Any]) -> Received:
        action, container = payload["actions"][0], payload.get("container") or {}
        press = _press(action.get("action_id"))
        if press is None or container.get("channel_id") not in self.channels:
            return Received()
        place = key_of(container["channel_id"], container.get("thread_ts") or container["message_ts"])
        user = _text(payload["user"]["id"])
        if press in _DIALOGS:
            asked = Asked(press, place, user, _text(payload["trigger_id"]))
            return Received(then=self.dialog(asked))
        id = f"{place}:{user}:{action['action_id']}:{action['action_ts']}"
        told = {"type": "block_actions", "user": {"id": user}, "press": press.value, "team": payload.get("team")}
        return Received((Signal(id, place, told),))

    def _submitted(self, payload: Mapping[str, Any]) -> tuple[Signal, ...]:
        view = payload["view"]
        press = _press(view.get("callback_id"))
        if press not in _DIALOGS:
            return ()
        place = _text(json.loads(view["private_metadata"])["place"])
        if place.partition(":")[0] not in self.channels:
            return ()
        values = view["state"]["values"]
        note = values["note"]["note"].get("value") or ""
        ended = ((values.get("outcome") or {}).get("outcome") or {}).get("selected_option") or {}
        told = {"outcome": ended.get("value"), "note": _text(note), "team": payload.get("team")}
        user = {"id": _text(payload["user"]["id"])}
        kept = {"type": "view_submission", "user": user, "press": press.value, **told}
        return (Signal(f"view:{_text(view['id'])}", place, kept, (note,) if note else ()),)


def verify(secret: bytes, request: Request) -> None:
    """Errors: Unverified, whatever is wrong, after equal work."""
    told = request.headers.get("x-slack-request-timestamp", "")
    timestamp = int(told) if told.isascii() and told.isdecimal() and len(told) < 12 else 0
    signed = hmac.new(secret, b"v0:%d:" % timestamp + request.body, hashlib.sha256).hexdigest()
    given = request.headers.get("x-slack-signature", "").encode(errors="replace")
    matches = hmac.compare_digest(f"v0={signed}".encode(), given)
    fresh = abs(request.at.timestamp() - timestamp) <= WINDOW
    if not (matches and fresh and len(request.body) <= LARGEST and request.method == "POST"):
        raise Unverified


def key_of(channel: str, thread: str) -> str:
    """What a thread is called: in `Place.key`, and in signals."""
    return f"{channel}:{thread}"


def spot_of(key: str) -> tuple[str, str]:
    """The channel and the thread of a key."""
    channel, _, thread = key.partition(":")
    return channel, thread


def thread_of(event: Mapping[str, Any]) -> str | None:
    """The thread that an event is about; None when it is about none, or about the message that began it."""
    inner = event.get("message") or event.get("previous_message") or event
    thread, ts = inner.get("thread_ts"), inner.get("ts")
    return _text(thread) if thread and thread != ts else None


def _parsed(request: Request) -> Json:
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    text = parse_qs(request.body.decode(), strict_parsing=True)["payload"][0] if form else request.body.decode()
    payload = json.loads(text)
    if not isinstance(payload, dict):
        raise ValueError("no object")
    return payload


def _press(id: object) -> Press | None:
    name = str(id).removeprefix(ACTION) if str(id).startswith(ACTION) else ""
    return Press(name) if name in set(Press) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value
