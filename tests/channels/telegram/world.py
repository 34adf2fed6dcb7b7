"""Telegram: a bot, and the forum group that it works in. Every call is held against Telegram's own description."""

import json
import re
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from html.parser import HTMLParser
from itertools import count
from typing import Any

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.telegram import KIND
from tests.channels.telegram import spec
from tests.channels.vendor import ANNA, BEN, Call, FakeVendor, Hook, Reply

TOKEN = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcK"
SECRET = "a-secret_of-0ur-choice"
CHAT = -1001234567890
NEWER = -1009876543210
BOT = {"id": 4839574812, "is_bot": True, "first_name": "Handoff", "username": "handoff_desk_bot"}
USERS = {
    ANNA.id: {"id": 501, "is_bot": False, "first_name": "Anna", "last_name": "Ng", "username": "anna"},
    BEN.id: {"id": 502, "is_bot": False, "first_name": "Ben", "last_name": "Ode"},
}
STRANGER = {"id": 503, "is_bot": False, "first_name": "Sam"}
TAGS = frozenset(["b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"])


@dataclass
class Message:
    id: int
    thread: int
    method: str
    told: dict[str, Any]
    text: str = ""
    markup: dict[str, Any] | None = None


@dataclass
class Topic:
    name: str
    closed: bool = False
    messages: list[Message] = field(default_factory=list)


class No(Exception):
    """Telegram declines."""

    def __init__(self, description: str, status: int = 400, **parameters: int) -> None:
        super().__init__(description)
        self.reply = {"ok": False, "error_code": status, "description": description}
        self.reply |= {"parameters": parameters} if parameters else {}
        self.status = status


