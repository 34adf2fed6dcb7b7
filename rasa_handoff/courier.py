"""Sends committed effects, in order, until they arrive.

An effect is claimed for `LEASE` seconds and worked on for less, so that no two couriers work on it at once. What fails
is tried again with growing pauses; what keeps failing is given up after `PATIENCE`, and the agent is told.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from rasa_handoff.calling import Caller
from rasa_handoff.core.channel_effects import LookAt, Relay, TakeOver
from rasa_handoff.core.delivery import Delayed, Delivered, DeliveryEvent, Undelivered
from rasa_handoff.core.effects import (
    Effect,
    RunAction,
    TellBot,
    TellCustomer,
    Wake,
    WatchAgent,
    WatchCustomer,
    WriteSummary,
)
from rasa_handoff.core.errors import Busy, HandoffError, NotFound, Refused, Unreachable, problem_of
from rasa_handoff.core.follow_up import EmailUndelivered, SendEmail
from rasa_handoff.core.handoff import Event
from rasa_handoff.core.runs import ActionEnded
from rasa_handoff.core.summarised import SummaryFailed
from rasa_handoff.core.takeover import TakeOverFailed
from rasa_handoff.errands import Errands
from rasa_handoff.finishing import Finishing
from rasa_handoff.ports import Bot, Listeners, Pending, Post, Store, Writer
from rasa_handoff.relay import Inbound, Outbound
from rasa_handoff.service import Service, utc_now
from rasa_handoff.timeouts import timeout

LEASE = 30.0
WORK_LIMIT = 25.0
POLL = 0.1
PATIENCE = timedelta(hours=6)
TAKE_OVER_PATIENCE = timedelta(minutes=3)  # then the desk's own people are asked
MODEL_TRIES = 3
ACTION_TRIES = 4  # some seconds: the agent waits for it
TRIES_UNTOLD = 4  # some seconds; then the agent is told that it takes longer
AT_ONCE = 64
CROWD, PACE = 8, 0.01
"""With so many effects under way, the next ones gather for so many seconds, and are claimed together."""

log = structlog.get_logger()


class Courier:
    """Runs in the desk's process; any number may run against one store."""

    def __init__(
        self,
        store: Store,
        service: Service,
        bot: Bot,
        writer: Writer | None,
        listeners: Listeners,
        post: Post | None = None,
        clock: Callable[[], datetime] = utc_now,
        caller: Caller | None = None,
        outbound: Outbound | None = None,
        inbound: Inbound | None = None,
    ) -> None:
        self._store = store
        self._service = service
        self._errands = Errands(store, service, bot, writer, listeners, post, clock, caller, outbound, inbound)
        self._clock = clock
        self._worker = uuid4().hex
        self._wake = asyncio.Event()
        self._at_work: set[asyncio.Task[None]] = set()
        self._finishing = Finishing(store, self._worker)

    def wake(self) -> None:
        """There may be new effects: do not wait for the next poll. Call it on the courier's event loop."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; what is under way then is handed to whoever runs next."""
        try:
            while True:
                self._wake.clear()
                await self._round()
                if len(self._at_work) >= CROWD:
                    await asyncio.sleep(PACE)
                with suppress(TimeoutError):
                    async with timeout(POLL):
                        await self._wake.wait()
        finally:
            for task in self._at_work:
                task.cancel()
            await asyncio.gather(*self._at_work, return_exceptions=True)
            await self._finishing.settle()

    async def _round(self) -> None:
        room = AT_ONCE - len(self._at_work)
        if room <= 0:
            return
        try:
            claimed = await self._claim(room)
        except Unreachable as error:
            log.error("courier.store_unreachable", error=str(error))
            await asyncio.sleep(1)
            return
        for pending in claimed:
            task = asyncio.create_task(self._work(pending))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _claim(self, room: int) -> list[Pending]:
        """A claim cannot be called off: a courier that is stopped meanwhile hands back what comes of it."""
        claim = asyncio.ensure_future(asyncio.to_thread(self._store.claim, self._clock(), self._worker, LEASE, room))
        try:
            return await asyncio.shield(claim)
        except asyncio.CancelledError:
            with suppress(HandoffError):
                for pending in await claim:
                    self._hand_back(pending)
            raise

    def _hand_back(self, pending: Pending) -> None:
        """Else the next courier waits for the lease to run out. No effect on what is not, or no longer, claimed."""
        with suppress(HandoffError):
            self._store.retry(pending.id, self._worker, self._clock(), "the courier was stopped")

    async def _work(self, pending: Pending) -> None:
        try:
            await self._attempt(pending)
        except asyncio.CancelledError:
            self._hand_back(pending)
            raise
        finally:
            self.wake()

    async def _attempt(self, pending: Pending) -> None:
        try:
            async with timeout(WORK_LIMIT):
                again_at = await self._errands.do(pending)
            if again_at is not None:
                await asyncio.to_thread(self._store.retry, pending.id, self._worker, again_at, "")
                return
            await self._finishing.done(pending.id)
            if pending.attempts > TRIES_UNTOLD:
                await self._report(pending, "delivered")
        except Refused as refusal:
            await self._give_up(pending, str(refusal))
        except (HandoffError, TimeoutError) as error:
            await self._failed(pending, error)
        except Exception as error:
            log.exception("courier.bug", effect=type(pending.effect).__name__, id=pending.id)
            await self._failed(pending, error)

    async def _failed(self, pending: Pending, error: BaseException) -> None:
        text = problem_of(error)
        log.warning("courier.failed", effect=type(pending.effect).__name__, attempts=pending.attempts, error=text)
        if isinstance(error, NotFound) or _is_hopeless(pending, error) or self._is_old(pending):
            await self._give_up(pending, text)
            return
        pause = getattr(error, "retry_after", None) or _pause(pending.attempts)
        at = self._clock() + timedelta(seconds=pause)
        await asyncio.to_thread(self._store.retry, pending.id, self._worker, at, text)
        if pending.attempts == TRIES_UNTOLD:
            await self._report(pending, "delayed", text)

    def _is_old(self, pending: Pending) -> bool:
        """A timer may be of any age: it is a wait that somebody relies on."""
        if isinstance(pending.effect, Wake | WatchAgent | WatchCustomer | LookAt):
            return False
        waits = isinstance(pending.effect, TakeOver) and pending.effect.external
        return self._clock() - pending.created_at > (TAKE_OVER_PATIENCE if waits else PATIENCE)

    async def _give_up(self, pending: Pending, error: str) -> None:
        await asyncio.to_thread(self._store.give_up, pending.id, self._worker, error)
        if follows := _follows(pending.effect, error):
            with suppress(HandoffError):
                await asyncio.to_thread(self._service.receive, pending.handoff_id, *follows)
        await self._report(pending, "undelivered", error)

    async def _report(self, pending: Pending, how: str, error: str = "") -> None:
        """Tell the agent how it goes with what they did; once for each effect."""
        if isinstance(pending.effect, TellCustomer | TellBot | Relay):
            with suppress(HandoffError):
                event = _delivery(pending, how, error)
                await asyncio.to_thread(self._service.receive, pending.handoff_id, event, f"{how}:{pending.id}")


