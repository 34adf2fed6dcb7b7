"""A topic for each handoff: its context with buttons, the customer's messages, and what agents write there."""

import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx

from rasa_handoff.channel import (
    Capabilities,
    Case,
    Checked,
    File,
    Incoming,
    Opened,
    Outgoing,
    Person,
    Press,
    Pressed,
    Received,
    Request,
    Signal,
)
from rasa_handoff.channels import briefing
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.telegram import card, checking, updates
from rasa_handoff.channels.telegram.api import Bot, Declined
from rasa_handoff.channels.telegram.presses import Presses
from rasa_handoff.channels.telegram.pulling import pulled, registered
from rasa_handoff.channels.telegram.sending import Topics
from rasa_handoff.channels.telegram.settings import TelegramSettings
from rasa_handoff.channels.telegram.steps import Steps
from rasa_handoff.core.errors import NotFound, PlaceGone, Refused, SettingsError, Unreachable, Unverified
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.takeover import Place

CAPABILITIES = Capabilities(image=True, file=True, buttons=True, typing=True, edit=True, names=True)

_HEADER = "x-telegram-bot-api-secret-token"
_LARGEST = 1_000_000  # bytes of an update
_SAME = ("message is not modified",)
_NO_CARD = ("message to edit not found", "message_id_invalid", "message can't be edited")
_CLOSED = ("topic_not_modified", "topic_id_invalid", "topic_deleted")


