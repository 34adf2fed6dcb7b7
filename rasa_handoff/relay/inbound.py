"""What comes from takeover channels: read, put in order, and made to happen to the handoff it is about.

Channels repeat, lose and mix up what they tell us. Repeats are known by their ids. Where a channel has a history, it is
asked for what came after the newest message we have in order, as often as its budget allows: so nothing is missed and
nothing overtakes. Where it has none, or the budget is spent, messages are taken as they come.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime

import structlog

from rasa_handoff.channel import (
    AgentDeleted,
    AgentSaid,
    Channel,
    CustomerSaid,
    Incoming,
    LetGo,
    Press,
    Pressed,
    Signal,
    Took,
)
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.channel_effects import LookAt, TakeIn
from rasa_handoff.core.errors import AgentBusy, BadMessage, NotYours, Refused
from rasa_handoff.core.handoff import (
    Accepted,
    AgentMessaged,
    CustomerMessaged,
    Declined,
    Event,
    HandedBack,
    Handoff,
    Outcome,
    Status,
)
from rasa_handoff.core.offers import require_held
from rasa_handoff.core.showing import LOOK_EVERY, is_later
from rasa_handoff.core.suggestion import Suggestion
from rasa_handoff.core.takeover import Marked, Place, TakeOverFailed
from rasa_handoff.ports import Bot, Store
from rasa_handoff.relay.budget import Budget
from rasa_handoff.relay.control import take_control
from rasa_handoff.relay.links import Links
from rasa_handoff.relay.people import People, Who
from rasa_handoff.service import Service
from rasa_handoff.suggesting import Suggester, conversation

HISTORY_RATE, HISTORY_BURST = 40.0, 20
LOOK_WAITING = 3 * LOOK_EVERY  # there is little to find, and the budget is for those who are served

log = structlog.get_logger()


class Inbound:
    """Belongs to the courier's event loop. `corrections` say by channel how an edited message is sent again."""

    def __init__(
        self,
        store: Store,
        service: Service,
        bot: Bot,
        channels: Mapping[str, Channel],
        links: Links,
        suggester: Suggester | None,
        clock: Callable[[], datetime],
        corrections: Mapping[str, str] | None = None,
        budget: Callable[[], Budget] = lambda: Budget(HISTORY_RATE, HISTORY_BURST),
    ) -> None:
        self._store = store
        self._service = service
        self._bot = bot
        self._channels = channels
        self._links = links
        self._suggester = suggester
        self._clock = clock
        self._corrections = corrections or {}
        self._people = People(store, service, clock)
        self._budgets = {id: budget() for id in channels}

    async def take_in(self, effect: TakeIn) -> None:
        """Read a signal, and let what it means happen. Doing it twice does nothing more.

        Errors: Unreachable (the channel, Rasa or the store), Refused (there is no such channel any more).
        """
        channel = self._channels.get(effect.channel)
        if channel is None:
            raise Refused(f"There is no channel {effect.channel!r} in handoff.yml any more.")
        found = await channel.events(Signal(effect.signal, effect.place, effect.payload))
        caught_up = await self._catch_up(channel, found[0].place, found) if any(map(_follows, found)) else frozenset()
        for one in found:
            if not (isinstance(one, AgentSaid | CustomerSaid) and one.id in caught_up):
                await self._happen(channel, one, ordered=False)

    async def look_at(self, handoff_id: str, effect: LookAt) -> datetime | None:
        """See what a channel did not tell us of; when to look again, or None when there is no more need to."""
        channel = self._channels.get(effect.channel)
        handoff = await asyncio.to_thread(self._store.get, handoff_id)
        place = handoff.place(effect.channel, effect.department)
        if channel is None or place is None or not handoff.is_open or not channel.capabilities.history:
            return None
        if effect.channel in handoff.unreached:
            return None
        served = handoff.status is Status.ACTIVE or channel.capabilities.owns
        if served or handoff.is_external:  # whose platform may have given up
            await self._catch_up(channel, place.key)
        return self._clock() + (LOOK_EVERY if served else LOOK_WAITING)

    async def _catch_up(self, channel: Channel, key: str, told: Sequence[Incoming] = ()) -> frozenset[str]:
        """Take in, in order, what was said at the place since the mark, and how it ended; the ids of what was said.

        The channel is not asked when all that was `told` is from before the mark.
        """
        if not channel.capabilities.history:
            return frozenset()
        handoff = await asyncio.to_thread(self._store.at_place, channel.id, key)
        place = _place(handoff, channel.id, key)
        if (
            handoff is None
            or place is None
            or not handoff.is_open
            or (told and all(_is_in(one, place) for one in told))
        ):
            return frozenset()
        if not self._budgets[channel.id].take():
            return frozenset()
        found = await channel.history(place)
        for one in found:
            if isinstance(one, AgentSaid | CustomerSaid | LetGo) or handoff.status is not Status.ACTIVE:
                await self._happen(channel, one, ordered=True)
        said = [one for one in found if isinstance(one, AgentSaid | CustomerSaid)]
        if said:
            await self._mark(handoff.id, place, said[-1].mark)
        return frozenset(one.id for one in said)

    async def _mark(self, handoff_id: str, place: Place, mark: str) -> None:
        """What was taken in of the agent's messages marks itself; what was refused does not."""
        handoff = await asyncio.to_thread(self._store.get, handoff_id)
        now = handoff.place(place.channel, place.department)
        if handoff.is_open and now is not None and now.mark != mark:
            await self._receive(handoff_id, Marked(place.channel, place.department, mark))

    async def _happen(self, channel: Channel, one: Incoming, *, ordered: bool) -> None:
        handoff = await asyncio.to_thread(self._store.at_place, channel.id, one.place)
        person = one.person if not isinstance(one, CustomerSaid) else None
        try:
            await self._make_happen(channel, handoff, one, ordered=ordered)
        except (Refused, BadMessage, AgentBusy) as refusal:
            log.info("channel.refused", channel=channel.id, what=type(one).__name__, why=str(refusal))
            if person is not None:
                place = _place(handoff, channel.id, one.place) or Place(channel.id, "", one.place)
                with suppress(Refused):
                    await channel.tell(place, person, str(refusal))

    async def _make_happen(self, channel: Channel, handoff: Handoff | None, one: Incoming, *, ordered: bool) -> None:
        match one:
            case AgentSaid():
                await self._agent_said(channel, handoff, one, ordered=ordered)
            case CustomerSaid():
                await self._customer_said(channel, handoff, one)
            case Pressed():
                await self._pressed(channel, _known(handoff), one)
            case Took():
                who = await asyncio.to_thread(self._people.who, channel, one.person)
                await self._held(channel, handoff, one.place, who)
            case LetGo():
                await self._let_go(channel, handoff, one)
            case AgentDeleted():
                if not channel.capabilities.owns:
                    raise Refused("It cannot be taken back: the customer has it already.")
            case _:
                assert_never(one)

    async def _agent_said(self, channel: Channel, handoff: Handoff | None, one: AgentSaid, *, ordered: bool) -> None:
        message_id = f"{channel.id}:{one.id}"
        key = f"agent:{message_id}"
        who = self._people.remembered(channel, one.person)
        if who is None:
            who = await asyncio.to_thread(self._people.writes, channel, one.person)
        unsure = handoff is not None and not _is_held_by(handoff, who)  # of whoever has it, the commit looks itself
        if handoff is not None and unsure and await asyncio.to_thread(self._store.recorded, handoff.id, key):
            return
        handoff = await self._held(channel, handoff, one.place, who)
        files = [self._links.file(channel.id, private) for private in one.private]
        event = AgentMessaged(
            message_id,
            who.id,
            self._corrected(channel, one),
            who.name,
            attachments=(*one.attachments, *(one for one in files if one)),
            via=channel.id,
            mark=one.mark if ordered else "",
            delivered=one.delivered,
            avatar=who.avatar,
        )
        await self._receive(handoff.id, event, key, handoff)
        if None in files:
            raise Refused("The file was not sent: the desk has no public address (HANDOFF_PUBLIC_URL) to read it from.")

    def _corrected(self, channel: Channel, one: AgentSaid) -> str:
        """An edited message that the customer has already is sent again as such."""
        if one.edit_of is None or one.delivered:
            return one.text
        return self._corrections.get(channel.id, "{text}").replace("{text}", one.text)

    async def _customer_said(self, channel: Channel, handoff: Handoff | None, one: CustomerSaid) -> None:
        if handoff is None or not handoff.is_open:
            return  # the bot has it
        event = CustomerMessaged(f"{channel.id}:{one.id}", one.text, one.at, one.attachments, via=channel.id)
        await self._receive(handoff.id, event, f"customer:{event.message_id}")

    async def _pressed(self, channel: Channel, handoff: Handoff, one: Pressed) -> None:
        accepts = one.press is Press.ACCEPT
        who = await asyncio.to_thread(self._people.who, channel, one.person, accepts=accepts)
        key = f"press:{channel.id}:{one.id}"
        match one.press:
            case Press.ACCEPT:
                await self._receive(handoff.id, Accepted(who.id, who.name, who.outside), key)
            case Press.DECLINE:
                await self._receive(handoff.id, Declined(who.id), key)
            case Press.HAND_BACK | Press.CLOSE:
                back = one.press is Press.HAND_BACK
                outcome = Outcome.RETURNED_TO_BOT if back else one.outcome
                await self._receive(handoff.id, HandedBack(who.id, outcome, one.note, outside=who.outside), key)
            case Press.SUGGEST:
                await self._suggest(channel, handoff, one, who)
            case _:
                assert_never(one.press)

    async def _suggest(self, channel: Channel, handoff: Handoff, one: Pressed, who: Who) -> None:
        require_held(handoff, who.id)
        place = _place(handoff, channel.id, one.place)
        if self._suggester is None or place is None:
            raise Refused("There is nothing here that suggests replies.")
        package = await asyncio.to_thread(self._store.package, handoff.id)
        lines = conversation(package, await asyncio.to_thread(self._store.log, handoff.id))
        async with aclosing(self._suggester.suggest(handoff, package, lines)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                if isinstance(piece, Suggestion):
                    await channel.tell(place, one.person, _worded(piece))

    async def _held(self, channel: Channel, handoff: Handoff | None, place: str, who: Who) -> Handoff:
        """The handoff; where the platform decides who has it, with them, also when it was nobody's before."""
        if not who.outside:
            return _known(handoff)
        if handoff is None or not handoff.is_open:
            handoff = await take_control(self._store, self._service, self._bot, channel, place)
        if _is_held_by(handoff, who):
            return handoff
        return await self._receive(handoff.id, Accepted(who.id, who.name, outside=True))

    async def _let_go(self, channel: Channel, handoff: Handoff | None, one: LetGo) -> None:
        if handoff is None or not handoff.is_open or channel.id in handoff.unreached:
            return
        if one.outcome is Outcome.FAILED and handoff.status is not Status.ACTIVE:
            place = _place(handoff, channel.id, one.place)
            department = place.department if place else handoff.need.department
            failed = TakeOverFailed(channel.id, department, one.note or "The channel's people cannot take it.")
            await self._receive(handoff.id, failed)
            return
        if one.person is not None and not channel.capabilities.external:
            by = (await asyncio.to_thread(self._people.who, channel, one.person)).id
        else:
            by = handoff.agent_id or f"{channel.id}:{one.person.id if one.person else ''}"
        outside = channel.capabilities.external
        if outside and handoff.status is Status.ACTIVE and not handoff.outside:
            raise NotYours("One of our own agents has this conversation.")
        await self._receive(handoff.id, HandedBack(by, one.outcome, one.note, outside=outside))

    async def _receive(
        self, handoff_id: str, event: Event, key: str | None = None, known: Handoff | None = None
    ) -> Handoff:
        return await asyncio.to_thread(self._service.receive, handoff_id, event, key, known)


def _is_in(one: Incoming, place: Place) -> bool:
    """A message from before the mark: there is nothing to find that it does not bring itself."""
    return isinstance(one, AgentSaid | CustomerSaid) and bool(one.mark) and not is_later(one.mark, place.mark)


def _is_held_by(handoff: Handoff, who: Who) -> bool:
    return handoff.status is Status.ACTIVE and handoff.agent_id == who.id


def _follows(one: Incoming) -> bool:
    """Something may have been said before it that has to come first: the end is the last chance for that."""
    if isinstance(one, Pressed):
        return one.press in (Press.HAND_BACK, Press.CLOSE)
    return isinstance(one, AgentSaid | CustomerSaid | LetGo)


def _known(handoff: Handoff | None) -> Handoff:
    if handoff is None:
        raise Refused("There is no handoff here.")
    return handoff


def _place(handoff: Handoff | None, channel: str, key: str) -> Place | None:
    places: Sequence[Place] = handoff.places if handoff else ()
    return next((one for one in places if (one.channel, one.key) == (channel, key)), None)


def _worded(suggestion: Suggestion) -> str:
    """A suggestion as plain text: what it says, and what it rests on."""
    cited = [f"[{number}] {article.title}" for number, article in enumerate(suggestion.citations, 1)]
    return "\n".join([suggestion.text, *cited, *suggestion.warnings]).strip()
