"""Acme, the team chat that the guide makes a channel for: its file is taken from the guide as it stands there."""

import hashlib
import hmac
import json
import re
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from rasa_handoff.channel import Person, Press
from tests.channels.vendor import ANNA, Call, FakeVendor, Hook, Reply

GUIDE = Path(__file__).parents[2] / "docs/how-to/add-a-channel.md"


def _module() -> ModuleType:
    blocks = re.findall(r'```python title="acme_handoff.py"\n(.*?)```', GUIDE.read_text(encoding="utf-8"), flags=re.S)
    module = ModuleType("acme_handoff")
    sys.modules[module.__name__] = module
    exec(compile(blocks[0], str(GUIDE), "exec"), module.__dict__)
    return module


class GuideWorld(FakeVendor):
    kind = _module().KIND

    def __init__(self) -> None:
        super().__init__()
        self.threads: dict[str, dict[str, Any]] = {}
        self.done: dict[str, Any] = {}

    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "room": "support"}

    def secrets(self) -> dict[str, str]:
        return {"token": "t0ken", "signing_secret": "s3cret"}

    def conversation_id(self, number: int) -> str:
        return f"customer-{number}"

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization") != "Bearer t0ken":
            return Reply({"error": "unauthorized"}, 401)
        key = call.headers.get("idempotency-key")
        if key in self.done:
            return Reply(self.done[key])
        answer = self._do(call.method, call.path.strip("/").split("/"), call.json)
        if key is not None:
            self.done[key] = answer
        return Reply(answer)

    def _do(self, method: str, path: list[str], body: dict[str, Any]) -> dict[str, Any]:
        match method, path:
            case "POST", ["threads"]:
                id = f"T{len(self.threads) + 1}"
                self.threads[id] = {"card": body, "messages": [], "whispers": []}
                return {"id": id}
            case "PUT", ["threads", id]:
                self.threads[id]["card"] |= body
            case "POST", ["threads", id, kind]:
                self.threads[id][kind].append(body)
        return {}

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        self._hook({"type": "message", "message": uuid4().hex, "text": text}, key, person)

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        self._hook({"type": "button", "button": press.value}, key, person)

    def shown(self, key: str) -> list[str]:
        with self.lock:
            return [one["text"] for one in self.threads[key]["messages"]]

    def context(self, key: str) -> str:
        with self.lock:
            return json.dumps(self.threads[key]["card"])

    def told(self, key: str) -> list[str]:
        with self.lock:
            return [one["text"] for one in self.threads[key]["whispers"]]

    def is_released(self, key: str) -> bool:
        with self.lock:
            return bool(self.threads[key]["card"].get("archived"))

    def _hook(self, event: dict[str, Any], key: str, person: Person) -> None:
        user = {"id": person.id, "name": person.name, "email": person.email}
        body, at = json.dumps({"id": uuid4().hex, "thread": key, "user": user, **event}).encode(), str(int(time.time()))
        signature = hmac.new(b"s3cret", at.encode() + b"." + body, hashlib.sha256).hexdigest()
        self.hooks.append(Hook(body, {"acme-timestamp": at, "acme-signature": signature}))
