"""What Twilio answers: Conversations, Interactions, TaskRouter, accounts and files.

Unlike a conversation's unique name or a participant's identity, a message or an Interaction that is posted twice is
there twice.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import jsonschema

from tests.channels.twilio.spec import NAMES, spec, there_are_specs
from tests.channels.vendor import Call, FakeVendor, Reply

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


class TwilioService(FakeVendor):
    """Each request, and each answer, is held to Twilio's specifications."""

    def __init__(self) -> None:
        super().__init__()
        self.conversations: dict[str, Conversation] = {}
        self.users: dict[str, str] = {}
        self.interactions: list[Json] = []
        self.tasks: dict[str, Json] = {}
        self.files: dict[str, tuple[str, str, bytes]] = {}
        self.key = (ACCOUNT, TOKEN)
        self.default_service = SERVICE

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
            (f"{work}/TaskChannels/chat", "GET", lambda _: Reply({"sid": sid_of("TC"), "unique_name": "chat"})),
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
        made = Conversation(sid_of("CH"), form["UniqueName"], form["FriendlyName"], form["Attributes"])
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
        return Reply(self.message(found, form["Author"], form["Body"], form.get("Attributes", "{}")), 201)

    def _edit(self, call: Call, sid: str, message: str) -> Reply:
        found = next((one for one in self._open(sid).messages if one["sid"] == message), None)
        if found is None:
            raise TwilioError(404, 20404, "The requested message was not found")
        assert 0 < len(call.form["Body"]) <= 1600
        found |= {"body": call.form["Body"], "date_updated": now()}
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
        return Reply(self.participant(found, identity), 201)

    def _listen(self, call: Call, sid: str) -> Reply:
        found, pairs = self._open(sid), call.body.decode()
        if len(found.webhooks) >= 5:
            raise TwilioError(400, 50354, "There are at most five webhooks of one conversation")
        filters = re.findall(r"Configuration\.Filters=(\w+)", pairs)
        form = call.form
        configuration = {"url": form["Configuration.Url"], "method": "post", "filters": filters}
        made = {
            "sid": sid_of("WH"),
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
        return Reply({"sid": sid_of("US"), "identity": identity, "friendly_name": self.users[identity]}, 201)

    def _who(self, call: Call, identity: str) -> Reply:
        if identity not in self.users:
            raise TwilioError(404, 50200, "User not found")
        return Reply({"sid": sid_of("US"), "identity": identity, "friendly_name": self.users[identity]})

    def _interact(self, call: Call) -> Reply:
        channel, routing = json.loads(call.form["Channel"]), json.loads(call.form["Routing"])["properties"]
        assert (channel["type"], channel["initiated_by"]) == ("web", "customer")
        assert (routing["workspace_sid"], routing["workflow_sid"]) == (WORKSPACE, WORKFLOW)
        conversation = self._open(channel["properties"]["media_channel_sid"])
        made = {"sid": sid_of("KD"), "channel": sid_of("UO"), "task": sid_of("WT"), "conversation": conversation.sid}
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
            self.close_interaction(found)
        return self._channel(call, sid, channel)

    def close_interaction(self, interaction: Json) -> None:
        interaction["status"] = "closed"
        self.tasks[interaction["task"]]["assignment_status"] = "completed"

    def interaction(self, key: str) -> Json:
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

    def participant(self, conversation: Conversation, identity: str) -> Json:
        sids = {"sid": sid_of("MB"), "conversation_sid": conversation.sid, "role_sid": sid_of("RL")}
        made = {**sids, "identity": identity, "date_created": now()}
        conversation.people.append(made)
        return made

    def message(
        self, conversation: Conversation, author: str, body: str | None, attributes: str, media: Any = None
    ) -> Json:
        participant = next((one["sid"] for one in conversation.people if one["identity"] == author), None)
        made = {
            "sid": sid_of("IM"),
            "account_sid": ACCOUNT,
            "chat_service_sid": SERVICE,
            "conversation_sid": conversation.sid,
            "index": len(conversation.messages),
            "author": author,
            "body": body,
            "media": media,
            "attributes": attributes,
            "participant_sid": participant,
            "date_created": now(),
        }
        conversation.messages.append(made)
        return made


def _shape(one: Conversation) -> Json:
    sids = {"sid": one.sid, "account_sid": ACCOUNT, "chat_service_sid": SERVICE, "unique_name": one.unique_name}
    return {**sids, "friendly_name": one.friendly_name, "attributes": one.attributes, "state": one.state}


def _tag(task: Json) -> str:
    return f'"{hashlib.sha256(task["attributes"].encode()).hexdigest()[:8]}"'


def _size(text: str) -> int:
    return len(text.encode())


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def sid_of(prefix: str) -> str:
    return prefix + uuid4().hex


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
