"""Twilio with Flex, on loopback: Conversations, Interactions, TaskRouter, accounts and files.

Unlike a conversation's unique name or a participant's identity, a message or an Interaction that is posted twice is
there twice. What agents do there happens through the Flex UI and so makes webhooks; what we do does not.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import jsonschema

from rasa_handoff.channel import Person, Press
from rasa_handoff.channels.twilio import KIND
from tests.channels.twilio.spec import NAMES, spec, there_are_specs
from tests.channels.vendor import ANNA, Call, FakeVendor, Hook, Reply

ACCOUNT, SERVICE = "AC" + "a" * 32, "IS" + "b" * 32
WORKSPACE, WORKFLOW = "WS" + "c" * 32, "WW" + "d" * 32
TOKEN = "12345678901234567890123456789012"
OURS = "rasa_handoff"

Json = dict[str, Any]


class TwilioError(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.reply = Reply(
            {
                "code": code,
                "message": message,
                "more_info": f"https://www.twilio.com/docs/errors/{code}",
                "status": status,
            },
            status,
        )


@dataclass
class Conversation:
    sid: str
    unique_name: str
    friendly_name: str
    attributes: str
    state: str = "active"
    messages: list[Json] = field(default_factory=list)
    people: list[Json] = field(default_factory=list)
    webhooks: list[Json] = field(default_factory=list)


class TwilioWorld(FakeVendor):
    kind = KIND

    def __init__(self) -> None:
        super().__init__()
        self.conversations: dict[str, Conversation] = {}
        self.users: dict[str, str] = {}
        self.interactions: list[Json] = []
        self.tasks: dict[str, Json] = {}
        self.files: dict[str, tuple[str, str, bytes]] = {}
        self.key = (ACCOUNT, TOKEN)
        self.default_service = SERVICE

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
            message = self._message(self.conversations[key], here["identity"], text, "{}")
            self.hook(key, "onMessageAdded", _told(message, "SDK"))

    def agent_sends(self, key: str, name: str, kind: str, content: bytes, person: Person = ANNA) -> str:
        """A file; its SID."""
        with self.lock:
            here, sid = self._joined(key, person), _sid("ME")
            self.files[sid] = (name, kind, content)
            media = {"sid": sid, "filename": name, "content_type": kind, "size": len(content)}
            message = self._message(self.conversations[key], here["identity"], None, "{}", [media])
            self.hook(key, "onMessageAdded", _told(message, "SDK"))
            return sid

    def press(self, key: str, press: Press, person: Person = ANNA) -> None:
        with self.lock:
            match press:
                case Press.ACCEPT:
                    here = self._joined(key, person)
                    names = ("ParticipantSid", "Identity", "RoleSid", "Attributes", "DateCreated")
                    told = (here["sid"], here["identity"], here["role_sid"], "{}", _now())
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
            self._close(self._interaction(key))
            before, self.conversations[key].state = self.conversations[key].state, "closed"
            told = {"StateFrom": before, "StateTo": "closed", "StateUpdated": _now(), "Reason": "API"}
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
            interaction = self._interaction(key)
            done = self.tasks[interaction["task"]]["assignment_status"] == "completed"
            return self.conversations[key].state == "closed" and interaction["status"] == "closed" and done

    def running(self, key: str) -> list[Json]:
        return [one for one in self.interactions if one["conversation"] == key]

    # What Twilio answers.

    def answer(self, call: Call) -> Reply:
        _, product, path = call.path.split("/", 2)
        if call.headers.get("authorization") != _basic(*self._expected(product)) and product != "signed":
            return TwilioError(401, 20003, "Authenticate").reply
        try:
            if product in NAMES and there_are_specs():
                spec(product).request_fits(call, f"/{path}")
            reply = self._answer(product, path, call)
            if product in NAMES and there_are_specs():
                spec(product).answer_fits(call.method, f"/{path}", reply.status, reply.body)
        except TwilioError as error:
            return error.reply
        except (AssertionError, jsonschema.ValidationError) as error:
            return TwilioError(400, 20001, f"The specification forbids it: {error}").reply
        return reply

    def _expected(self, product: str) -> tuple[str, str]:
        return (ACCOUNT, TOKEN) if product == "api" else self.key

    def _answer(self, product: str, path: str, call: Call) -> Reply:
        for pattern, method, act in self._routes():
            found = re.fullmatch(pattern, f"{product}/{path}")
            if found and method == call.method:
                return act(call, *found.groups())
        raise TwilioError(404, 20404, f"The requested resource /{path} was not found")

    def _routes(self) -> list[tuple[str, str, Callable[..., Reply]]]:
        service, talk = f"conversations/v1/Services/{SERVICE}", f"conversations/v1/Services/{SERVICE}/Conversations"
        work = f"taskrouter/v1/Workspaces/{WORKSPACE}"
        return [
            (talk, "POST", self._create),
            (f"{talk}/([^/]+)", "GET", lambda _, sid: Reply(_shape(self._find(sid)))),
            (f"{talk}/([^/]+)", "POST", self._update),
            (f"{talk}/([^/]+)/Messages", "POST", self._say),
            (f"{talk}/([^/]+)/Messages", "GET", self._list),
            (f"{talk}/([^/]+)/Messages/([^/]+)", "POST", self._edit),
            (f"{talk}/([^/]+)/Participants", "POST", self._join),
            (f"{talk}/([^/]+)/Participants", "GET", lambda _, sid: self._page("participants", self._find(sid).people)),
            (f"{talk}/([^/]+)/Webhooks", "POST", self._listen),
            (f"{talk}/([^/]+)/Webhooks", "GET", lambda _, sid: self._page("webhooks", self._find(sid).webhooks)),
            (f"{service}/Users", "POST", self._user),
            (f"{service}/Users/([^/]+)", "GET", self._who),
            ("flex-api/v1/Interactions", "POST", self._interact),
            ("flex-api/v1/Interactions/([^/]+)/Channels/([^/]+)", "POST", self._end),
            ("flex-api/v1/Interactions/([^/]+)/Channels/([^/]+)", "GET", self._channel),
            (f"{work}/Tasks", "GET", self._tasks),
            (f"{work}/Tasks/([^/]+)", "GET", self._task),
            (f"{work}/Tasks/([^/]+)", "POST", self._route),
            (f"{work}/Workflows/{WORKFLOW}", "GET", lambda _: Reply({"sid": WORKFLOW, "friendly_name": "Assign"})),
            (f"{work}/TaskChannels/chat", "GET", lambda _: Reply({"sid": _sid("TC"), "unique_name": "chat"})),
            ("flex-api/v1/Configuration", "GET", self._configuration),
            ("conversations/v1/Configuration", "GET", self._defaults),
            (f"api/2010-04-01/Accounts/{ACCOUNT}.json", "GET", lambda _: Reply({"sid": ACCOUNT, "status": "active"})),
            (f"mcs.us1/v1/Services/{SERVICE}/Media/([^/]+)", "GET", self._media),
            ("signed/([^/]+)", "GET", lambda _, sid: Reply(self.files[sid][2])),
        ]

    def _find(self, sid: str) -> Conversation:
        for one in self.conversations.values():
            if sid in (one.sid, one.unique_name):
                return one
        raise TwilioError(404, 20404, f"The requested resource /Conversations/{sid} was not found")

    def _open(self, sid: str) -> Conversation:
        found = self._find(sid)
        if found.state == "closed":
            raise TwilioError(400, 50377, "Can't update conversation as it's in final closed state")
        return found

    def _create(self, call: Call) -> Reply:
        form = call.form
        if any(one.unique_name == form["UniqueName"] for one in self.conversations.values()):
            raise TwilioError(409, 50353, "Conversation with provided unique name already exists")
        made = Conversation(_sid("CH"), form["UniqueName"], form["FriendlyName"], form["Attributes"])
        self.conversations[made.sid] = made
        return Reply(_shape(made), 201)

    def _update(self, call: Call, sid: str) -> Reply:
        found = self._open(sid)
        found.state = call.form.get("State", found.state)
        return Reply(_shape(found))

    def _say(self, call: Call, sid: str) -> Reply:
        form, found = call.form, self._open(sid)
        if not form.get("Body") or len(form["Body"]) > 1600:
            raise TwilioError(400, 50511, "Message body is missing or too long")
        return Reply(self._message(found, form["Author"], form["Body"], form.get("Attributes", "{}")), 201)

    def _edit(self, call: Call, sid: str, message: str) -> Reply:
        found = next((one for one in self._open(sid).messages if one["sid"] == message), None)
        if found is None:
            raise TwilioError(404, 20404, "The requested message was not found")
        assert 0 < len(call.form["Body"]) <= 1600
        found |= {"body": call.form["Body"], "date_updated": _now()}
        return Reply(found)

    def _list(self, call: Call, sid: str) -> Reply:
        size, page = int(call.query.get("PageSize", 50)), int(call.query.get("Page", 0))
        said = sorted(self._find(sid).messages, key=lambda one: one["index"], reverse=call.query.get("Order") == "desc")
        shown = said[page * size : (page + 1) * size]
        more = urlencode({**call.query, "Page": page + 1, "PageToken": f"PA{page + 1}"})
        url = f"https://conversations.twilio.com/v1/Services/{SERVICE}/Conversations/{sid}/Messages"
        return self._page("messages", shown, f"{url}?{more}" if len(said) > (page + 1) * size else None)

    def _page(self, name: str, found: list[Json], following: str | None = None) -> Reply:
        meta = {"page": 0, "page_size": 50, "key": name, "next_page_url": following, "previous_page_url": None}
        return Reply({name: found, "meta": meta})

    def _join(self, call: Call, sid: str) -> Reply:
        found, identity = self._open(sid), call.form["Identity"]
        if any(one["identity"] == identity for one in found.people):
            raise TwilioError(409, 50433, "Participant already exists")
        return Reply(self._participant(found, identity), 201)

    def _listen(self, call: Call, sid: str) -> Reply:
        found, pairs = self._open(sid), call.body.decode()
        if len(found.webhooks) >= 5:
            raise TwilioError(400, 50354, "There are at most five webhooks of one conversation")
        filters = re.findall(r"Configuration\.Filters=(\w+)", pairs)
        form = call.form
        configuration = {"url": form["Configuration.Url"], "method": "post", "filters": filters}
        made = {
            "sid": _sid("WH"),
            "conversation_sid": found.sid,
            "target": form["Target"],
            "configuration": configuration,
        }
        found.webhooks.append(made)
        return Reply(made, 201)

    def _user(self, call: Call) -> Reply:
        identity = call.form["Identity"]
        if identity in self.users:
            raise TwilioError(409, 50201, "User already exists")
        self.users[identity] = call.form["FriendlyName"]
        return Reply({"sid": _sid("US"), "identity": identity, "friendly_name": self.users[identity]}, 201)

    def _who(self, call: Call, identity: str) -> Reply:
        if identity not in self.users:
            raise TwilioError(404, 50200, "User not found")
        return Reply({"sid": _sid("US"), "identity": identity, "friendly_name": self.users[identity]})

    def _interact(self, call: Call) -> Reply:
        channel, routing = json.loads(call.form["Channel"]), json.loads(call.form["Routing"])["properties"]
        assert (channel["type"], channel["initiated_by"]) == ("web", "customer")
        assert (routing["workspace_sid"], routing["workflow_sid"]) == (WORKSPACE, WORKFLOW)
        conversation = self._open(channel["properties"]["media_channel_sid"])
        made = {"sid": _sid("KD"), "channel": _sid("UO"), "task": _sid("WT"), "conversation": conversation.sid}
        self.interactions.append({**made, "status": "active", "error": None})
        flex = {"flexInteractionSid": made["sid"], "flexInteractionChannelSid": made["channel"], "channelType": "web"}
        told = {**routing["attributes"], **flex, "conversationSid": conversation.sid, "initiatedBy": "customer"}
        assert _size(json.dumps(told, ensure_ascii=False)) <= 4096, "attributes have a limit"
        task = {"sid": made["task"], "attributes": json.dumps(told), "assignment_status": "pending"}
        self.tasks[made["task"]] = {**task, "workspace_sid": WORKSPACE, "workflow_sid": WORKFLOW}
        routed = {"properties": {**self.tasks[made["task"]], "task_channel_unique_name": "chat"}, "reservation": None}
        return Reply({"sid": made["sid"], "channel": {"type": "web", "sid": made["channel"]}, "routing": routed})

    def _channel(self, call: Call, sid: str, channel: str) -> Reply:
        found = next((one for one in self.interactions if (one["sid"], one["channel"]) == (sid, channel)), None)
        if found is None:
            raise TwilioError(404, 45004, "Interaction channel not found")
        said = {"error_code": 45354 if found["error"] else None, "error_message": found["error"]}
        return Reply({"sid": channel, "interaction_sid": sid, "type": "web", "status": found["status"], **said})

    def _end(self, call: Call, sid: str, channel: str) -> Reply:
        self._channel(call, sid, channel)
        found = next(one for one in self.interactions if one["sid"] == sid)
        if found["status"] == "closed":
            raise TwilioError(400, 45008, "The channel is closed already")
        if call.form["Status"] == "closed" and json.loads(call.form["Routing"]) == {"status": "closed"}:
            self._close(found)
        return self._channel(call, sid, channel)

    def _close(self, interaction: Json) -> None:
        interaction["status"] = "closed"
        self.tasks[interaction["task"]]["assignment_status"] = "completed"

    def _interaction(self, key: str) -> Json:
        return next(one for one in self.interactions if one["conversation"] == key)

    def _tasks(self, call: Call) -> Reply:
        wanted = re.fullmatch(r'conversationSid == "(CH\w{32})"', call.query["EvaluateTaskAttributes"])
        assert wanted
        return self._page("tasks", [one for one in self.tasks.values() if wanted[1] in one["attributes"]])

    def _task(self, call: Call, sid: str) -> Reply:
        if sid not in self.tasks:
            raise TwilioError(404, 20404, "The task was not found")
        return Reply(self.tasks[sid], headers={"ETag": _tag(self.tasks[sid])})

    def _route(self, call: Call, sid: str) -> Reply:
        self._task(call, sid)
        if call.headers.get("if-match") not in (None, _tag(self.tasks[sid])):
            raise TwilioError(412, 20412, "The ETag does not match")
        assert _size(call.form["Attributes"]) <= 4096, "attributes have a limit"
        self.tasks[sid]["attributes"] = call.form["Attributes"]
        return self._task(call, sid)

    def _configuration(self, call: Call) -> Reply:
        services = {"chat_service_instance_sid": SERVICE, "flex_service_instance_sid": SERVICE}
        return Reply({"account_sid": ACCOUNT, **services, "taskrouter_workspace_sid": WORKSPACE})

    def _defaults(self, call: Call) -> Reply:
        return Reply({"account_sid": ACCOUNT, "default_chat_service_sid": self.default_service})

    def _media(self, call: Call, sid: str) -> Reply:
        if sid not in self.files:
            raise TwilioError(404, 20404, "Media not found")
        name, kind, content = self.files[sid]
        links = {"content": f"/v1/Media/{sid}/Content", "content_direct_temporary": f"{self.url}/signed/{sid}"}
        return Reply({"sid": sid, "filename": name, "content_type": kind, "size": len(content), "links": links})

    def _joined(self, key: str, person: Person) -> Json:
        """The agent's participant: Flex adds it when they accept."""
        identity = flex_identity(person)
        self.users.setdefault(identity, person.name)
        if key not in self.conversations:  # one that we have not made, with a webhook of ours
            configuration = {"url": self.hook_url, "method": "post", "filters": ["onMessageAdded"]}
            webhook = {"sid": _sid("WH"), "configuration": configuration}
            self.conversations[key] = Conversation(key, key, "", "{}", webhooks=[webhook])
        there = self.conversations[key].people
        found = next((one for one in there if one["identity"] == identity), None)
        return found or self._participant(self.conversations[key], identity)

    def _participant(self, conversation: Conversation, identity: str) -> Json:
        sids = {"sid": _sid("MB"), "conversation_sid": conversation.sid, "role_sid": _sid("RL")}
        made = {**sids, "identity": identity, "date_created": _now()}
        conversation.people.append(made)
        return made

    def _message(
        self, conversation: Conversation, author: str, body: str | None, attributes: str, media: Any = None
    ) -> Json:
        participant = next((one["sid"] for one in conversation.people if one["identity"] == author), None)
        made = {
            "sid": _sid("IM"),
            "account_sid": ACCOUNT,
            "chat_service_sid": SERVICE,
            "conversation_sid": conversation.sid,
            "index": len(conversation.messages),
            "author": author,
            "body": body,
            "media": media,
            "attributes": attributes,
            "participant_sid": participant,
            "date_created": _now(),
        }
        conversation.messages.append(made)
        return made

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


def _shape(one: Conversation) -> Json:
    sids = {"sid": one.sid, "account_sid": ACCOUNT, "chat_service_sid": SERVICE, "unique_name": one.unique_name}
    return {**sids, "friendly_name": one.friendly_name, "attributes": one.attributes, "state": one.state}


def _tag(task: Json) -> str:
    return f'"{hashlib.sha256(task["attributes"].encode()).hexdigest()[:8]}"'


def _size(text: str) -> int:
    return len(text.encode())


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _sid(prefix: str) -> str:
    return prefix + uuid4().hex


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
