"""The channel itself: what a handoff's steps come to in Chatwoot. Every step may be done again."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from rasa_handoff.channel import (
    AgentSaid,
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
from rasa_handoff.channels.chatwoot import reading, showing
from rasa_handoff.channels.chatwoot.api import MARK, NOBODY, PAGE, Chatwoot, Gone
from rasa_handoff.channels.chatwoot.checks import checked
from rasa_handoff.channels.chatwoot.settings import OPTIONAL, SECRETS, ChatwootChannelSettings
from rasa_handoff.channels.chatwoot.webhook import Proof, received
from rasa_handoff.channels.kinds import ChannelKind, Setup
from rasa_handoff.core.errors import NotFound, Refused, SettingsError, UnsupportedByChannel
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.takeover import Place

Json = dict[str, Any]

log = structlog.get_logger()

CAPABILITIES = Capabilities(
    image=True, file=True, typing=True, edit=True, names=True, history=True, once=True, external=True, owns=True
)
_PAGES = 50  # how far back a note is looked for, 20 messages each


class ChatwootChannel:
    """See `Channel`."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        self.id, self._setup = setup.id, setup
        self._settings: ChatwootChannelSettings = setup.settings
        self._proof = _proof(setup)
        self._api = Chatwoot(str(self._settings.url), self._settings.account, setup.secrets.get("token", ""))

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        number = self._number(case.handoff.conversation_id)
        there = await self._api.conversation(number)
        if there.get("inbox_id") not in self._settings.inboxes:
            raise UnsupportedByChannel(
                f"Conversation {number} is in an inbox that this channel's settings do not name."
            )
        found = await self._note_of(number, effect_id, case.handoff.queued_at) if again else None
        note = found or await self._api.note(number, showing.note(case), effect_id)
        await self._adorn(case, number)
        await self._assign(case, number, there)
        if there.get("status") != "open":
            await self._api.set_status(number, "open")
        # Last: a change of the status while the attributes say that a handoff is open is an agent's.
        await self._api.set_attributes(number, _attributes(there) | showing.attributes(case))
        return Opened(reading.key_of(self._settings.account, number), {"since": str(note)})

    async def update_context(self, case: Case, place: Place) -> None:
        number = self._number(place.key)
        there = await self._api.conversation(number)
        before = _attributes(there)
        after = before | showing.changing(case)
        if not _shows(before, case.handoff) or after == before:
            return
        if before.get(showing.SUMMARY) != after[showing.SUMMARY]:
            mark = f"{case.handoff.id}:{case.handoff.version}"
            if await self._marked(number, mark) is None:
                await self._api.note(number, showing.news(case), mark)
        holder = _holder(self.id, case.handoff)
        if holder is not None and _assignee(there) is None:  # took it by answering: colleagues see whose it is
            await self._api.assign(number, agent=holder)
        await self._api.set_attributes(number, after)

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        raise UnsupportedByChannel("Customers write to Chatwoot themselves: there is nothing to bring there.")

    async def typing(self, place: Place, *, on: bool) -> None:
        await self._api.toggle_typing(self._number(place.key), on=on)

    async def release(self, case: Case, place: Place) -> None:
        number = self._number(place.key)
        with suppress(Gone):
            there = await self._api.conversation(number)
            if not _is_with_others(_attributes(there), case.handoff, place):
                await self._hand_back(case, number, there)

    async def tell(self, place: Place, person: Person, text: str) -> None:
        await self._api.note(self._number(place.key), showing.told(person, text), "told")

    def receive(self, request: Request) -> Received:
        return received(request, self._proof, self._settings.account, self._settings.inboxes)

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        payload = reading.mapping(signal.payload)
        if "message" not in str(payload.get("event")):
            return reading.changed(signal.place, payload)
        if reading.is_past(payload, _attributes(reading.mapping(payload.get("conversation")))):
            return ()
        message = reading.pushed_message(payload) or await self._message(signal.place, payload)
        said = reading.said(signal.place, message) if message else None
        return (said,) if said else ()

    async def history(self, place: Place) -> Sequence[Incoming]:
        number = self._number(place.key)
        after = _later(place.mark, place.data.get("since", "")) or await self._last_ended(number)
        found: list[AgentSaid] = []
        while True:
            page = await self._api.messages(number, after=after)
            ids = [one["id"] for one in page if isinstance(one.get("id"), int)]
            said = [reading.said(place.key, one) for one in page]
            found += [one for one in said if isinstance(one, AgentSaid)]
            if len(page) < PAGE or max(ids, default=after) <= after:
                return sorted(found, key=lambda one: int(one.id))
            after = max(ids)

    def conversation_of(self, key: str) -> str | None:
        """The conversation's id in Rasa: the connector gives it the place's key."""
        return key if reading.number_of(key, self._settings.account) else None

    async def open_file(self, ref: str) -> File:
        raise NotFound("Chatwoot's files have public addresses.")

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        return

    async def check(self) -> Sequence[Checked]:
        return await checked(self._api, self._settings, self._setup)

    async def close(self) -> None:
        await self._api.close()

    def _number(self, key: str) -> int:
        number = reading.number_of(key, self._settings.account)
        if number is None:
            raise UnsupportedByChannel(
                f"The conversation {key!r} is not in account {self._settings.account} of Chatwoot: this channel is for"
                " customers who write to Chatwoot."
            )
        return number

    async def _note_of(self, number: int, mark: str, since: datetime) -> int | None:
        """The number of the note that bears the mark, if it was written since."""
        before: dict[str, int] = {}
        for _ in range(_PAGES):
            page = await self._api.messages(number, **before)
            if (found := _with_mark(page, mark)) is not None:
                return found
            if not page or page[0].get("created_at", 0) < since.timestamp() - 60:
                return None
            before = {"before": page[0]["id"]}
        return None

    async def _marked(self, number: int, mark: str) -> int | None:
        return _with_mark(await self._api.messages(number), mark)

    async def _message(self, key: str, payload: Json) -> Json | None:
        """The message as it was written, asked for."""
        id = payload.get("id")
        if not isinstance(id, int):
            return None
        page = await self._api.messages(self._number(key), after=id - 1)
        return next((one for one in page if one.get("id") == id), None)

    async def _last_ended(self, number: int) -> int:
        """The newest message at the last hand back: where somebody took over by answering, there is no note yet."""
        ended = _attributes(await self._api.conversation(number)).get(reading.ENDED)
        return ended if isinstance(ended, int) else 0

    async def _adorn(self, case: Case, number: int) -> None:
        """Labels and priority. A conversation without them can be answered all the same."""
        try:
            await self._api.add_labels(number, showing.labels(self._settings, case))
            if priority := showing.priority(self._settings, case.handoff):
                await self._api.set_priority(number, priority)
        except Refused as error:
            log.warning("chatwoot.unadorned", channel=self.id, conversation=number, error=str(error))

    async def _assign(self, case: Case, number: int, there: Json) -> None:
        """To whoever took it already, or to the department's team and agent; else Chatwoot may choose."""
        department, holder = showing.department(case), _holder(self.id, case.handoff)
        has_agent = _assignee(there) is not None
        if holder is not None and department == case.handoff.need.department:
            if not has_agent:
                await self._api.assign(number, agent=holder)
            return
        if has_agent and holder is None:  # of an earlier time: Chatwoot assigns nobody where somebody is
            await self._api.assign(number, agent=NOBODY)
        if (team := self._settings.teams.get(department)) is not None:
            await self._api.assign(number, team=team)
        if (agent := self._settings.agents.get(department)) is not None:
            await self._api.assign(number, agent=agent)

    async def _hand_back(self, case: Case, number: int, there: Json) -> None:
        """Nobody's, and pending: neither implies the other. What an agent has resolved stays so, and theirs: Chatwoot
        makes it pending itself when the customer writes again, and asks the customer how that agent was.
        """
        before = _attributes(there)
        if before.get(reading.OPEN) is not False:
            # First, see `take_over`.
            await self._api.set_attributes(number, before | showing.ended(case, _newest(there)))
        if there.get("status") == "resolved":
            return
        if _assignee(there) is not None:
            await self._api.assign(number, agent=NOBODY)
        if reading.mapping(there.get("meta")).get("team"):
            await self._api.assign(number, team=NOBODY)
        if there.get("status") != "pending":
            await self._api.set_status(number, "pending")


