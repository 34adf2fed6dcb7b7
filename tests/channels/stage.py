"""A desk's process for one vendor: store, service, courier and the channel, and a bot that notes what customers get."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rasa_handoff.channel import Channel, Press
from rasa_handoff.core.conversation import Attachment, Conversation, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.errors import Unreachable, Unverified
from rasa_handoff.core.handoff import CustomerMessaged, Handoff, Rules
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.takeover import Takeover
from rasa_handoff.courier import Courier
from rasa_handoff.desk.hooks import Hooks
from rasa_handoff.ports import Store
from rasa_handoff.relay import Inbound, Links, Outbound
from rasa_handoff.relay.budget import Budget
from rasa_handoff.service import Service
from tests.channels.vendor import ANNA, BEN, FakeVendor, Hook

WISH = HandOff(Reason.CUSTOMER_REQUESTED, (Evidence("phrase", "a person", None, 1, "Customer said: a person please"),))


@dataclass
class NotingBot:
    """A Rasa server: what customers were brought, what was only recorded, and the notices; down while `down`."""

    brought: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    effects: set[str] = field(default_factory=set)
    down: bool = False
    channel: str = "rest"

    async def say(
        self,
        conversation_id: str,
        text: str,
        metadata: Mapping[str, Any],
        *,
        again: bool,
        attachments: Sequence[Attachment] = (),
        push: bool = True,
    ) -> bool:
        self._answer()
        if not (again and metadata["effect_id"] in self.effects):
            self.effects.add(metadata["effect_id"])
            (self.brought if push else self.recorded).append(text)
            self.files += [one.url for one in attachments]
        return False

    async def record(self, conversation_id: str, text: str, message_id: str, *, again: bool) -> None:
        self._answer()
        self.recorded.append(text)

    async def trigger(
        self, conversation_id: str, intent: str, effect_id: str, *, again: bool
    ) -> Sequence[Mapping[str, Any]]:
        self._answer()
        self.notices.append(intent)
        return []

    async def tracker(self, conversation_id: str) -> dict[str, Any]:
        said = {
            "event": "user",
            "text": "where is my order",
            "timestamp": 1.0,
            "message_id": "m0",
            "input_channel": "rest",
        }
        return {"sender_id": conversation_id, "events": [said], "slots": {}, "latest_input_channel": self.channel}

    async def set_slots(self, conversation_id: str, slots: Mapping[str, Any]) -> None:
        self._answer()

    async def slots(self, conversation_id: str) -> Mapping[str, Any]:
        return {}

    def _answer(self) -> None:
        if self.down:
            raise Unreachable("Rasa is away", retry_after=0.05)


class Deaf:
    """There are no webhooks."""

    def wants_transcript(self, to: str) -> bool:
        return False

    async def deliver(self, to: str, event: Mapping[str, Any]) -> None:
        raise AssertionError(to)


@dataclass
class Stage:
    """The courier runs while the stage is entered."""

    vendor: FakeVendor
    store: Store
    channel: Channel
    service: Service
    bot: NotingBot
    courier: Courier
    hooks: Hooks
    running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Stage":
        self.running = asyncio.create_task(self.courier.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.running is not None
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.channel.close()

    async def until(self, done: Callable[[], bool], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not done():
                await asyncio.sleep(0.01)

    async def settled(self, seconds: float = 20.0) -> None:
        """Nothing is due any more."""

        def quiet() -> bool:
            due = self.store.next_due()
            return (due is None or due > datetime.now(UTC)) and not self.courier._at_work

        for _ in range(3):  # what was just claimed is neither due nor at work for a moment
            await self.until(quiet, seconds)
            await asyncio.sleep(0.03)

    def begin(self, number: int = 1) -> Handoff:
        """A customer asks for a person."""
        conversation_id = self.vendor.conversation_id(number)
        turn = Turn("m1", "Where is order 4711? I want a person please", datetime.now(UTC), intent="order_status")
        talk = Conversation(conversation_id, self.vendor.customers, (turn,))
        return self.service.initiate(talk, (), WISH)

    async def shown(self, number: int = 1) -> Handoff:
        """A handoff that the vendor shows."""
        handoff = self.begin(number)
        await self.until(lambda: bool(self.now(handoff).places))
        return self.now(handoff)

    async def held(self, number: int = 1) -> Handoff:
        """One that Anna has taken at the vendor's."""
        handoff = await self.shown(number)
        self.vendor.press(handoff.places[0].key, Press.ACCEPT, ANNA)
        await self.deliver()
        await self.until(lambda: self.now(handoff).agent_name is not None and self.now(handoff).status == "active")
        return self.now(handoff)

    def now(self, handoff: Handoff) -> Handoff:
        return self.store.get(handoff.id)

    def customer_says(self, handoff: Handoff, text: str, number: int) -> None:
        event = CustomerMessaged(f"c{number}", text, datetime.now(UTC))
        self.service.receive(handoff.id, event, f"customer:c{number}")
        self.courier.wake()

    async def deliver(
        self, *, repeat: float = 0.0, mix: float = 0.0, lose: float = 0.0, chance: random.Random | None = None
    ) -> None:
        """Bring what waits of the vendor's webhooks: some twice, some later than others, some never."""
        chance = chance or random.Random(1)
        hooks, self.vendor.hooks[:] = list(self.vendor.hooks), []
        for hook in _mixed(hooks, mix, chance):
            if chance.random() >= lose:
                await self.bring(hook)
            if chance.random() < repeat:
                await self.bring(hook)

    async def bring(self, hook: Hook) -> int:
        """One webhook, as the desk takes it in; the status it is answered with."""
        try:
            received = self.channel.receive(self.vendor.request(hook))
        except Unverified:
            return 401
        await self.hooks.take_in("there", received)
        if received.then is not None:
            await received.then()
            await self.deliver()  # what somebody entered in the dialog
        return received.answer.status


def _mixed(hooks: list[Hook], mix: float, chance: random.Random) -> list[Hook]:
    """Some of them change places with one a little later."""
    mixed = list(hooks)
    for at in range(len(mixed) - 1):
        if chance.random() < mix:
            other = min(at + 1 + chance.randrange(3), len(mixed) - 1)
            mixed[at], mixed[other] = mixed[other], mixed[at]
    return mixed


def make_stage(vendor: FakeVendor, store: Store, *, history_calls: float = 1e6) -> Stage:
    """`history_calls`: how many times a minute the vendor may be asked for what was said."""
    able = vendor.kind.capabilities
    customers = frozenset(vendor.kind.customers)
    rules = Rules(takeovers=(Takeover("there", customers=customers, external=able.external, owns=able.owns),))
    service = Service(store, Policy(rules=rules), sentiment=lambda text: 0.0)
    for person in (ANNA, BEN):
        store.add_agent(Agent(person.id, person.name, "support", email=person.email, max_chats=300))
        if not able.external:
            store.set_presence(person.id, Presence.BUSY, datetime.now(UTC))
    bot = NotingBot(channel=vendor.customers)
    channel, links = vendor.channel(), Links("https://handoff.example", "only for tests")
    channels = {"there": channel}
    outbound = Outbound(store, service, channels, links)
    inbound = Inbound(
        store,
        service,
        bot,
        channels,
        links,
        None,
        lambda: datetime.now(UTC),
        {"there": "Correction: {text}"},
        budget=lambda: Budget(history_calls, int(max(1, history_calls))),
    )
    courier = Courier(store, service, bot, None, Deaf(), outbound=outbound, inbound=inbound)
    return Stage(vendor, store, channel, service, bot, courier, Hooks(store, channels, links, courier.wake))
