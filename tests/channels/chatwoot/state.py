"""What the fake Chatwoot knows, and what it tells of it, in the shapes that Chatwoot's presenters give."""

import json
import time
from collections.abc import Callable, Mapping
from email import message_from_bytes
from itertools import count
from typing import Any

from rasa_handoff.channel import Person
from tests.channels.vendor import Call

Json = dict[str, Any]
TYPES = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
BOT = {"id": 7, "name": "Rasa", "avatar_url": "", "type": "agent_bot"}


class State:
    """One account. `tell` is given each event and its payload, as they happen."""

    def __init__(
        self, account: int, inbox: int, users: Mapping[int, Person], url: str, tell: Callable[[str, Json], None]
    ) -> None:
        self.account, self.inbox, self.users, self.url, self.tell = account, inbox, users, url, tell
        self.conversations: dict[int, Json] = {}
        self.ids = count(1000)
        self.files: dict[str, bytes] = {}

    def conversation(self, number: int, **more: Any) -> Json:
        """The conversation, new and pending when it is not known: the bot answers first in an inbox that has one."""
        fresh: Json = {
            "id": number, "inbox_id": self.inbox, "status": "pending", "assignee": None, "bot": False, "team": None,
            "labels": [], "custom_attributes": {}, "priority": None, "messages": [], "channel": "Channel::WebWidget",
            "contact": {"id": 70 + number, "name": "Ada Byron", "email": "ada@example.com", "type": "contact"},
        }  # fmt: skip
        return self.conversations.setdefault(number, {**fresh, **more})

    def write(
        self,
        number: int,
        text: str,
        *,
        sender: int | None = None,
        message_type: int = 1,
        is_bot: bool = False,
        **more: Any,
    ) -> Json:
        """A message. A customer's opens what is snoozed and makes pending what is resolved, as in `Message`."""
        there = self.conversation(number)
        id = next(self.ids)
        message: Json = {
            "id": id, "content": text, "processed_message_content": text, "account_id": self.account,
            "inbox_id": there["inbox_id"], "conversation_id": number, "message_type": message_type,
            "created_at": int(time.time()), "private": False, "status": "sent", "source_id": None,
            "content_type": "text", "content_attributes": {}, "additional_attributes": {},
            "sender": self._sender(there, message_type, sender, is_bot), **more,
        }  # fmt: skip
        there["messages"].append(message)
        if message_type == 0 and there["status"] in ("snoozed", "resolved"):
            self.set_status(number, "open" if there["status"] == "snoozed" else "pending")
        if message_type != 2:  # no activity is told of
            self.tell("message_created", self.message_payload(message))
        return message

    def update(self, number: int, id: int, **changes: Any) -> None:
        message = next(one for one in self.conversation(number)["messages"] if one["id"] == id)
        message.update(changes)
        self.tell("message_updated", self.message_payload(message))

    def delete(self, number: int, id: int) -> None:
        """As MessagesController#destroy does."""
        self.update(number, id, content="This message was deleted", content_attributes={"deleted": True})

    def set_status(self, number: int, status: str) -> None:
        there = self.conversation(number)
        if there["status"] == status:
            return
        before, there["status"] = there["status"], status
        changes = [{"status": {"previous_value": before, "current_value": status}}]
        self.activity(number, f"Conversation was marked {status}")
        for event in ("conversation_status_changed", "conversation_updated"):
            self.tell(event, {**self.pushed(number), "changed_attributes": changes})

    def assign(self, number: int, user: int | None) -> None:
        if user:
            self.conversation(number)["bot"] = False
        self.change(number, "assignee", user, name="assignee_id")

    def change(self, number: int, what: str, value: Any, *, name: str | None = None) -> None:
        there = self.conversation(number)
        if there[what] == value:
            return
        before, there[what] = there[what], value
        changes = [{name or what: {"previous_value": before, "current_value": value}}]
        self.tell("conversation_updated", {**self.pushed(number), "changed_attributes": changes})

    def activity(self, number: int, text: str) -> None:
        self.write(number, text, message_type=2)

    def pushed(self, number: int) -> Json:
        """Conversations::EventDataPresenter#push_data: no account in it."""
        there = self.conversation(number)
        return {
            "additional_attributes": {},
            "can_reply": True,
            "channel": there["channel"],
            "contact_inbox": {"id": number, "source_id": f"source-{number}"},
            "id": number,
            "inbox_id": there["inbox_id"],
            "messages": [self.pushed_message(one) for one in self._chat(there)[-1:]],
            "labels": there["labels"],
            "meta": self._meta(there),
            "status": there["status"],
            "custom_attributes": there["custom_attributes"],
            "snoozed_until": None,
            "unread_count": 0,
            "first_reply_created_at": None,
            "priority": there["priority"],
            "waiting_since": 0,
            "updated_at": time.time(),
        }

    def shown(self, number: int) -> Json:
        """The conversation as the API gives it."""
        there = self.conversation(number)
        newest = [self.pushed_message(one) for one in there["messages"][-1:]]
        return {**self.pushed(number), "messages": newest, "account_id": self.account, "uuid": f"uuid-{number}"}

    def message_payload(self, message: Json) -> Json:
        """Message#webhook_data: `content` is set for the channel."""
        there = self.conversation(message["conversation_id"])
        set_text = message["content"]
        if there["channel"] == "Channel::WebWidget" and message["message_type"] == 1:
            set_text = f"<p>{set_text}</p>\n"
        payload = {
            "account": {"id": self.account, "name": "Shop"},
            "additional_attributes": message["additional_attributes"],
            "content_attributes": message["content_attributes"],
            "content_type": message["content_type"],
            "content": set_text,
            "conversation": self.pushed(there["id"]),
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(message["created_at"])),
            "id": message["id"],
            "inbox": {"id": there["inbox_id"], "name": "Website"},
            "message_type": TYPES[message["message_type"]],
            "private": message["private"],
            "sender": self._webhook_sender(message),
            "source_id": message["source_id"],
        }
        return payload | ({"attachments": message["attachments"]} if message.get("attachments") else {})

    def pushed_message(self, message: Json) -> Json:
        return json.loads(json.dumps(message))

    def pushed_user(self, id: int) -> Json:
        one = self.users[id]
        picture = f"{self.url}/rails/active_storage/avatars/{id}.png"
        return {"id": id, "name": one.name, "available_name": one.name, "avatar_url": picture,
                "type": "user", "availability_status": "online", "thumbnail": picture}  # fmt: skip

    def attachment(self, name: str, file_type: str = "image") -> Json:
        data_url = f"{self.url}/rails/active_storage/blobs/redirect/signed/{name}"
        return {"id": next(self.ids), "file_type": file_type, "account_id": self.account, "data_url": data_url,
                "thumb_url": data_url, "extension": None, "file_size": 7}  # fmt: skip

    def form(self, call: Call) -> Json:
        """A multipart body: Rails gives `content_attributes` as text, which MessageBuilder parses."""
        whole = message_from_bytes(b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n" + call.body)
        found: Json = {}
        for part in whole.walk():
            name = part.get_param("name", header="content-disposition")
            if name == "attachments[]":
                file = str(part.get_filename())
                self.files[file] = part.get_payload(decode=True)  # type: ignore[assignment]
                found["attachments"] = [self.attachment(file)]
            elif isinstance(name, str):
                found[name] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        found["content_attributes"] = json.loads(found.get("content_attributes", "{}"))
        return found

    def _sender(self, there: Json, message_type: int, sender: int | None, is_bot: bool) -> Json | None:
        if is_bot:
            return BOT
        if message_type == 0:
            return dict(there["contact"])
        return self.pushed_user(sender) if sender and message_type == 1 else None

    def _webhook_sender(self, message: Json) -> Json | None:
        sender = message["sender"]
        if sender is None or sender["type"] != "user":
            return sender
        return {"id": sender["id"], "name": sender["name"], "email": self.users[sender["id"]].email, "type": "user"}

    def _meta(self, there: Json) -> Json:
        user, assignee = there["assignee"], BOT if there["bot"] else None
        if user is not None:
            assignee = self.pushed_user(user)
        kind = "AgentBot" if there["bot"] else "User" if user else None
        team = {"id": there["team"], "name": "first line"} if there["team"] else None
        return {"sender": there["contact"], "assignee": assignee, "assignee_type": kind, "team": team}

    def _chat(self, there: Json) -> list[Json]:
        return [one for one in there["messages"] if one["message_type"] != 2 and not one["private"]]


def rendered(message: Json) -> Json:
    """A message as the API gives it."""
    left_out = ("processed_message_content", "account_id", "additional_attributes")
    return {name: value for name, value in message.items() if name not in left_out}