class TelegramChannel:
    """See `Channel`."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        settings: TelegramSettings = setup.settings
        self.id = setup.id
        self._settings, self._hook_url = settings, setup.hook_url
        self._secret = _secret(setup)
        self._bot = Bot(setup.secrets.get("token", ""), str(settings.api), settings.chat)
        self._steps, self._presses = Steps(), Presses(self._bot)
        self._topics = Topics(self._bot, self._steps, frozenset(settings.upload_from))

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        try:
            return await self._opened(case, effect_id)
        except PlaceGone as error:
            self._steps.forget(effect_id)
            raise Unreachable("The topic on Telegram was deleted before it was ready.") from error

    async def update_context(self, case: Case, place: Place) -> None:
        if not await self._show(case, place, briefing.presses(case)):
            await self._close(place)
            raise PlaceGone("The topic on Telegram, or its context, was deleted.")
        await self._presses.done(place.key)

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        await self._topics.show(place.key, message)

    async def typing(self, place: Place, *, on: bool) -> None:
        if on:  # it goes away by itself
            told = {"message_thread_id": int(place.key), "action": "typing"}
            await self._bot.in_chat("sendChatAction", told)

    async def release(self, case: Case, place: Place) -> None:
        try:
            await self._show(case, place, ())
            await self._presses.done(place.key)
            await self._close(place)
        except PlaceGone:
            return

    async def tell(self, place: Place, person: Person, text: str) -> None:
        if person.email is None and person.id:
            text = f"{text} (Your user id on Telegram is {person.id}; it has to stand under `agents` in handoff.yml.)"
        if not await self._presses.told(place.key, person.id, text):
            await self._topics.mention(place.key, person, text)

    def receive(self, request: Request) -> Received:
        given = request.headers.get(_HEADER, "").encode(errors="replace")
        is_theirs = hmac.compare_digest(self._secret, given) and bool(self._secret)
        if not is_theirs or request.method != "POST" or request.path or len(request.body) > _LARGEST:
            raise Unverified
        try:
            return self._received(json.loads(request.body))
        except (ValueError, RecursionError):
            raise Unverified from None

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        try:
            found = updates.read(signal.place, signal.payload, self._settings.agents)
        except updates.UNREADABLE as error:
            raise Refused(f"This update of Telegram cannot be read: {error!r}") from error
        match found:
            case updates.NotPassedOn():
                await self._topics.mention(signal.place, found.person, found.why)
                return ()
            case updates.Query():
                return await self._pressed(signal.place, found)
            case _:
                return (found,) if found else ()

    async def history(self, place: Place) -> Sequence[Incoming]:
        return ()  # Telegram shows bots nothing that was written before

    async def open_file(self, ref: str) -> File:
        told = updates.file_of(ref)
        try:
            found = await self._bot.call("getFile", {"file_id": told.get("id", "")})
        except Declined as error:
            raise NotFound("Telegram has no such file, or it is larger than the 20 MB that bots get.") from error
        response = await self._bot.download(str(found.get("file_path")))
        name = told.get("name") or str(found.get("file_path")).rpartition("/")[2]
        media_type = told.get("type") or response.headers.get("content-type") or "application/octet-stream"
        size = response.headers.get("content-length", "")
        return File(name, media_type, int(size) if size.isdecimal() else None, _chunks(response))

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        if self._settings.pull:
            await pulled(self._bot, self._received, take_in)
        elif self._hook_url:
            await registered(self._bot, self._hook_url, self._secret.decode())

    async def check(self) -> Sequence[Checked]:
        return await checking.checked(self._bot, self._settings, self._hook_url)

    async def close(self) -> None:
        await self._bot.close()

    async def _opened(self, case: Case, effect_id: str) -> Opened:
        topic = await self._steps.once(
            effect_id, "topic", lambda: self._bot.in_chat("createForumTopic", {"name": card.topic(case)})
        )
        thread = str(topic["message_thread_id"])
        buttons = card.keyboard(briefing.presses(case))
        sent = await self._steps.once(
            effect_id, "card", lambda: self._topics.html(thread, card.card(case), reply_markup=buttons)
        )
        for number, page in enumerate(card.more(case)):
            await self._steps.once(effect_id, f"page {number}", lambda page=page: self._topics.html(thread, page))  # type: ignore[misc]
        # So that the buttons are at hand when the conversation grows; a right that the bot may lack.
        pin = {"message_id": sent["message_id"], "disable_notification": True}
        await self._bot.in_chat("pinChatMessage", pin, fine=("not enough rights",))
        return Opened(thread, {"card": str(sent["message_id"])})

    async def _show(self, case: Case, place: Place, presses: Sequence[Press]) -> bool:
        """Bring the card up to date; False when it is no longer there."""
        told = {"message_id": int(place.data["card"]), "text": card.card(case), "parse_mode": "HTML"}
        told |= {"reply_markup": card.keyboard(presses), "link_preview_options": {"is_disabled": True}}
        try:
            await self._bot.in_chat("editMessageText", told, fine=_SAME)
        except Declined as error:
            if any(word in error.why for word in _NO_CARD):
                return False
            raise
        return True

    async def _close(self, place: Place) -> None:
        await self._bot.in_chat("closeForumTopic", {"message_thread_id": int(place.key)}, fine=_CLOSED)

    def _received(self, update: object) -> Received:
        chats = frozenset((self._bot.chat, self._settings.chat))
        found = updates.signal(update, self._bot.id, chats)
        return Received((found,) if found else ())

    async def _pressed(self, place: str, query: updates.Query) -> Sequence[Incoming]:
        if query.data == Press.CLOSE:
            shown = [found[0] for one in query.buttons if (found := card.pressed(one))]
            await self._menu(query, card.outcomes(shown))
        elif (before := card.shown_before(query.data)) is not None:
            await self._menu(query, card.keyboard(before))
        elif found := card.pressed(query.data):
            self._presses.wait(place, query.person.id, query.id)
            press, outcome = found
            ended = outcome or (Outcome.RETURNED_TO_BOT if press is Press.HAND_BACK else Outcome.RESOLVED)
            return (Pressed(place, query.id, query.person, press, ended),)
        return ()

    async def _menu(self, query: updates.Query, keyboard: dict[str, Any]) -> None:
        """Show other buttons. One that is gone meanwhile is no failure."""
        told = {"message_id": query.message, "reply_markup": keyboard}
        await self._bot.in_chat("editMessageReplyMarkup", told, fine=(*_SAME, *_NO_CARD))
        await self._presses.answer(query.id)


def _secret(setup: Setup) -> bytes:
    secret = setup.secrets.get("secret", "")
    if setup.settings.pull:
        return b""  # no webhook is believed
    if not re.fullmatch("[A-Za-z0-9_-]{1,256}", secret):
        raise SettingsError(
            f"The secret of the channel {setup.id!r} in HANDOFF_CHANNEL_SECRETS is none that Telegram takes: write "
            "1 to 256 of A-Z, a-z, 0-9, _ and -, such as from `openssl rand -hex 32`."
        )
    return secret.encode()


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    finally:
        await response.aclose()
