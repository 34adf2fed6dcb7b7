"""What Flex tells us, and what it does not tell and is found by asking."""

from collections.abc import Sequence

from rasa_handoff.channel import AgentDeleted, AgentSaid, Incoming, LetGo, Signal, Took
from rasa_handoff.channels.twilio import hooks
from rasa_handoff.channels.twilio.api import Missing, Twilio
from rasa_handoff.channels.twilio.people import People
from rasa_handoff.channels.twilio.reading import CUSTOMER, Message, of_api, of_hook
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.takeover import Place

_NOBODY = "Flex ended the conversation before an agent wrote in it."


class Listener:
    """Errors: those of `Twilio`."""

    def __init__(self, twilio: Twilio, hand_back: str) -> None:
        self._twilio = twilio
        self._hand_back = hand_back.strip().casefold()
        self._people = People(twilio)

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        told = {name: str(value) for name, value in signal.payload.items()}
        match told.get("EventType"):
            case hooks.MESSAGE_ADDED:
                return await self._said([of_hook(told)])
            case hooks.MESSAGE_UPDATED:
                return await self._edited(of_hook(told), told.get("DateUpdated", ""))
            case hooks.MESSAGE_REMOVED:
                return await self._deleted(of_hook(told))
            case hooks.JOINED:
                return await self._joined(signal.place, told.get("Identity", ""))
            case hooks.LEFT:
                return await self._ended(signal.place)
            case hooks.STATE:
                return await self._ended(signal.place) if told.get("StateTo") == "closed" else ()
        return ()

    async def history(self, place: Place) -> Sequence[Incoming]:
        after = int(place.mark) if place.mark else -1
        said = [of_api(one) for one in await self._twilio.messages(place.key, after)]
        return await self._said(said) or await self._over(place, wrote=after >= 0)

    async def _said(self, messages: Sequence[Message]) -> Sequence[Incoming]:
        return [await self._meant(one) for one in messages if one.is_agents]

    async def _meant(self, message: Message) -> AgentSaid | LetGo:
        person = await self._people.who(message.author)
        if message.body.strip().casefold() == self._hand_back and not message.media:
            return LetGo(message.conversation, Outcome.RETURNED_TO_BOT, person)
        return message.said(person)

    async def _edited(self, message: Message, at: str) -> Sequence[Incoming]:
        if not message.is_agents:
            return ()
        return (message.said(await self._people.who(message.author), at or message.body[:40]),)

    async def _deleted(self, message: Message) -> Sequence[Incoming]:
        if not message.is_agents:
            return ()
        return (AgentDeleted(message.conversation, message.sid, await self._people.who(message.author)),)

    async def _joined(self, key: str, identity: str) -> Sequence[Incoming]:
        if not identity or identity.startswith(CUSTOMER):
            return ()
        return (Took(key, await self._people.who(identity)),)

    async def _ended(self, key: str) -> Sequence[Incoming]:
        """Over, if the conversation is closed: resolved, where an agent took part."""
        now = await self._twilio.get("conversations", "Conversations", key)
        if now.get("state") != "closed":
            return ()
        return (_let_go(key, served=await self._served(key)),)

    async def _served(self, key: str) -> bool:
        """An agent took part: wrote something, or is there."""
        wrote = any(of_api(one).is_agents for one in await self._twilio.messages(key))
        return wrote or bool(await self._there(key))

    async def _there(self, key: str) -> list[str]:
        """The agents in the conversation, by identity, in the order in which they joined."""
        found = await self._twilio.get("conversations", "Conversations", key, "Participants")
        people = sorted(found.get("participants") or [], key=lambda one: str(one.get("date_created") or ""))
        identities = [str(one.get("identity") or "") for one in people]
        return [one for one in identities if one and not one.startswith(CUSTOMER)]

    async def _over(self, place: Place, *, wrote: bool) -> Sequence[Incoming]:
        """An Interaction is set up after we were answered: it may have failed, or be over, without a word to us."""
        try:
            now = await self._twilio.get("flex-api", place.data["interaction"], "Channels", place.data["channel"])
        except Missing:
            return ()
        match now.get("status"):
            case "failed":
                return (LetGo(place.key, Outcome.FAILED, note=f"Flex: {now.get('error_message') or 'it failed'}"),)
            case "closed":
                return (_let_go(place.key, served=wrote or await self._served(place.key)),)
        return () if wrote else await self._has_it(place.key)

    async def _has_it(self, key: str) -> Sequence[Incoming]:
        """Whoever joined last, as long as nobody has written."""
        there = await self._there(key)
        return (Took(key, await self._people.who(there[-1])),) if there else ()


def _let_go(key: str, *, served: bool) -> LetGo:
    return LetGo(key, Outcome.RESOLVED) if served else LetGo(key, Outcome.FAILED, note=_NOBODY)