def _proof(setup: Setup) -> Proof:
    signing, path = setup.secrets.get("signing", ""), setup.secrets.get("path", "")
    if not signing and len(path) < 20:
        raise SettingsError(
            f"Nothing proves that a webhook of the channel {setup.id!r} comes from Chatwoot: give it the webhook's own"
            " secret as `signing` in HANDOFF_CHANNEL_SECRETS, or for a Chatwoot before 4.11.2 a `path` of 20 or more"
            " random characters, which ends the address of the webhook."
        )
    return Proof(signing, path)


def _attributes(there: Json) -> Json:
    return reading.mapping(there.get("custom_attributes"))


def _assignee(there: Json) -> Json | None:
    """The user who has it, not a bot."""
    meta = reading.mapping(there.get("meta"))
    assignee = reading.mapping(meta.get("assignee"))
    return assignee if assignee and meta.get("assignee_type") in (None, "User") else None


def _newest(there: Json) -> int:
    ids = [one.get("id") for one in there.get("messages") or [] if isinstance(one, dict)]
    return max((id for id in ids if isinstance(id, int)), default=0)


def _shows(attributes: Json, handoff: Handoff) -> bool:
    return attributes.get(reading.OPEN) is True and attributes.get(showing.HANDOFF) == handoff.id


def _is_with_others(attributes: Json, handoff: Handoff, place: Place) -> bool:
    """Whether a newer handoff has the conversation, or another department of this one."""
    if attributes.get(reading.OPEN) is not True:
        return False
    moved = handoff.is_open and attributes.get(showing.DEPARTMENT) != place.department
    return moved or attributes.get(showing.HANDOFF) != handoff.id


def _holder(channel: str, handoff: Handoff) -> int | None:
    """The user who has taken it: our agents from outside are called by channel and person."""
    prefix, _, person = (handoff.agent_id or "").partition(":")
    return int(person) if handoff.status is Status.ACTIVE and prefix == channel and person.isdecimal() else None


def _with_mark(page: Sequence[Json], mark: str) -> int | None:
    return next((int(one["id"]) for one in page if reading.content_attributes(one).get(MARK) == mark), None)


def _later(mark: str, since: str) -> int:
    return max(int(one) if one.isdecimal() else 0 for one in (mark, since))


KIND = ChannelKind(
    name="chatwoot",
    title="Chatwoot",
    settings=ChatwootChannelSettings,
    capabilities=CAPABILITIES,
    make=ChatwootChannel,
    secrets=SECRETS,
    optional=OPTIONAL,
    customers=("chatwoot",),
)
