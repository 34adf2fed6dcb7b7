"""A hub that speaks the Bot Framework's handoff events, as a channel."""

import json
from collections.abc import Awaitable, Callable, Sequence
from time import time
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from rasa_handoff.channel import (
    Capabilities,
    Case,
    Checked,
    File,
    Incoming,
    Opened,
    Outgoing,
    Person,
    Received,
    Request,
    Signal,
)
from rasa_handoff.channels.bot_framework import activities
from rasa_handoff.channels.bot_framework.told import TYPES, Activity
from rasa_handoff.channels.http import Vendor
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.core.errors import HandoffError, NotFound, UnsupportedByChannel, Unverified
from rasa_handoff.core.takeover import Place
from rasa_handoff.signing import key_of, signed, verified

CAPABILITIES = Capabilities(image=True, file=True, typing=True, edit=True, names=True, once=True, external=True)


class BotFrameworkChannel:
    """See `Channel`."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        self.id = setup.id
        self._key = key_of(setup.id, setup.secrets.get("key", ""), "HANDOFF_CHANNEL_SECRETS")
        self._url, self._hook_url = str(setup.settings.url), setup.hook_url
        token = setup.secrets.get("token")
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._vendor = Vendor(f"The hub {setup.id}", "", headers=headers)

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        conversation = f"handoff-{effect_id}"
        await self._post(activities.initiate(case, effect_id, conversation, self._hook_url))
        return Opened(conversation)

    async def update_context(self, case: Case, place: Place) -> None:
        await self._post(activities.update(case, f"{place.key}-context-{case.handoff.version}", place.key))

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        await self._post(activities.message(message, place.key))

    async def typing(self, place: Place, *, on: bool) -> None:
        if on:  # there is no activity for the end of it
            await self._post(activities.typing(f"{place.key}-typing-{time():.3f}", place.key))

    async def release(self, case: Case, place: Place) -> None:
        await self._post(activities.end(case, f"{place.key}-end", place.key))

    async def tell(self, place: Place, person: Person, text: str) -> None:
        await self._post(activities.notice(f"{place.key}-told-{time():.6f}", place.key, person.id, text))

    def receive(self, request: Request) -> Received:
        id = verified(self._key, request.headers, request.body, request.at.timestamp())
        try:
            told = json.loads(request.body)
            if isinstance(told, dict) and told.get("type") not in TYPES:
                return Received()  # a hub may send what we need not know: it must not be rejected
            activity = Activity.model_validate(told)
            return Received((Signal(id, activity.conversation.id, told, activity.written),))
        except (ValueError, RecursionError):
            raise Unverified from None

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        try:
            return Activity.model_validate(signal.payload).means(signal.id)
        except ValidationError:
            return ()

    async def history(self, place: Place) -> Sequence[Incoming]:
        raise UnsupportedByChannel("The Bot Framework's protocol has no history to ask for.")

    async def open_file(self, ref: str) -> File:
        raise NotFound("A hub's files have public addresses.")

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        return

    async def check(self) -> Sequence[Checked]:
        try:
            await self._vendor.request("OPTIONS", self._at("check"))
        except HandoffError as error:
            if "did not answer" in str(error):
                return [Checked(False, str(error), f"see that the hub answers at {self._url}")]
        return [Checked(True, f"a server answers at {self._url}"), self._address()]

    async def close(self) -> None:
        await self._vendor.close()

    def _address(self) -> Checked:
        mend = "give the desk an address that the hub reaches: HANDOFF_PUBLIC_URL"
        return Checked(self._hook_url is not None, f"the hub is to post to {self._hook_url or 'no address'}", mend)

    def _at(self, conversation: str) -> str:
        return self._url.replace("{conversation}", quote(conversation, safe=""))

    async def _post(self, activity: dict[str, Any]) -> None:
        body = json.dumps(activity, ensure_ascii=False).encode(errors="replace")
        headers = signed(self._key, activity["id"], int(time()), body)
        at = self._at(activity["conversation"]["id"])
        kind = {"content-type": "application/json; charset=utf-8"}
        await self._vendor.request("POST", at, content=body, headers=headers | kind)
