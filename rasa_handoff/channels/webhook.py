"""Takeover by signed webhooks, for whatever has no channel of its own: a help desk, a hub, a script.

What we send is a POST of `{"type", "place", "data"}`, signed as `signing` says, its `webhook-id` the same on every try;
what we are sent is signed with the same key. `docs/how-to/channels/webhook.md` has all of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from time import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, HttpUrl, ValidationError

from rasa_handoff.channel import (
    AgentSaid,
    Capabilities,
    Case,
    Checked,
    Incoming,
    LetGo,
    Opened,
    Outgoing,
    Person,
    Received,
    Request,
    Signal,
    Took,
)
from rasa_handoff.channels import briefing
from rasa_handoff.channels.base import BaseChannel
from rasa_handoff.channels.http import Vendor
from rasa_handoff.channels.kinds import ChannelKind, ChannelSettings, Setup
from rasa_handoff.cloudevents import context
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import HandoffError, Unverified
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.takeover import Place
from rasa_handoff.signing import key_of, signed, verified

Json = dict[str, Any]

CAPABILITIES = Capabilities(image=True, file=True, typing=True, names=True, once=True, external=True)


class WebhookChannelSettings(ChannelSettings):
    """Takeover by signed webhooks."""

    type: Literal["webhook"] = Field(description="Signed webhooks, both ways.")
    url: Annotated[HttpUrl, Field(strict=False)] = Field(description="Where handoffs and messages are posted.")


class _Agent(BaseModel):
    id: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=200)
    email: str | None = None
    avatar: str | None = None

    def person(self) -> Person:
        return Person(self.id, self.name, self.email, self.avatar)


class _File(BaseModel):
    url: HttpUrl
    kind: str = Field("file", max_length=40)


class _Message(BaseModel):
    id: str = Field(min_length=1, max_length=200)
    text: str = ""
    attachments: list[_File] = []


class _Told(BaseModel):
    """What we may be told."""

    type: Literal["agent.accepted", "agent.message", "handoff.closed"]
    place: str = Field(min_length=1, max_length=500)
    agent: _Agent
    message: _Message | None = None
    outcome: Outcome = Outcome.RESOLVED
    note: str = Field("", max_length=2000)


class WebhookChannel(BaseChannel):
    """See `Channel`."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        self.id = setup.id
        self._key = key_of(setup.id, setup.secrets.get("key", ""), "HANDOFF_CHANNEL_SECRETS")
        self._url = str(setup.settings.url)
        self._vendor = Vendor(f"The takeover webhook {setup.id}", "")

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        answer = await self._post(effect_id, "handoff.take_over", case.handoff.id, _context(case))
        told = answer.get("place") if isinstance(answer, dict) else None
        return Opened(told if isinstance(told, str) and told else case.handoff.id, _ids(case))

    async def update_context(self, case: Case, place: Place) -> None:
        id = f"{case.handoff.id}-{case.handoff.version}-{place.department}"
        await self._post(id, "handoff.context", place.key, _context(case))

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        files = [asdict(one) for one in message.attachments]
        said = {"id": message.id, "author": message.author.value, "name": message.name, "text": message.text}
        await self._post(message.id, "handoff.message", place.key, {**place.data, **said, "attachments": files})

    async def typing(self, place: Place, *, on: bool) -> None:
        await self._post(f"{place.key}-typing-{time():.3f}", "handoff.typing", place.key, {**place.data, "on": on})

    async def release(self, case: Case, place: Place) -> None:
        outcome = case.handoff.outcome.value if case.handoff.outcome else None
        data = {**_ids(case), "state": briefing.state(case), "outcome": outcome, "note": case.handoff.note}
        await self._post(f"{case.handoff.id}-released-{place.department}", "handoff.released", place.key, data)

    async def tell(self, place: Place, person: Person, text: str) -> None:
        data = {**place.data, "agent": {"id": person.id, "name": person.name}, "text": text}
        await self._post(f"{place.key}-told-{time():.6f}", "handoff.told", place.key, data)

    def receive(self, request: Request) -> Received:
        id = verified(self._key, request.headers, request.body, request.at.timestamp())
        try:
            told = _Told.model_validate_json(request.body)
        except ValidationError:
            raise Unverified from None
        written = (told.message.text, told.note) if told.message else (told.note,)
        return Received((Signal(id, told.place, json.loads(request.body), written),))

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        told = _Told.model_validate(signal.payload, strict=False)
        person = told.agent.person()
        match told.type:
            case "agent.accepted":
                return (Took(told.place, person),)
            case "agent.message":
                return (_said(told, person),) if told.message else ()
            case "handoff.closed":
                return (LetGo(told.place, told.outcome, person, told.note),)

    async def check(self) -> Sequence[Checked]:
        try:
            await self._vendor.request("OPTIONS", self._url)
        except HandoffError as error:
            if "did not answer" in str(error):
                return [Checked(False, str(error), f"see that a server answers at {self._url}")]
        return [Checked(True, f"{self._url} answers")]

    async def close(self) -> None:
        await self._vendor.close()

    async def _post(self, id: str, type: str, place: str, data: Mapping[str, Any]) -> Any:
        body = json.dumps({"type": type, "place": place, "data": data}, ensure_ascii=False).encode(errors="replace")
        headers = signed(self._key, id, int(time()), body) | {"content-type": "application/json; charset=utf-8"}
        response = await self._vendor.request("POST", self._url, content=body, headers=headers)
        try:
            return response.json()
        except ValueError:
            return None


def _ids(case: Case) -> dict[str, str]:
    handoff = case.handoff
    return {"handoff_id": handoff.id, "conversation_id": handoff.conversation_id}


def _context(case: Case) -> Json:
    told = context(case.handoff, case.package, transcript=True)
    return {**_ids(case), "department": briefing.department(case), "state": briefing.state(case), **told}


def _said(told: _Told, person: Person) -> AgentSaid:
    assert told.message is not None
    files = tuple(Attachment(str(one.url), one.kind) for one in told.message.attachments)
    return AgentSaid(told.place, told.message.id, person, told.message.text, attachments=files)


KIND = ChannelKind(
    name="webhook",
    title="Signed webhooks",
    settings=WebhookChannelSettings,
    capabilities=CAPABILITIES,
    make=WebhookChannel,
    secrets={"key": "signs what is sent both ways: `whsec_` and the base64 of 24 to 64 random bytes"},
)
