"""Somebody's server that speaks the webhook channel's language."""

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from standardwebhooks import Webhook

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.webhook import KIND
from tests.channels.vendor import ANNA, Call, FakeVendor, Hook, Reply

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class WebhookWorld(FakeVendor):
    kind = KIND

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []
        self.ids: set[str] = set()

    def settings(self) -> dict[str, Any]:
        return {"url": f"{self.url}/desk"}

    def secrets(self) -> dict[str, str]:
        return {"key": SECRET}

    def answer(self, call: Call) -> Reply:
        if call.method == "OPTIONS":
            return Reply(status=204)
        Webhook(SECRET).verify(call.body, dict(call.headers))
        event = call.json
        if call.headers["webhook-id"] not in self.ids:  # as receivers are told to
            self.ids.add(call.headers["webhook-id"])
            self.events.append(event)
        return Reply({"place": f"ticket-{event['place']}"} if event["type"] == "handoff.take_over" else {})

    def conversation_id(self, number: int) -> str:
        return f"customer-{number}"

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        self._hook({"type": "agent.message", "place": key, "message": {"id": uuid4().hex, "text": text}}, person)

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        match press:
            case Press.ACCEPT:
                self._hook({"type": "agent.accepted", "place": key}, person)
            case Press.CLOSE | Press.HAND_BACK:
                outcome = "resolved" if press is Press.CLOSE else "returned_to_bot"
                self._hook({"type": "handoff.closed", "place": key, "outcome": outcome}, person)
            case _:
                raise NotImplementedError(press)

    def shown(self, key: str) -> list[str]:
        return [one["data"]["text"] for one in self._at(key, "handoff.message")]

    def context(self, key: str) -> str:
        first = key.removeprefix("ticket-")
        return json.dumps([*self._at(first, "handoff.take_over"), *self._at(key, "handoff.context")][-1])

    def told(self, key: str) -> list[str]:
        return [one["data"]["text"] for one in self._at(key, "handoff.told")]

    def is_released(self, key: str) -> bool:
        return bool(self._at(key, "handoff.released"))

    def _at(self, key: str, type: str) -> list[dict[str, Any]]:
        with self.lock:
            return [one for one in self.events if one["place"] == key and one["type"] == type]

    def _hook(self, event: dict[str, Any], person: Person) -> None:
        agent = {"id": person.id, "name": person.name, "email": person.email}
        body, id = json.dumps({**event, "agent": agent}).encode(), uuid4().hex
        now = int(time.time())
        signature = Webhook(SECRET).sign(id, datetime.fromtimestamp(now, UTC), body.decode())
        headers = {"webhook-id": id, "webhook-timestamp": str(now), "webhook-signature": signature}
        self.hooks.append(Hook(body, {**headers, "content-type": "application/json"}))
