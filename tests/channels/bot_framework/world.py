"""A hub that speaks the Bot Framework's handoff events, as Microsoft's page describes them."""

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jsonschema
from standardwebhooks import Webhook

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.bot_framework import KIND
from tests.channels.vendor import ANNA, Call, FakeVendor, Hook, Reply

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
TOKEN = "the hub's own"

Json = dict[str, Any]

ACCOUNT = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "role": {"enum": ["user", "bot"]}},
}
FILE = {
    "type": "object",
    "required": ["contentType"],
    "properties": {"contentType": {"type": "string"}, "contentUrl": {"type": "string", "pattern": "^https?://"}},
}
ACTIVITY = {
    "type": "object",
    "required": ["type", "id", "channelId", "conversation"],
    "properties": {
        "type": {"enum": ["event", "message", "typing", "endOfConversation"]},
        "id": {"type": "string", "minLength": 1},
        "channelId": {"type": "string"},
        "conversation": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        "from": ACCOUNT,
        "name": {"type": "string"},
        "text": {"type": "string"},
        "textFormat": {"enum": ["plain", "markdown", "xml"]},
        "locale": {"type": "string"},
        "serviceUrl": {"type": "string"},
        "value": {"type": "object"},
        "code": {
            "enum": [
                "unknown",
                "completedSuccessfully",
                "userCancelled",
                "botTimedOut",
                "botIssuedInvalidMessage",
                "channelFailed",
            ]
        },
        "attachments": {"type": "array", "items": FILE},
    },
    "additionalProperties": False,
    "allOf": [
        {
            "if": {"properties": {"type": {"const": "event"}}},
            "then": {"required": ["name", "value", "from"]},
        },
        {
            "if": {"properties": {"type": {"const": "message"}}},
            "then": {"required": ["text", "from"]},
        },
    ],
}
"""Of the Activity schema, what we send. Microsoft has it as prose: botframework-sdk, specs/botframework-activity."""

TRANSCRIPT = {
    "type": "object",
    "required": ["activities"],
    "properties": {
        "activities": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "timestamp", "from", "text"],
                "properties": {"from": ACCOUNT, "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT.*Z$"}},
            },
        }
    },
}


_ACTIVITY, _TRANSCRIPT = (jsonschema.Draft202012Validator(schema) for schema in (ACTIVITY, TRANSCRIPT))


class BotFrameworkWorld(FakeVendor):
    kind = KIND

    def __init__(self) -> None:
        super().__init__()
        self.activities: list[Json] = []
        self.ids: set[str] = set()

    def settings(self) -> dict[str, Any]:
        return {"url": f"{self.url}/v3/conversations/{{conversation}}/activities"}

    def secrets(self) -> dict[str, str]:
        return {"key": SECRET, "token": TOKEN}

    def answer(self, call: Call) -> Reply:
        if call.method == "OPTIONS":
            return Reply(status=204)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply({"error": {"code": "Unauthorized", "message": "who are you?"}}, 401)
        Webhook(SECRET).verify(call.body, dict(call.headers))
        activity = call.json
        try:
            _ACTIVITY.validate(activity)
            assert call.path == f"/v3/conversations/{activity['conversation']['id']}/activities"
            assert call.headers["webhook-id"] == activity["id"]
            if activity.get("name") == "handoff.initiate":
                (transcript,) = activity["attachments"]
                assert (transcript["name"], transcript["contentType"]) == ("Transcript", "application/json")
                _TRANSCRIPT.validate(transcript["content"])
        except (AssertionError, jsonschema.ValidationError) as error:
            return Reply({"error": {"code": "BadSyntax", "message": str(error)}}, 400)
        if activity["id"] not in self.ids:  # as receivers are told to
            self.ids.add(activity["id"])
            self.activities.append(activity)
        return Reply({"id": activity["id"]})

    def conversation_id(self, number: int) -> str:
        return f"customer-{number}"

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        self.send({"type": "message", "id": uuid4().hex, "text": text}, key, person)

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        match press:
            case Press.ACCEPT:
                self.status(key, {"state": "accepted"}, person)
            case Press.CLOSE:
                self.status(key, {"state": "completed"}, person)
            case Press.HAND_BACK:
                self.status(key, {"state": "completed", "outcome": "returned_to_bot"}, person)
            case _:
                raise NotImplementedError(press)

    def status(self, key: str, value: Json, person: Person = ANNA) -> None:
        self.send({"type": "event", "name": "handoff.status", "id": uuid4().hex, "value": value}, key, person)

    def send(self, activity: Json, key: str, person: Person = ANNA) -> None:
        told = {**activity, "channelId": "hub", "conversation": {"id": key}}
        self.hooks.append(signed_hook({**told, "from": {"id": person.id, "name": person.name, "role": "bot"}}))

    def shown(self, key: str) -> list[str]:
        return [one["text"] for one in self.at(key) if one["type"] == "message"]

    def context(self, key: str) -> str:
        told = [one for one in self.at(key) if one.get("name") in ("handoff.initiate", "handoff.context")]
        return json.dumps([told[0].get("attachments"), told[-1]["value"]], ensure_ascii=False)

    def told(self, key: str) -> list[str]:
        return [one["value"]["text"] for one in self.at(key) if one.get("name") == "handoff.notice"]

    def is_released(self, key: str) -> bool:
        return any(one["type"] == "endOfConversation" for one in self.at(key))

    def at(self, key: str) -> list[Json]:
        with self.lock:
            return [one for one in self.activities if one["conversation"]["id"] == key]


def signed_hook(activity: Any, at: int | None = None, key: str = SECRET) -> Hook:
    body, id, now = json.dumps(activity).encode(), uuid4().hex, at or int(time.time())
    signature = Webhook(key).sign(id, datetime.fromtimestamp(now, UTC), body.decode())
    headers = {"webhook-id": id, "webhook-timestamp": str(now), "webhook-signature": signature}
    return Hook(body, {**headers, "content-type": "application/json"})