class TelegramWorld(FakeVendor):
    kind = KIND

    def __init__(self) -> None:
        super().__init__()
        self.topics: dict[int, Topic] = {}
        self.answered: dict[str, dict[str, Any]] = {}
        self.asked: dict[str, str] = {}
        self.webhook: dict[str, Any] = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        self.files: dict[str, bytes] = {}
        self.fetches = True
        self.pulls = False
        self.limit = 0
        self.chat: dict[str, Any] = {"id": CHAT, "type": "supergroup", "title": "Support desk", "is_forum": True}
        self.me: dict[str, Any] = {"status": "administrator", "can_manage_topics": True, "can_pin_messages": True}
        self.members = {one["id"] for one in USERS.values()}
        self.updates: list[dict[str, Any]] = []
        self._ids, self._updates, self._queries = count(1000), count(880_000_001), count(2_153_000)

    def settings(self) -> dict[str, Any]:
        agents = {USERS[one.id]["id"]: one.email for one in (ANNA, BEN)}
        return {"chat": CHAT, "agents": agents, "api": self.url, "pull": self.pulls, "upload_from": ["127.0.0.1"]}

    def secrets(self) -> dict[str, str]:
        return {"token": TOKEN, "secret": SECRET}

    def conversation_id(self, number: int) -> str:
        return f"customer-{number}"

    # What the vendor answers

    def answer(self, call: Call) -> Reply:
        if call.path.startswith(f"/file/bot{TOKEN}/"):
            found = self.files.get(call.path.removeprefix(f"/file/bot{TOKEN}/"))
            return Reply(found, headers={"content-type": "application/octet-stream"}) if found else Reply({}, 404)
        if not call.path.startswith(f"/bot{TOKEN}/"):
            return Reply({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        method = call.path.rpartition("/")[2]
        told, files = _body(call)
        wrong = spec.problems(method, told, frozenset(files))
        assert not wrong, wrong
        try:
            if self.limit:
                raise No(f"Too Many Requests: retry after {self.limit}", 429, retry_after=self.limit)
            return Reply({"ok": True, "result": getattr(self, f"_do_{method}")(told | files)})
        except No as no:
            return Reply(no.reply, no.status)

    def _do_getMe(self, told: dict[str, Any]) -> Any:
        return {**BOT, "can_join_groups": True, "can_read_all_group_messages": False}

    def _do_getChat(self, told: dict[str, Any]) -> Any:
        self._group(told)
        return self.chat

    def _do_getChatMember(self, told: dict[str, Any]) -> Any:
        self._group(told)
        if told["user_id"] == BOT["id"]:
            return {"user": BOT, **self.me}
        if told["user_id"] not in self.members:
            raise No("Bad Request: member not found")
        return {"user": {"id": told["user_id"]}, "status": "member"}

    def _do_getWebhookInfo(self, told: dict[str, Any]) -> Any:
        return self.webhook

    def _do_setWebhook(self, told: dict[str, Any]) -> Any:
        self.webhook |= {"url": told["url"], "allowed_updates": told["allowed_updates"]}
        return True

    def _do_getUpdates(self, told: dict[str, Any]) -> Any:
        if self.webhook["url"]:
            text = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
            raise No(text, 409)
        self.updates = [one for one in self.updates if one["update_id"] >= told.get("offset", 0)]
        return self.updates[:100]

    def _do_createForumTopic(self, told: dict[str, Any]) -> Any:
        self._group(told)
        if not self.me["can_manage_topics"]:
            raise No("Bad Request: not enough rights to create a topic")
        assert 1 <= len(told["name"]) <= 128
        thread = next(self._ids)
        self.topics[thread] = Topic(told["name"])
        return {"message_thread_id": thread, "name": told["name"], "icon_color": 7322096}

    def _do_closeForumTopic(self, told: dict[str, Any]) -> Any:
        return self._turn(told, closed=True)

    def _do_reopenForumTopic(self, told: dict[str, Any]) -> Any:
        return self._turn(told, closed=False)

    def _do_sendMessage(self, told: dict[str, Any]) -> Any:
        text = _parsed(told["text"]) if told.get("parse_mode") == "HTML" else told["text"]
        if not text.strip():
            raise No("Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) > 2 * 4096:
            raise No("Bad Request: message is too long")
        return self._send("sendMessage", told, text)

    def _do_sendPhoto(self, told: dict[str, Any]) -> Any:
        return self._fetched("sendPhoto", told, told["photo"])

    def _do_sendDocument(self, told: dict[str, Any]) -> Any:
        address = told["document"]
        if isinstance(address, str) and not re.search(r"\.(gif|pdf|zip)$", address):
            raise No("Bad Request: wrong type of the web page content")
        return self._fetched("sendDocument", told, address)

    def _do_copyMessage(self, told: dict[str, Any]) -> Any:
        if told["message_id"] == 404:
            raise No("Bad Request: message to copy not found")
        return {"message_id": self._send("copyMessage", told, "")["message_id"]}

    def _do_editMessageText(self, told: dict[str, Any]) -> Any:
        message, text = self._message(told), _parsed(told["text"])
        markup = told.get("reply_markup") or None
        if (message.text, message.markup) == (text, markup):
            raise No(
                "Bad Request: message is not modified: specified new message content and reply markup are exactly "
                "the same as a current content and reply markup of the message"
            )
        message.text, message.markup = text, markup
        _buttons(told)
        return self._told(message)

    def _do_editMessageReplyMarkup(self, told: dict[str, Any]) -> Any:
        message = self._message(told)
        message.markup = told["reply_markup"]
        _buttons(told)
        return self._told(message)

    def _do_pinChatMessage(self, told: dict[str, Any]) -> Any:
        self._message(told)
        if not self.me["can_pin_messages"]:
            raise No("Bad Request: not enough rights to manage pinned messages in the chat")
        return True

    def _do_sendChatAction(self, told: dict[str, Any]) -> Any:
        return True  # also where the topic is gone: tdlib/telegram-bot-api#732

    def _do_answerCallbackQuery(self, told: dict[str, Any]) -> Any:
        id = told["callback_query_id"]
        if id not in self.asked or id in self.answered:
            raise No("Bad Request: query is too old and response timeout expired or query ID is invalid")
        assert len(told.get("text", "")) <= 200
        self.answered[id] = told
        return True

    def _do_getFile(self, told: dict[str, Any]) -> Any:
        if (path := f"documents/{told['file_id']}") not in self.files:
            raise No("Bad Request: invalid file_id")
        if len(self.files[path]) > 20_000_000:
            raise No("Bad Request: file is too big")
        return {"file_id": told["file_id"], "file_unique_id": "u", "file_path": path}

    # What people do there

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        self.writes(key, {"text": text}, USERS[person.id])

    def writes(self, key: str, content: dict[str, Any], user: dict[str, Any], **more: Any) -> dict[str, Any]:
        with self.lock:
            message = self.message(key, content, user, **more)
            self.sends({"message": message})
        return message

    def message(self, key: str, content: dict[str, Any], user: dict[str, Any], **more: Any) -> dict[str, Any]:
        told = {"message_id": next(self._ids), "from": user, "chat": self.chat, "date": int(time.time())}
        return {**told, "message_thread_id": int(key), "is_topic_message": True, **content, **more}

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        self.presses(key, {Press.CLOSE: "close:resolved"}.get(press, press.value), USERS[person.id])

    def presses(self, key: str, data: str, user: dict[str, Any]) -> str:
        with self.lock:
            id = str(next(self._queries))
            self.asked[id] = key
            query = {"id": id, "from": user, "chat_instance": "-3", "data": data, "message": self._told(self.card(key))}
            self.sends({"callback_query": query})
        return id

    def sends(self, update: dict[str, Any]) -> None:
        update = {"update_id": next(self._updates), **update}
        self.updates.append(update)
        headers = {"x-telegram-bot-api-secret-token": SECRET, "content-type": "application/json"}
        self.hooks.append(Hook(json.dumps(update).encode(), headers))

    def delete_topic(self, key: str) -> None:
        with self.lock:
            del self.topics[int(key)]

    # What there is to see

    def shown(self, key: str) -> list[str]:
        return [one.text for one in self._in(key) if one.method == "sendMessage" and "parse_mode" not in one.told]

    def context(self, key: str) -> str:
        return "\n".join(one.text for one in self._in(key) if "parse_mode" in one.told and not _is_mention(one))

    def told(self, key: str) -> list[str]:
        with self.lock:
            alerts = [told["text"] for id, told in self.answered.items() if self.asked[id] == key and "text" in told]
        return alerts + [one.text.partition(": ")[2] for one in self._in(key) if _is_mention(one)]

    def is_released(self, key: str) -> bool:
        with self.lock:
            found = self.topics.get(int(key))
            return found is None or (found.closed and self.card(key).markup == {"inline_keyboard": []})

    def card(self, key: str) -> Message:
        return self.topics[int(key)].messages[0]

    def _in(self, key: str) -> list[Message]:
        with self.lock:
            found = self.topics.get(int(key))
            return list(found.messages) if found else []

    def _group(self, told: dict[str, Any]) -> None:
        if self.chat["id"] is None:
            raise No("Bad Request: chat not found")
        if told["chat_id"] == self.chat["id"]:
            return
        if told["chat_id"] == CHAT:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise No(text, migrate_to_chat_id=self.chat["id"])
        raise No("Bad Request: chat not found")

    def _turn(self, told: dict[str, Any], *, closed: bool) -> bool:
        self._group(told)
        topic = self.topics.get(told["message_thread_id"])
        if topic is None:
            raise No("Bad Request: TOPIC_ID_INVALID")
        if topic.closed is closed:
            raise No("Bad Request: TOPIC_NOT_MODIFIED")
        topic.closed = closed
        return True

    def _fetched(self, method: str, told: dict[str, Any], address: Any) -> Any:
        if isinstance(address, str) and (not self.fetches or not address.startswith("http")):
            raise No("Bad Request: wrong file identifier/HTTP URL specified")
        return self._send(method, told, "")

    def _send(self, method: str, told: dict[str, Any], text: str) -> Any:
        self._group(told | {"chat_id": int(told["chat_id"])})
        topic = self.topics.get(int(told["message_thread_id"]))
        if topic is None:
            raise No("Bad Request: message thread not found")
        if topic.closed:
            raise No("Bad Request: TOPIC_CLOSED")
        _buttons(told)
        message = Message(
            next(self._ids), int(told["message_thread_id"]), method, told, text, told.get("reply_markup") or None
        )
        topic.messages.append(message)
        return self._told(message)

    def _message(self, told: dict[str, Any]) -> Message:
        self._group(told)
        for topic in self.topics.values():
            for message in topic.messages:
                if message.id == told["message_id"]:
                    return message
        raise No("Bad Request: message to edit not found")

    def _told(self, message: Message) -> dict[str, Any]:
        told = {"message_id": message.id, "from": BOT, "chat": self.chat, "date": int(time.time())}
        told |= {"message_thread_id": message.thread, "is_topic_message": True, "text": message.text}
        return told | ({"reply_markup": message.markup} if message.markup else {})


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text, self.open = "", list[str]()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag in TAGS, tag
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def _parsed(text: str) -> str:
    """As Telegram reads its HTML. It declines tags that are not closed, and those that it does not know."""
    html = _Html()
    html.feed(text)
    html.close()
    assert not html.open, f"not closed: {html.open}"
    return html.text


def _buttons(told: dict[str, Any]) -> None:
    markup = told.get("reply_markup") or {"inline_keyboard": []}
    for row in markup["inline_keyboard"]:
        assert row
        assert all(1 <= len(one["callback_data"].encode()) <= 64 for one in row)


def _is_mention(message: Message) -> bool:
    text = message.told.get("text", "")
    return "tg://user?id=" in text or text.startswith("Anonymous admin: ")


def _body(call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of a call, and the files in it."""
    kind = call.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return (call.json if call.body else {}), {}
    told: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for part in message_from_bytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + call.body).get_payload():
        name = part.get_param("name", header="content-disposition")
        if part.get_filename():
            files[name] = (part.get_filename(), part.get_payload(decode=True))
        else:
            told[name] = part.get_payload(decode=True).decode()
    return told, files
