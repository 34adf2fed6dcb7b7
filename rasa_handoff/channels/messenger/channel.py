"""Customers of a Facebook page: control of the conversation goes to people in the page inbox, and comes back."""

from collections.abc import Awaitable, Callable, Sequence

from rasa_handoff.channel import (
    Capabilities,
    Case,
    Checked,
    File,
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
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.messenger.checking import checked
from rasa_handoff.channels.messenger.control import Control
from rasa_handoff.channels.messenger.forwarding import Rasa
from rasa_handoff.channels.messenger.graph import Graph
from rasa_handoff.channels.messenger.hooks import challenged, received
from rasa_handoff.channels.messenger.reading import UNREADABLE, ForBot, WantsControl, read
from rasa_handoff.channels.messenger.settings import MessengerSettings
from rasa_handoff.core.errors import NotFound, Refused, UnsupportedByChannel
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.takeover import Place
from rasa_handoff.core.text import clipped

CAPABILITIES = Capabilities(image=True, file=True, once=True, external=True, owns=True)

_CUSTOMERS = ("facebook",)
_METADATA = 1000  # characters of what goes along with control


class MessengerChannel:
    """See `Channel`. The place's key is the customer's page-scoped id, which is Rasa's sender id too."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        settings: MessengerSettings = setup.settings
        self.id = setup.id
        self._settings, self._hook_url, self._secrets = settings, setup.hook_url, setup.secrets
        self._secret = setup.secrets.get("app_secret", "")
        base = f"{str(settings.api).rstrip('/')}/{settings.version}"
        self._graph = Graph(base, setup.secrets.get("page_token", ""), self._secret)
        self._rasa = Rasa(str(settings.rasa), self._secret)
        self._control = Control(self._graph, settings)

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        customer = case.handoff.conversation_id
        if case.handoff.channel not in (self._settings.customers or _CUSTOMERS) or not _is_psid(customer):
            raise UnsupportedByChannel("This customer does not write through the page.")
        await self._control.give(customer, _metadata(case), again=again)
        return Opened(customer)

    async def update_context(self, case: Case, place: Place) -> None:
        return  # what goes along with control is told once, and the inbox has nowhere to show more

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        raise UnsupportedByChannel("The customer talks to the page itself, which shows what they write.")

    async def typing(self, place: Place, *, on: bool) -> None:
        return  # the inbox sees that by itself

    async def release(self, case: Case, place: Place) -> None:
        await self._control.take(place.key)

    async def tell(self, place: Place, person: Person, text: str) -> None:
        raise UnsupportedByChannel("In the page inbox nothing can be told that the customer does not read too.")

    def receive(self, request: Request) -> Received:
        if request.method == "GET":
            return challenged(request, self._secrets.get("verify_token", ""))
        return received(request, self._secret, self._settings.page)

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        try:
            found = read(signal.place, signal.payload, self._settings)
        except UNREADABLE as error:
            raise Refused(f"This event of Messenger cannot be read: {error!r}") from error
        match found:
            case ForBot():
                await self._rasa.forward(signal.id, signal.payload)
                came_back = await self._control.has_come_back(signal.place)
                return (LetGo(signal.place, Outcome.RETURNED_TO_BOT),) if came_back else ()
            case WantsControl(by):
                await self._control.give(signal.place, "", again=True)
                return (Took(signal.place, by),)
            case _:
                for one in found:
                    if isinstance(one, Took | LetGo):
                        self._control.moved(signal.place, elsewhere=isinstance(one, Took))
                return found

    async def history(self, place: Place) -> Sequence[Incoming]:
        return ()  # the page's history does not tell which app wrote what

    async def open_file(self, ref: str) -> File:
        raise NotFound("Files of Messenger have public addresses.")

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        return

    async def check(self) -> Sequence[Checked]:
        return await checked(self._graph, self._rasa, self._settings, self._secret, self._hook_url)

    async def close(self) -> None:
        await self._graph.close()
        await self._rasa.close()

    def conversation_of(self, key: str) -> str | None:
        return key if _is_psid(key) else None


def _is_psid(id: str) -> bool:
    return id.isascii() and id.isdecimal() and 5 <= len(id) <= 25


def _metadata(case: Case) -> str:
    """In short what it is about. It goes to the other app; the page inbox does not show it."""
    told = [briefing.headline(case), *briefing.summary(case)]
    url = f" {case.url}" if case.url else ""
    return clipped(" ".join(told), _METADATA - len(url)) + url
