"""The Slack channel: a card in the department's Slack channel, the conversation in its thread."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from rasa_handoff.channel import Case, Checked, File, Incoming, Opened, Outgoing, Person, Received, Request, Signal
from rasa_handoff.channels import briefing
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.slack import card
from rasa_handoff.channels.slack.api import SlackApi, SlackRefused
from rasa_handoff.channels.slack.checks import checked
from rasa_handoff.channels.slack.configuration import CAPABILITIES, require_secrets
from rasa_handoff.channels.slack.files import Files
from rasa_handoff.channels.slack.hooks import Asked, Hooks, key_of, spot_of
from rasa_handoff.channels.slack.people import People
from rasa_handoff.channels.slack.posting import CARD, MESSAGE, NOTICE, TRANSCRIPT, Post, Posted, Posting, Spot
from rasa_handoff.channels.slack.reading import Reading
from rasa_handoff.channels.slack.sockets import Sockets
from rasa_handoff.channels.slack.text import escaped
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.errors import HandoffError, UnsupportedByChannel
from rasa_handoff.core.takeover import Place

log = structlog.get_logger()
_NAMES = {Author.CUSTOMER: "Customer", Author.BOT: "Bot", Author.AGENT: "Agent", Author.SYSTEM: "Handoff"}
_NAME = 80  # characters
_TOO_LATE = "Slack did not open the dialog in time. Please press the button once more."


class SlackChannel:
    """See `Channel`."""

    capabilities = CAPABILITIES

    def __init__(self, setup: Setup) -> None:
        require_secrets(setup)
        self.id = setup.id
        self._setup = setup
        self._secret = setup.secrets.get("signing_secret", "").encode()
        url = str(setup.settings.api_url)
        self._api = SlackApi(url, setup.secrets["bot_token"], setup.secrets.get("app_token", ""))
        self._files = Files(self._api, url, setup.settings.file_hosts)
        self._posting = Posting(self._api)
        self._reading = Reading(People(self._api), setup.settings.note_prefix)
        self._hooks = Hooks(setup.settings.slack_channels(), self._dialog)

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        department = case.department or case.handoff.need.department
        channel = self._setup.settings.slack_channel(department)
        if channel is None:
            raise UnsupportedByChannel(f"handoff.yml names no Slack channel for {department} at {self.id!r}.")
        state = briefing.state(case)
        blocks = card.blocks(case, state, briefing.presses(case), self._setup.settings.note_prefix)
        shown = Post(CARD, effect_id, card.fallback(case, state), blocks)
        posted = await self._once(Spot(channel), shown, case, again=again)
        said = card.transcript(case)
        if said:
            await self._once(Spot(channel, posted.ts), Post(TRANSCRIPT, effect_id, said), case, again=again)
        return Opened(key_of(channel, posted.ts))

    async def update_context(self, case: Case, place: Place) -> None:
        await self._update(case, place, briefing.state(case))

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        spot = Spot(*spot_of(place.key))
        posted = await self._posting.found(spot, MESSAGE, message.id) if again else None
        if posted is None:
            ids, left = await self._files.uploaded(message.attachments)
            kinds = [] if message.text or left else [f"({one.kind})" for one in message.attachments]
            lines = [message.text, *(f"{one.kind}: {one.url}" for one in left), *kinds]
            text = escaped("\n".join(line for line in lines if line))
            name = (message.name or _NAMES[message.author])[:_NAME]
            post = Post(MESSAGE, message.id, text, name=name, author=message.author, files=tuple(ids))
            posted = await self._posting.post(spot, post)
            again = False
        await self._files.show(spot, posted.files, again=again)

    async def typing(self, place: Place, *, on: bool) -> None:
        raise UnsupportedByChannel("An app cannot show in a thread of Slack that somebody types.")

    async def release(self, case: Case, place: Place) -> None:
        moved = f"Passed on to {case.handoff.need.department}"
        state = moved if case.handoff.is_open else briefing.state(case)
        await self._update(case, place, state, over=True)
        notice = Post(NOTICE, f"{case.handoff.id}-{place.key}", escaped(f"{state}."))
        await self._once(Spot(*spot_of(place.key)), notice, case, again=True)

    async def tell(self, place: Place, person: Person, text: str) -> None:
        channel, thread = spot_of(place.key)
        await self._told(channel, thread, person.id, text)

    def receive(self, request: Request) -> Received:
        return self._hooks.received(self._secret, request)

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        return await self._reading.signal(signal)

    async def history(self, place: Place) -> Sequence[Incoming]:
        """Where we may not look there is nothing to be found: messages are then taken as they come."""
        channel, thread = spot_of(place.key)
        where = {"channel": channel, "ts": thread, "oldest": place.mark or thread}
        try:
            said = [one async for one in self._api.messages("conversations.replies", **where)]
        except SlackRefused as error:
            log.warning("slack_thread_not_read", channel=channel, error=str(error))
            return ()
        found: list[Incoming] = []
        for message in said:
            if message.get("thread_ts") == thread != message.get("ts"):
                found += await self._reading.message(channel, message)
        return found

    async def open_file(self, ref: str) -> File:
        return await self._files.open(ref)

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        if self._setup.settings.socket_mode:
            await Sockets(self._api, self._hooks, self.id).pull(take_in)

    async def check(self) -> Sequence[Checked]:
        return await checked(self._api, self._setup)

    async def close(self) -> None:
        await self._files.close()
        await self._api.close()

    async def _once(self, spot: Spot, post: Post, case: Case, *, again: bool) -> Posted:
        found = await self._posting.found(spot, post.kind, post.id, case.handoff.queued_at) if again else None
        return found or await self._posting.post(spot, post)

    async def _update(self, case: Case, place: Place, state: str, *, over: bool = False) -> None:
        channel, ts = spot_of(place.key)
        presses = () if over else briefing.presses(case)
        shown = replace(case, url=None) if over else case
        blocks = card.blocks(shown, state, presses, self._setup.settings.note_prefix)
        try:
            await self._api.call("chat.update", channel=channel, ts=ts, text=card.fallback(case, state), blocks=blocks)
        except SlackRefused as error:
            if error.code != "message_not_found":  # somebody deleted the card; its thread is still there
                raise

    async def _told(self, channel: str, thread: str, user: str, text: str) -> None:
        told = {"channel": channel, "thread_ts": thread, "user": user, "text": escaped(text)}
        await self._api.call("chat.postEphemeral", **told)

    def _dialog(self, asked: Asked) -> Callable[[], Awaitable[None]]:
        async def open_it() -> None:
            try:
                await self._api.call("views.open", trigger_id=asked.trigger, view=card.ending(asked.press, asked.place))
            except HandoffError:
                with suppress(HandoffError):
                    await self._told(*spot_of(asked.place), asked.user, _TOO_LATE)

        return open_it
