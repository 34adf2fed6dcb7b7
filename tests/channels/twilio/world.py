"""Twilio with Flex, on loopback, as the suite wants it.

What agents do there happens through the Flex UI and so makes webhooks; what we do does not.
"""

import base64
import hashlib
import hmac
import json
import re
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.twilio import KIND
from tests.channels.twilio.service import (
    ACCOUNT,
    OURS,
    SERVICE,
    TOKEN,
    WORKFLOW,
    WORKSPACE,
    Conversation,
    TwilioService,
    now,
    sid_of,
)
from tests.channels.vendor import ANNA, FakeVendor, Hook

Json = dict[str, Any]


class TwilioWorld(TwilioService):
    kind = KIND

    def settings(self) -> dict[str, Any]:
        sids = {"account": ACCOUNT, "service": SERVICE, "workspace": WORKSPACE, "workflow": WORKFLOW}
        return {**sids, "api": f"{self.url}/{{product}}"}

    def secrets(self) -> dict[str, str]:
        return {"auth_token": TOKEN}

    def conversation_id(self, number: int) -> str:
        return f"customer-{number}"

    # What agents do, in the Flex UI.

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        with self.lock:
            here = self._joined(key, person)
            message = self.message(self.conversations[key], here["identity"], text, "{}")
            self.hook(key, "onMessageAdded", _told(message, "SDK"))

    def agent_sends(self, key: str, name: str, kind: str, content: bytes, person: Person = ANNA) -> str:
        """A file; its SID."""
        with self.lock:
            here, sid = self._joined(key, person), sid_of("ME")
            self.files[sid] = (name, kind, content)
            media = {"sid": sid, "filename": name, "content_type": kind, "size": len(content)}
            message = self.message(self.conversations[key], here["identity"], None, "{}", [media])
            self.hook(key, "onMessageAdded", _told(message, "SDK"))
            return sid

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        with self.lock:
            match press:
                case Press.ACCEPT:
                    here = self._joined(key, person)
                    names = ("ParticipantSid", "Identity", "RoleSid", "Attributes", "DateCreated")
                    told = (here["sid"], here["identity"], here["role_sid"], "{}", now())
                    self.hook(key, "onParticipantAdded", dict(zip(names, told, strict=True)))
                case Press.CLOSE:
                    self.completes(key)
                case Press.HAND_BACK:
                    self.agent_says(key, "/bot", person)
                case _:
                    raise NotImplementedError(press)

    def completes(self, key: str) -> None:
        """The task is completed in Flex: its Interaction and the conversation are closed."""
        with self.lock:
            self.close_interaction(self.interaction(key))
            before, self.conversations[key].state = self.conversations[key].state, "closed"
            told = {"StateFrom": before, "StateTo": "closed", "StateUpdated": now(), "Reason": "API"}
            self.hook(key, "onConversationStateUpdated", told)

    def hook(self, key: str, kind: str, told: Json) -> None:
        """A webhook, for each that was asked for."""
        common = {"EventType": kind, "AccountSid": ACCOUNT, "ChatServiceSid": SERVICE, "ConversationSid": key}
        for webhook in self.conversations[key].webhooks:
            configuration = webhook["configuration"]
            if kind in configuration["filters"]:
                assert configuration["url"] == self.hook_url
                self.hooks.append(signed_hook({**common, "RetryCount": "0", "WebhookSid": webhook["sid"], **told}))

    # What the suite sees.

    def shown(self, key: str) -> list[str]:
        with self.lock:
            texts: dict[str, list[str]] = {}
            for one in self.conversations[key].messages:
                id, _, number = str(json.loads(one["attributes"]).get(OURS, "")).rpartition(":")
                if id and number.isdigit():
                    texts.setdefault(id, []).append(one["body"])
            return [" ".join(pieces) for pieces in texts.values()]

    def context(self, key: str) -> str:
        with self.lock:
            said = [one for one in self.conversations[key].messages if self._ours(one)[:7] in ("context", "transcr")]
            tasks = [one["attributes"] for one in self.tasks.values() if key in one["attributes"]]
            return "\n".join([*(one["body"] for one in said), *tasks])

    def told(self, key: str) -> list[str]:
        with self.lock:
            return [one["body"] for one in self.conversations[key].messages if self._ours(one) == "told"]

    def is_released(self, key: str) -> bool:
        with self.lock:
            interaction = self.interaction(key)
            done = self.tasks[interaction["task"]]["assignment_status"] == "completed"
            return self.conversations[key].state == "closed" and interaction["status"] == "closed" and done

    def running(self, key: str) -> list[Json]:
        return [one for one in self.interactions if one["conversation"] == key]

    def _joined(self, key: str, person: Person) -> Json:
        """The agent's participant: Flex adds it when they accept."""
        identity = flex_identity(person)
        self.users.setdefault(identity, person.name)
        if key not in self.conversations:  # one that we have not made, with a webhook of ours
            configuration = {"url": self.hook_url, "method": "post", "filters": ["onMessageAdded"]}
            webhook = {"sid": sid_of("WH"), "configuration": configuration}
            self.conversations[key] = Conversation(key, key, "", "{}", webhooks=[webhook])
        there = self.conversations[key].people
        found = next((one for one in there if one["identity"] == identity), None)
        return found or self.participant(self.conversations[key], identity)

    def _ours(self, message: Json) -> str:
        return str(json.loads(message["attributes"]).get(OURS, ""))


def flex_identity(person: Person) -> str:
    """As Flex makes it of what agents sign in with."""
    return re.sub(r"[^A-Za-z0-9]", lambda found: f"_{ord(found[0]):02X}", person.email or person.id)


def signed_hook(told: Json, path: str = "", url: str = FakeVendor.hook_url) -> Hook:
    """A form, signed as Twilio signs: the address and the sorted parameters."""
    text = url + path + "".join(name + told[name] for name in sorted(told))
    digest = base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8", "X-Twilio-Signature": digest}
    return Hook(urlencode(told).encode(), {**headers, "I-Twilio-Idempotency-Token": str(uuid4())}, path)


def _told(message: Json, source: str) -> Json:
    """A message, as webhooks tell it."""
    told = {
        "MessageSid": message["sid"],
        "Index": str(message["index"]),
        "Author": message["author"],
        "Body": message["body"] or "",
        "Attributes": message["attributes"],
        "DateCreated": message["date_created"],
        "Source": source,
        "ParticipantSid": message["participant_sid"] or "",
    }
    names = {"sid": "Sid", "filename": "Filename", "content_type": "ContentType", "size": "Size"}
    if message["media"]:
        told["Media"] = json.dumps([{names[name]: value for name, value in one.items()} for one in message["media"]])
    return told