def _follows(effect: Effect, error: str) -> tuple[Event, str | None] | None:
    """What happens to the handoff when the effect was given up, and the event's key."""
    match effect:
        case WriteSummary():
            return SummaryFailed(error), None
        case SendEmail():
            return EmailUndelivered(effect.to, error), None
        case TakeOver():
            return TakeOverFailed(effect.channel, effect.department, error), None
        case RunAction():
            return ActionEnded(effect.run_id, effect.label, False, error), f"action-ended:{effect.run_id}"
        case _:
            return None


def _delivery(pending: Pending, how: str, error: str) -> DeliveryEvent:
    what, channel = _named(pending.effect), pending.effect.channel if isinstance(pending.effect, Relay) else ""
    if how == "delivered":
        return Delivered(pending.id, what, channel)
    return (Delayed if how == "delayed" else Undelivered)(pending.id, what, error, channel)


def _is_hopeless(pending: Pending, error: BaseException) -> bool:
    """The draft serves until the model's summary comes, so the model gets a few tries, and only where one may help."""
    if isinstance(pending.effect, RunAction):
        return pending.attempts >= ACTION_TRIES
    if not isinstance(pending.effect, WriteSummary):
        return False
    if isinstance(error, Busy):
        return False
    return pending.attempts >= MODEL_TRIES or getattr(error, "retry_after", None) is None


def _pause(attempts: int) -> float:
    """Seconds before the next try: doubling from half a second to half a minute, with jitter."""
    return min(30.0, 0.5 * float(2 ** min(attempts - 1, 6))) * random.uniform(0.8, 1.2)  # noqa: S311


def _named(effect: Effect) -> str:
    match effect:
        case TellCustomer():
            return effect.text or "a file"
        case TellBot():
            return effect.notice.value
        case Relay():
            return f"{effect.text} (to {effect.channel})"
        case _:
            return type(effect).__name__
