"""Twilio Flex as a channel: the conversation is relayed through Conversations, and ended through its Interaction."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress

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
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.twilio import hooks
from rasa_handoff.channels.twilio.api import Closed, Missing, Twilio
from rasa_handoff.channels.twilio.checks import Checks
from rasa_handoff.channels.twilio.listening import Listener
from rasa_handoff.channels.twilio.opening import BOT, Opening
from rasa_handoff.channels.twilio.package import attributes, head, pieces
from rasa_handoff.channels.twilio.reading import OURS, of_api
from rasa_handoff.channels.twilio.signature import Keys, verified
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.errors import NotFound, PlaceGone, Refused, SettingsError, UnsupportedByChannel
from rasa_handoff.core.takeover import Place

CAPABILITIES = Capabilities(image=True, file=True, edit=True, names=True, history=True, once=True, external=True)

_SYSTEM = "Handoff"
_AUTHORS = {Author.BOT: BOT, Author.AGENT: "Agent", Author.SYSTEM: _SYSTEM}


class TwilioChannel:
    """See `Channel`."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        self.id = setup.id
        self._settings, self._hook_url = setup.settings, setup.hook_url
        token, user, password = _credentials(setup)
        self._twilio = Twilio(self._settings, user, password)
        self._keys = Keys(token.encode(), setup.secrets.get("signing_key", "").encode())
        self._opening = Opening(self._twilio, self._settings, self._hook_url)
        self._listener = Listener(self._twilio, self._settings.hand_back)
        self._checks = Checks(self._twilio, self._settings, token, self._hook_url)

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        return await self._opening.open(case, effect_id, again=again)

    async def update_context(self, case: Case, place: Place) -> None:
        with suppress(Missing, Closed):
            await self._show(case, place)
        with suppress(Missing):  # TaskRouter drops tasks soon after they are done
            now, unchanged = await self._twilio.task(place.data["task"])
            merged = now | attributes(case, place.data["customer"])
            await self._twilio.post("taskrouter", "Tasks", place.data["task"], headers=unchanged, Attributes=merged)

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        """Errors: PlaceGone too, when Flex has ended the conversation or somebody has deleted it."""
        try:
            there = await self._said(place) if again else frozenset()
            for number, part in enumerate(pieces(_text(message))):
                if f"{message.id}:{number}" not in there:
                    await self._say(place, _author(place, message), part, f"{message.id}:{number}")
        except Missing as error:
            raise PlaceGone(str(error)) from error

    async def typing(self, place: Place, *, on: bool) -> None:
        raise UnsupportedByChannel("Twilio lets only its own apps show that somebody types.")

    async def release(self, case: Case, place: Place) -> None:
        with suppress(Missing, Closed):
            await self._show(case, place)
        await self._complete(place)
        with suppress(Missing, Closed):
            await self._twilio.post("conversations", "Conversations", place.key, State="closed")

    async def tell(self, place: Place, person: Person, text: str) -> None:
        for part in pieces(text):
            await self._say(place, _SYSTEM, part, "told")

    def receive(self, request: Request) -> Received:
        return Received(hooks.signals(verified(self._keys, self._hook_url, request)))

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        return await self._listener.events(signal)

    async def history(self, place: Place) -> Sequence[Incoming]:
        return await self._listener.history(place)

    async def open_file(self, ref: str) -> File:
        try:
            told = await self._twilio.get(self._settings.media, ref)
        except Missing as error:
            raise NotFound("There is no such file at Twilio.") from error
        url, size = (told.get("links") or {}).get("content_direct_temporary"), told.get("size")
        if not isinstance(url, str):
            raise NotFound("Twilio has no content for this file.")
        chunks: AsyncIterator[bytes] = self._twilio.read(url)
        name, kind = told.get("filename") or ref, told.get("content_type") or "application/octet-stream"
        return File(str(name), str(kind), size if isinstance(size, int) else None, chunks)

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        return

    async def check(self) -> Sequence[Checked]:
        return await self._checks.all()

    async def close(self) -> None:
        await self._twilio.close()

    async def _say(self, place: Place, author: str, text: str, id: str) -> None:
        at = ("conversations", "Conversations", place.key, "Messages")
        await self._twilio.post(*at, Author=author, Body=text, Attributes={OURS: id})

    async def _said(self, place: Place) -> frozenset[str | None]:
        return frozenset(of_api(one).ours for one in await self._twilio.messages(place.key))

    async def _show(self, case: Case, place: Place) -> None:
        at = ("conversations", "Conversations", place.key, "Messages", place.data["head"])
        await self._twilio.post(*at, Body=head(case))

    async def _complete(self, place: Place) -> None:
        """Through the Interaction: tasks that belong to one are not to be changed in TaskRouter, says Twilio."""
        at = ("flex-api", place.data["interaction"], "Channels", place.data["channel"])
        try:
            await self._twilio.post(*at, Status="closed", Routing={"status": "closed"})
        except Missing:
            return
        except Refused:
            if (await self._twilio.get(*at)).get("status") not in ("closed", "failed"):
                raise


def _credentials(setup: Setup) -> tuple[str, str, str]:
    """The auth token, and what Twilio is called with. Errors: SettingsError."""
    token, key = setup.secrets.get("auth_token", ""), setup.secrets.get("api_key", "")
    if not token:
        raise SettingsError(f"The channel {setup.id!r} has no auth_token in HANDOFF_CHANNEL_SECRETS.")
    if not key:
        return token, setup.settings.account, token
    if not setup.secrets.get("api_key_secret"):
        raise SettingsError(
            f"The channel {setup.id!r} has an api_key but no api_key_secret in HANDOFF_CHANNEL_SECRETS."
        )
    return token, key, setup.secrets["api_key_secret"]


def _author(place: Place, message: Outgoing) -> str:
    return place.data["customer"] if message.author is Author.CUSTOMER else message.name or _AUTHORS[message.author]


def _text(message: Outgoing) -> str:
    """With the addresses of what was sent along, which Flex makes links of."""
    files = [f"[{one.kind}: {one.url}]" for one in message.attachments]
    return "\n".join([*([message.text] if message.text else []), *files])
