"""A Slack workspace: one channel, two agents, our app in it. Every request to it is held against Slack's specification.

It repeats nothing for us and recognises nothing: a message that is posted twice is there twice, as at Slack.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from html import escape, unescape
from http.server import BaseHTTPRequestHandler
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.slack import KIND
from rasa_handoff.channels.slack.configuration import SCOPES
from tests.channels.slack import block_kit, spec
from tests.channels.vendor import ANNA, BEN, Call, FakeVendor, Fault, Hook, Reply

SECRET = "8f742231b10e8888abcd99aaabbb85a5"
BOT_TOKEN, APP_TOKEN = "xoxb-1234567890-abcdef", "xapp-1-A0HANDOFF-abcdef"
CHANNEL, TEAM, APP, BOT_USER, BOT = "C0SUPPORT1", "T0TEAM0001", "A0HANDOFF1", "U0HANDOFF1", "B0HANDOFF1"
USERS = {"anna": "U0ANNA0001", "ben": "U0BEN00001"}

Json = dict[str, Any]


class SlackWorld(FakeVendor):
    kind = KIND
    echoes = True
    """Slack tells an app of what the app itself posts, too."""

    page = 200
    """Messages a page, at most."""

    def __init__(self) -> None:
        spec.paths()  # it takes half a second to read, and the first request would wait for that
        super().__init__()
        self.channels = {CHANNEL: {"name": "support", "is_member": True, "is_archived": False}}
        self.users = {USERS[one.id]: _user(one) for one in (ANNA, BEN)}
        self.messages: dict[str, list[Json]] = {CHANNEL: []}
        self.ephemeral: list[Json] = []
        self.files: dict[str, Json] = {}
        self.views: list[Json] = []
        self.triggers: dict[str, tuple[float, Json]] = {}
        self.entered: Json = {"outcome": "resolved", "note": ""}
        self.scopes = set(SCOPES)
        self.socket_url = "wss://wss-primary.slack.example/link/?ticket=1"
        self.public: set[str] = set()
        self.instead: Reply | None = None
        self.refused: dict[str, str] = {}
        self.fault_at: tuple[str, Fault] | None = None
        self.trouble: Callable[[], Fault | None] | None = None
        self.violations: list[str] = []
        self._numbers = count(1)
        self._at = time.time()

    def close(self) -> None:
        super().close()
        assert not self.violations, self.violations

    def settings(self) -> Json:
        return {"channel": CHANNEL, "api_url": f"{self.url}/api/", "file_hosts": ["127.0.0.1"]}

    def secrets(self) -> dict[str, str]:
        return {"bot_token": BOT_TOKEN, "signing_secret": SECRET, "app_token": APP_TOKEN}

    def conversation_id(self, number: int) -> str:
        return f"customer-{number}"

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        """`fault_at` is for the next call of one path, `trouble` may be with any of the API's."""
        with self.lock:
            if self.trouble and handler.path.startswith(("/api/", "/upload/")) and (fault := self.trouble()):
                self.faults.append(fault)
            if self.fault_at and handler.path.startswith(self.fault_at[0]):
                self.faults.appendleft(self.fault_at[1])
                self.fault_at = None
        super()._serve(handler)

    # What Slack does

    def answer(self, call: Call) -> Reply:
        if call.path.startswith("/upload/"):
            return self._uploaded(call.path.removeprefix("/upload/"), call.body)
        if call.path.startswith("/files/"):
            return self._downloaded(call)
        if self.instead:
            return self.instead
        method = call.path.removeprefix("/api/")
        given = dict(call.query) if call.method == "GET" else call.form
        told = {name: json.loads(value) if name in spec.JSON else value for name, value in given.items()}
        return self._answered(method, call, told)

    def _answered(self, method: str, call: Call, told: Json) -> Reply:
        token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if call.headers.get("authorization") != f"Bearer {token}":
            return _no("invalid_auth")
        if spec.paths() is not None:
            self.violations += spec.problems(method, call)
        if "blocks" in told:
            self.violations += block_kit.problems(told["blocks"])
        if method in self.refused:
            return _no(self.refused[method])
        able = self._of_chat(method, told) or self._of_threads(method, told) or self._of_the_rest(method, told)
        headers = {"x-oauth-scopes": ",".join(sorted(self.scopes))}
        return Reply(able.body, able.status, {**headers, **able.headers})

    def _of_chat(self, method: str, told: Json) -> Reply | None:
        match method:
            case "chat.postMessage":
                return self._closed(told["channel"]) or self._posted(told)
            case "chat.update":
                return self._updated(told)
            case "chat.postEphemeral":
                self.ephemeral.append(told)
                return _ok(message_ts=self.ts())
        return None

    def _of_threads(self, method: str, told: Json) -> Reply | None:
        match method:
            case "conversations.replies":
                return self._closed(told["channel"]) or self._replies(told)
            case "conversations.history":
                return self._closed(told["channel"]) or self._history(told)
            case "conversations.info":
                known = self.channels.get(told["channel"])
                return _ok(channel={"id": told["channel"], **known}) if known else _no("channel_not_found")
        return None

    def _of_the_rest(self, method: str, told: Json) -> Reply:
        match method:
            case "auth.test":
                we = {"team": "Example", "team_id": TEAM, "user": "handoff", "user_id": BOT_USER, "bot_id": BOT}
                return _ok(url="https://example.slack.com/", **we)
            case "users.info":
                user = self.users.get(told["user"])
                return _ok(user=user) if user else _no("user_not_found")
            case "views.open":
                return self._opened(told)
            case "apps.connections.open":
                return _ok(url=self.socket_url)
            case "files.getUploadURLExternal":
                return self._reserved(told)
            case "files.completeUploadExternal":
                return self._completed(told)
            case "files.info":
                file = self.files.get(told["file"])
                return _ok(file=self._about(file), comments=[]) if file else _no("file_not_found")
        return _no("unknown_method")

    def _closed(self, channel: str) -> Reply | None:
        known = self.channels.get(channel)
        if known is None:
            return _no("channel_not_found")
        if known["is_archived"]:
            return _no("is_archived")
        return None if known["is_member"] else _no("not_in_channel")

    def _posted(self, told: Json) -> Reply:
        if not told.get("text") and not told.get("blocks"):
            return _no("no_text")
        message: Json = {
            "type": "message",
            "user": BOT_USER,
            "bot_id": BOT,
            "app_id": APP,
            "text": told.get("text", ""),
        }
        message |= {name: told[name] for name in ("thread_ts", "blocks", "metadata", "username") if name in told}
        message["ts"] = self.ts()
        if "username" in told:
            message |= {"subtype": "bot_message"}
            del message["user"]
        self.messages[told["channel"]].append(message)
        self._echo(told["channel"], message)
        return _ok(channel=told["channel"], ts=message["ts"], message=message)

    def _updated(self, told: Json) -> Reply:
        message = self.message(told["channel"], told["ts"])
        if message is None:
            return _no("message_not_found")
        if message.get("bot_id") != BOT:
            return _no("cant_update_message")
        before = dict(message)
        message |= {"text": told.get("text", ""), "blocks": told.get("blocks", [])}
        self._echo(told["channel"], {"type": "message", "subtype": "message_changed", "hidden": True, "ts": self.ts(),
                                     "message": dict(message), "previous_message": before})  # fmt: skip
        return _ok(channel=told["channel"], ts=told["ts"], text=message["text"], message=message)

    def _replies(self, told: Json) -> Reply:
        root = self.message(told["channel"], told["ts"])
        if root is None:
            return _no("thread_not_found")
        replies = [
            one for one in self.messages[told["channel"]] if one.get("thread_ts") == told["ts"] and one is not root
        ]
        with_thread = {**root, "thread_ts": told["ts"]} if replies else root
        return self._page([with_thread, *(one for one in replies if _after(one, told))], told)

    def _history(self, told: Json) -> Reply:
        found = [one for one in self.messages[told["channel"]] if _is_top(one) and _after(one, told)]
        page = self._page(found[::-1], told)
        return Reply({**page.body, "pin_count": 0, "channel_actions_ts": None, "channel_actions_count": 0})

    def _page(self, found: list[Json], told: Json) -> Reply:
        at, size = int(told.get("cursor") or 0), min(self.page, int(told.get("limit", 100)))
        shown = [dict(one) for one in found[at : at + size]]
        if told.get("include_all_metadata") != "true":
            for one in shown:
                one.pop("metadata", None)
        more = at + size < len(found)
        return _ok(messages=shown, has_more=more, response_metadata={"next_cursor": str(at + size) if more else ""})

    def _opened(self, told: Json) -> Reply:
        self.violations += block_kit.problems_of_modal(told["view"])
        made, action = self.triggers.pop(told["trigger_id"], (0.0, {}))
        if not action or time.time() - made > 3:
            return _no("expired_trigger_id")
        view = {"id": f"V{next(self._numbers):09}", **told["view"]}
        self.views.append(view)
        self._submit(view, action["user"])
        return _ok(view=view)

    def _submit(self, view: Json, user: Json) -> None:
        """People enter `entered`, and press the button."""
        values: Json = {"note": {"note": {"type": "plain_text_input", "value": self.entered["note"] or None}}}
        if any(one["block_id"] == "outcome" for one in view["blocks"]):
            chosen = {"text": {"type": "plain_text", "text": "?"}, "value": self.entered["outcome"]}
            values["outcome"] = {"outcome": {"type": "static_select", "selected_option": chosen}}
        shown = {
            **view,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT,
            "hash": uuid4().hex,
            "state": {"values": values},
        }
        team = {"id": TEAM, "domain": "example"}
        self.interact({"type": "view_submission", "team": team, "user": user, "view": shown, "response_urls": []})

    # Files

    def _reserved(self, told: Json) -> Reply:
        id = f"F{next(self._numbers):09}"
        self.files[id] = {"id": id, "name": told["filename"], "length": int(told["length"]), "shown": False}
        return _ok(upload_url=f"{self.url}/upload/{id}", file_id=id)

    def _uploaded(self, id: str, body: bytes) -> Reply:
        if len(body) != self.files[id]["length"]:
            return Reply(b"length", 400)
        self.files[id]["content"] = body
        return Reply(f"OK - {len(body)}".encode())

    def _completed(self, told: Json) -> Reply:
        found = [self.files.get(one["id"]) for one in told["files"]]
        if not all(one and "content" in one for one in found):
            return _no("file_not_found")
        about = [self._about(one) for one in found if one]
        message = {"type": "message", "subtype": "file_share", "text": "", "user": BOT_USER, "files": about}
        message |= {"ts": self.ts(), "thread_ts": told["thread_ts"], "upload": False}
        self.messages[told["channel_id"]].append(message)
        self._echo(told["channel_id"], message)
        return _ok(files=about)

    def _downloaded(self, call: Call) -> Reply:
        file = self.files[call.path.rpartition("/")[2]]
        if file["id"] not in self.public and call.headers.get("authorization") != f"Bearer {BOT_TOKEN}":
            return Reply(b"", 302, {"location": "https://example.slack.com/?redir=files"})
        return Reply(file["content"], 200, {"content-type": file.get("mimetype", "application/octet-stream")})

    def _about(self, file: Json) -> Json:
        told = {name: value for name, value in file.items() if name in ("id", "name", "mimetype", "url_private")}
        url = f"{self.url}/files/{file['id']}"
        return {"title": file["name"], "mode": "hosted", "is_external": False, "url_private": url, **told}

    def file(self, name: str, mimetype: str, content: bytes) -> Json:
        """A file that somebody uploaded."""
        id = f"F{next(self._numbers):09}"
        self.files[id] = {"id": id, "name": name, "mimetype": mimetype, "content": content}
        return self._about(self.files[id])

    # What people do

    def agent_says(self, key: str, text: str, person: Person = ANNA) -> None:
        self.says(key, escape(text, quote=False), person)

    def says(self, key: str, text: str, person: Person = ANNA, **more: Any) -> Json:
        """`text` in Slack's own writing; `more` of the message."""
        channel, _, thread = key.partition(":")
        with self.lock:
            message = {"type": "message", "user": USERS[person.id], "text": text, "ts": self.ts(), "thread_ts": thread}
            message |= {"client_msg_id": str(uuid4()), "team": TEAM, **more}
            self.messages.setdefault(channel, []).append(message)
            self.event(channel, message)
        return message

    def edits(self, key: str, ts: str, text: str) -> None:
        channel = key.split(":")[0]
        with self.lock:
            message = self.message(channel, ts)
            assert message is not None
            before = dict(message)
            message |= {"text": text, "edited": {"user": message["user"], "ts": self.ts()}}
            changed = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": self.ts()}
            self.event(channel, {**changed, "message": dict(message), "previous_message": before})

    def deletes(self, key: str, ts: str) -> None:
        channel = key.split(":")[0]
        with self.lock:
            message = self.message(channel, ts)
            assert message is not None
            self.messages[channel].remove(message)
            deleted = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": self.ts()}
            self.event(channel, {**deleted, "deleted_ts": ts, "previous_message": message})

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        channel, ts = key.split(":")
        with self.lock:
            card = self.message(channel, ts)
            assert card is not None
            trigger = f"{next(self._numbers)}.{uuid4().hex}"
            action = {"type": "button", "action_id": f"handoff_{press.value}", "block_id": "handoff_presses"}
            payload = {
                "type": "block_actions",
                "user": {"id": USERS[person.id], "username": person.id, "team_id": TEAM},
                "api_app_id": APP,
                "token": "verification",
                "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
                "trigger_id": trigger,
                "team": {"id": TEAM, "domain": "example"},
                "channel": {"id": channel, "name": "support"},
                "message": card,
                "response_url": "https://hooks.slack.com/actions/T/1/2",
                "actions": [{**action, "value": "h-1", "action_ts": self.ts()}],
            }
            self.triggers[trigger] = time.time(), payload
            self.interact(payload)

    # What Slack sends

    def event(self, channel: str, event: Mapping[str, Any]) -> None:
        told = {**event, "channel": channel, "channel_type": "channel", "event_ts": event["ts"]}
        outer = {"token": "verification", "team_id": TEAM, "api_app_id": APP, "type": "event_callback"}
        outer |= {"event_id": f"Ev{next(self._numbers):09}", "event_time": int(time.time()), "event": told}
        authorised = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
        body = json.dumps({**outer, "authorizations": [authorised]}).encode()
        self.hooks.append(Hook(body, signed(body) | {"content-type": "application/json"}))

    def interact(self, payload: Mapping[str, Any]) -> None:
        body = urlencode({"payload": json.dumps(payload)}).encode()
        self.hooks.append(Hook(body, signed(body) | {"content-type": "application/x-www-form-urlencoded"}))

    def _echo(self, channel: str, message: Mapping[str, Any]) -> None:
        if self.echoes:
            self.event(channel, {name: value for name, value in message.items() if name != "metadata"})

    # What is there to see

    def shown(self, key: str) -> list[str]:
        return [unescape(one["text"]) for one in self._ours(key, "rasa_handoff_message")]

    def context(self, key: str) -> str:
        channel, ts = key.split(":")
        with self.lock:
            card = self.message(channel, ts)
            assert card is not None
            texts = [card["text"], *_texts(card["blocks"])]
            return unescape("\n".join([*texts, *(one["text"] for one in self._ours(key, "rasa_handoff_transcript"))]))

    def told(self, key: str) -> list[str]:
        channel, thread = key.split(":")
        with self.lock:
            to = [one for one in self.ephemeral if (one["channel"], one.get("thread_ts")) == (channel, thread)]
            return [unescape(one["text"]) for one in to]

    def is_released(self, key: str) -> bool:
        with self.lock:
            card = self.message(*key.split(":"))
            return card is not None and not any(one["type"] == "actions" for one in card["blocks"])

    def message(self, channel: str, ts: str) -> Json | None:
        return next((one for one in self.messages.get(channel, ()) if one["ts"] == ts), None)

    def thread(self, key: str) -> list[Json]:
        channel, thread = key.split(":")
        with self.lock:
            return [one for one in self.messages[channel] if one.get("thread_ts") == thread]

    def _ours(self, key: str, type: str) -> list[Json]:
        return [one for one in self.thread(key) if one.get("metadata", {}).get("event_type") == type]

    def ts(self) -> str:
        """A time that no other message has."""
        self._at = max(self._at + 0.000001, time.time())
        return f"{self._at:.6f}"


def signed(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    now = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{now}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={digest}"}


def _user(person: Person) -> Json:
    profile = {"real_name": person.name, "display_name": person.name, "email": person.email}
    profile["image_192"] = f"https://avatars.slack-edge.com/{person.id}_192.png"
    base = {"id": USERS[person.id], "team_id": TEAM, "name": person.id, "is_bot": False, "deleted": False}
    return {**base, "profile": profile}


def _is_top(message: Json) -> bool:
    return message.get("thread_ts", message["ts"]) == message["ts"] or message.get("subtype") == "thread_broadcast"


def _after(message: Json, told: Json) -> bool:
    return float(message["ts"]) > float(told.get("oldest", 0))


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("text"), str):
        return [value["text"]]
    return [text for one in value.values() for text in _texts(one)]


def _ok(**told: Any) -> Reply:
    return Reply({"ok": True, **told})


def _no(error: str) -> Reply:
    return Reply({"ok": False, "error": error})
