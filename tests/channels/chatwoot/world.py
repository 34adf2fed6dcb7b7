"""Chatwoot 4.13 as its source has it: one account, an inbox with a bot, agents, a team.

Every request is held against Chatwoot's own specification. `hooks` are those of the account's webhook, `bot_hooks`
those of the agent bot, which is told less: of messages, and of conversations that are opened or resolved.
"""

import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.chatwoot import KIND
from tests.channels.chatwoot.spec import problem
from tests.channels.chatwoot.state import Json, State, rendered
from tests.channels.vendor import ANNA, BEN, Call, FakeVendor, Fault, Hook, Reply

SIGNING, BOT_SIGNING = "a-webhooks-own-secret", "an-agent-bots-own-secret"
ADMIN, AGENT, BOT = "token-of-an-administrator", "token-of-an-agent", "token-of-the-bot"
ACCOUNT, INBOX, OTHER_INBOX, TEAM = 1, 3, 4, 9
USERS = {1: ANNA, 2: BEN, 5: Person("operator", "Olga Perator", "olga@example.com")}
BOT_MAY = {"toggle_status", "toggle_priority", "custom_attributes", "assignments", "messages"}


def signed(body: bytes, secret: str, at: float | None = None) -> dict[str, str]:
    """The headers that a delivery has: `Webhooks::Trigger`."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Chatwoot-Timestamp": timestamp,
        "X-Chatwoot-Signature": f"sha256={digest}",
        "X-Chatwoot-Delivery": str(uuid4()),
    }


class ChatwootWorld(FakeVendor):
    kind = KIND
    customers = "chatwoot"

    def __init__(self) -> None:
        super().__init__()
        self.state = State(ACCOUNT, INBOX, USERS, self.url, self._tell)
        self.more: Json = {}
        self.bot_hooks: list[Hook] = []
        self.problems: list[str] = []
        self.bot_may_read = True
        self.flooded = False
        self.webhook: Json = {
            "id": 1,
            "url": self.hook_url,
            "account_id": ACCOUNT,
            "subscriptions": [
                "message_created",
                "message_updated",
                "conversation_status_changed",
                "conversation_updated",
            ],
            "secret": SIGNING,
        }
        self.typing: list[tuple[int, str, bool]] = []

    def skip_then_fault(self, calls: int, fault: Fault) -> None:
        """The fault befalls the call after so many."""
        self.faults.extend([*([None] * calls), fault])  # type: ignore[list-item]

    def settings(self) -> dict[str, Any]:
        return {"url": self.url, "account": ACCOUNT, "inboxes": [INBOX], "teams": {"support": TEAM}, **self.more}

    def secrets(self) -> dict[str, str]:
        return {"token": ADMIN, "signing": SIGNING}

    def conversation_id(self, number: int) -> str:
        with self.lock:
            self.state.conversation(number)
        return f"chatwoot-{ACCOUNT}-{number}"

    def agent_says(self, key: str, text: str, person: Person = ANNA, **more: Any) -> None:
        with self.lock:
            self.state.write(self.number(key), text, sender=self.user(person), **more)

    def customer_says(self, key: str, text: str, **more: Any) -> Json:
        with self.lock:
            return self.state.write(self.number(key), text, message_type=0, **more)

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        with self.lock:
            number = self.number(key)
            match press:
                case Press.ACCEPT:
                    self.state.assign(number, self.user(person))
                case Press.CLOSE:
                    self.state.set_status(number, "resolved")
                case Press.HAND_BACK:
                    self.state.set_status(number, "pending")
                case _:
                    raise NotImplementedError(press)

    def shown(self, key: str) -> list[str]:
        with self.lock:
            return [one["content"] for one in self._messages(key) if one["message_type"] == 0]

    def context(self, key: str) -> str:
        with self.lock:
            return json.dumps([self.notes(key), self.state.conversation(self.number(key))["custom_attributes"]])

    def told(self, key: str) -> list[str]:
        with self.lock:
            return [note for note in self.notes(key) if "mention://user/" in note]

    def is_released(self, key: str) -> bool:
        with self.lock:
            there = self.state.conversation(self.number(key))
            is_free = there["status"] == "pending" and there["assignee"] is None and there["team"] is None
            return is_free or there["status"] == "resolved"

    def notes(self, key: str) -> list[str]:
        return [one["content"] for one in self._messages(key) if one["private"]]

    def number(self, key: str) -> int:
        return int(key.rsplit("-", 1)[1])

    def user(self, person: Person) -> int:
        return next(id for id, one in USERS.items() if one == person)

    def _messages(self, key: str) -> list[Json]:
        return self.state.conversation(self.number(key))["messages"]

    def _tell(self, event: str, payload: Json) -> None:
        body = json.dumps({**payload, "event": event}).encode()
        if event in self.webhook["subscriptions"]:
            self.hooks.append(Hook(body, signed(body, SIGNING)))
        if event.startswith("message_") or (payload.get("status") in ("open", "resolved") and "status" in event):
            # AgentBotListener knows messages, conversation_opened and conversation_resolved.
            name = event if event.startswith("message_") else {"open": "opened"}.get(payload["status"], "resolved")
            body = json.dumps({**payload, "event": name if "_" in name else f"conversation_{name}"}).encode()
            self.bot_hooks.append(Hook(body, signed(body, BOT_SIGNING)))

    def answer(self, call: Call) -> Reply:
        if wrong := problem(call):
            self.problems.append(wrong)
            return Reply({"error": wrong}, 422)
        # Rack calls both spellings HTTP_API_ACCESS_TOKEN.
        token = call.headers.get("api-access-token") or call.headers.get("api_access_token")
        if token not in (ADMIN, AGENT, BOT):
            return Reply({"error": "Invalid Access Token"}, 401)
        if call.path == "/api/v1/profile":
            return Reply(self._profile(token))
        parts = call.path.removeprefix(f"/api/v1/accounts/{ACCOUNT}/").split("/")
        if parts[0] == "conversations" and len(parts) > 1:
            return self._conversation(call, token, int(parts[1]), parts[2] if len(parts) > 2 else "")
        return Reply(self._listed(parts))

    def _profile(self, token: str) -> Json:
        role = "administrator" if token == ADMIN else "agent"
        accounts = [{"id": ACCOUNT, "name": "Shop", "role": role}]
        return {"id": 5, "name": "Olga Perator", "role": role, "accounts": accounts}

    def _listed(self, parts: list[str]) -> Any:
        match parts:
            case ["teams"]:
                return [{"id": TEAM, "name": "first line", "allow_auto_assign": False}]
            case ["agents"]:
                return [{"id": id, "name": one.name, "email": one.email} for id, one in USERS.items()]
            case ["inboxes"]:
                return {"payload": [{"id": INBOX, "name": "Website"}, {"id": OTHER_INBOX, "name": "Mail"}]}
            case ["inboxes", number, "agent_bot"]:
                return {"agent_bot": {"id": 7, "name": "Rasa"} if int(number) == INBOX else {}}
            case ["webhooks"]:
                return {"payload": {"webhooks": [self.webhook]}}
        raise AssertionError(parts)

    def _conversation(self, call: Call, token: str, number: int, what: str) -> Reply:
        if token == BOT and not (call.method == "PATCH" or what in BOT_MAY or (self.bot_may_read and not what)):
            return Reply({"error": "Access to this endpoint is not authorized for bots"}, 401)
        if number not in self.state.conversations:
            return Reply({"error": "Resource could not be found"}, 404)
        there = self.state.conversations[number]
        match call.method, what:
            case (("GET" | "PATCH"), ""):
                return Reply(self.state.shown(number))
            case "POST", "toggle_status":
                self.state.set_status(number, call.json["status"])
                if token == AGENT and there["status"] == "open":
                    self.state.assign(number, 5)
                return Reply({"meta": {}, "payload": {"success": True, "current_status": there["status"]}})
            case "POST", "toggle_priority":
                self.state.change(number, "priority", call.json["priority"])
                return Reply(b"")
            case "POST", "toggle_typing_status":
                self.typing.append((number, call.json["typing_status"], call.json.get("is_private", False)))
                return Reply(b"")
            case "POST", "custom_attributes":
                self.state.change(number, "custom_attributes", call.json["custom_attributes"])
                return Reply({"custom_attributes": there["custom_attributes"]})
            case "POST", "assignments":
                return Reply(self._assigned(number, call.json))
            case "GET", "labels":
                return Reply({"payload": there["labels"]})
            case "POST", "labels":
                self.state.change(number, "labels", call.json["labels"])
                return Reply({"payload": there["labels"]})
            case "GET", "messages":
                return Reply({"meta": {}, "payload": self._page(there["messages"], call.query)})
            case "POST", "messages":
                return self._written(call, token, number)
        return Reply({"error": "No route matches"}, 404)

    def _assigned(self, number: int, body: Json) -> Any:
        if "assignee_id" in body:
            user = body["assignee_id"] if body["assignee_id"] in USERS else None
            self.state.assign(number, user)
            return self.state.pushed_user(user) if user else None
        self.state.change(number, "team", body["team_id"] if body["team_id"] == TEAM else None)
        return {"id": TEAM} if body["team_id"] == TEAM else None

    def _page(self, messages: list[Json], query: Any) -> list[Json]:
        """`MessageFinder`: 100 after, 20 before, or the last 20."""
        if "after" in query:
            return [rendered(one) for one in messages if one["id"] > int(query["after"])][:100]
        before = int(query.get("before", 10**12))
        return [rendered(one) for one in messages if one["id"] < before][-20:]

    def _written(self, call: Call, token: str, number: int) -> Reply:
        body = call.json if "json" in call.headers["content-type"] else self.state.form(call)
        items = body.get("content_attributes", {}).get("items") or [{"no": "item"}]
        if body.get("content_type") == "input_select" and any(set(one) - {"title", "value"} for one in items):
            return Reply({"error": "Validation failed: Content attributes contains invalid keys for items"}, 422)
        if self.flooded:
            return Reply({"error": "Validation failed: Too many messages"}, 422)
        kept = ("private", "content_type", "content_attributes", "attachments")
        more = {name: body[name] for name in kept if name in body}
        is_bot = token == BOT
        message = self.state.write(number, body["content"], sender=None if is_bot else 5, is_bot=is_bot, **more)
        return Reply(rendered(message))
