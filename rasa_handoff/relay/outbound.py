"""Does at a takeover channel what a handoff wants done there."""

import asyncio
from collections.abc import Mapping

from rasa_handoff.channel import Case, Channel, Outgoing
from rasa_handoff.core.channel_effects import Relay, Release, TakeOver, UpdateContext
from rasa_handoff.core.errors import PlaceGone, Refused
from rasa_handoff.core.takeover import Place, TakenOver
from rasa_handoff.ports import Pending, Store
from rasa_handoff.relay.links import Links
from rasa_handoff.service import Service


class Outbound:
    """Belongs to the courier's event loop. Errors, all methods: those of `Channel`."""

    def __init__(self, store: Store, service: Service, channels: Mapping[str, Channel], links: Links) -> None:
        self._store = store
        self._service = service
        self._channels = channels
        self._links = links

    async def take_over(self, pending: Pending, effect: TakeOver, *, again: bool) -> None:
        case = await self._case(pending.handoff_id, effect.department)
        if not case.handoff.is_open:
            return
        opened = await self._channel(effect.channel).take_over(case, pending.id, again=again)
        event = TakenOver(effect.channel, effect.department, opened.key, dict(opened.data))
        await asyncio.to_thread(self._service.receive, pending.handoff_id, event, f"taken-over:{pending.id}")

    async def update_context(self, pending: Pending, effect: UpdateContext) -> None:
        case = await self._case(pending.handoff_id, effect.department)
        place = case.handoff.place(effect.channel, effect.department)
        if place is None or not case.handoff.is_open:
            return
        try:
            await self._channel(effect.channel).update_context(case, place)
        except PlaceGone:
            await self._anew(pending, effect)

    async def relay(self, pending: Pending, effect: Relay, *, again: bool) -> None:
        place = await self._place(pending.handoff_id, effect.channel, effect.department)
        if place is None:
            return  # the desk shows it
        message = Outgoing(pending.id, effect.author, effect.text, effect.name, effect.attachments)
        try:
            await self._channel(effect.channel).relay(place, message, again=again)
        except PlaceGone:
            place = await self._anew(pending, effect)
            await self._channel(effect.channel).relay(place, message, again=again)

    async def release(self, pending: Pending, effect: Release) -> None:
        case = await self._case(pending.handoff_id, effect.department)
        place = case.handoff.place(effect.channel, effect.department)
        if place is not None:
            await self._channel(effect.channel).release(case, place)

    async def _anew(self, pending: Pending, effect: UpdateContext | Relay) -> Place:
        """The place was deleted at the channel: show the handoff in a new one, which all goes to from now on."""
        case, id = await self._case(pending.handoff_id, effect.department), f"{pending.id}-anew"
        if not case.handoff.is_open:
            raise Refused("Where the handoff was shown is deleted, and it has ended.")
        opened = await self._channel(effect.channel).take_over(case, id, again=pending.attempts > 1)
        event = TakenOver(effect.channel, effect.department, opened.key, dict(opened.data))
        await asyncio.to_thread(self._service.receive, pending.handoff_id, event, f"taken-over:{id}")
        return Place(effect.channel, effect.department, opened.key, dict(opened.data))

    async def _place(self, handoff_id: str, channel: str, department: str) -> Place | None:
        handoff = await asyncio.to_thread(self._store.get, handoff_id)
        return handoff.place(channel, department)

    async def _case(self, handoff_id: str, department: str) -> Case:
        handoff = await asyncio.to_thread(self._store.get, handoff_id)
        package = await asyncio.to_thread(self._store.package, handoff_id)
        return Case(handoff, package, self._links.page(handoff_id), department)

    def _channel(self, channel_id: str) -> Channel:
        if channel_id not in self._channels:
            raise Refused(f"There is no channel {channel_id!r} in handoff.yml any more.")
        return self._channels[channel_id]
