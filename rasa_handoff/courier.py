"""Sends committed effects, in order, until they arrive: the only part that talks to Rasa and to the model.

An effect is claimed for `LEASE` seconds and worked on for less, so that no two couriers work on it at once. What fails
is tried again with growing pauses; what keeps failing is given up after `PATIENCE`, and the agent is told.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import uuid4

import structlog

from rasa_handoff.core.conversation import Author
from rasa_handoff.core.errors import HandoffError, NotFound, Refused, Unreachable
from rasa_handoff.core.handoff import (
    AskBot,
    Assign,
    Delayed,
    Delivered,
    Effect,
    Handoff,
    Notice,
    PublishContext,
    SummaryFailed,
    SummaryWritten,
    TellBot,
    TellCustomer,
    Undelivered,
    Wake,
    WriteSummary,
)
from rasa_handoff.ports import Bot, ChatLine, Pending, Store, Writer
from rasa_handoff.rasa.slots import DETAILS_SLOT, refreshed
from rasa_handoff.service import Service, utc_now

LEASE = 30.0
WORK_LIMIT = 25.0
POLL = 0.1
PATIENCE = timedelta(hours=6)
MODEL_TRIES = 3
TRIES_UNTOLD = 4  # some seconds; then the agent is told that it takes longer
AT_ONCE = 64

Answers = Sequence[Mapping[str, Any]]

log = structlog.get_logger()


class Courier:
    """Runs in the desk's process; any number may run against one store."""

    def __init__(
        self,
        store: Store,
        service: Service,
        bot: Bot,
        writer: Writer | None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._service = service
        self._bot = bot
        self._writer = writer
        self._clock = clock
        self._worker = uuid4().hex
        self._wake = asyncio.Event()
        self._at_work: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be new effects: do not wait for the next poll. Call it on the courier's event loop."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; what is under way then is handed to whoever runs next."""
        try:
            while True:
                self._wake.clear()
                await self._round()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._wake.wait()
        finally:
            for task in self._at_work:
                task.cancel()
            await asyncio.gather(*self._at_work, return_exceptions=True)

    async def _round(self) -> None:
        room = AT_ONCE - len(self._at_work)
        if room <= 0:
            return
        try:
            claimed = await asyncio.to_thread(self._store.claim, self._clock(), self._worker, LEASE, room)
        except Unreachable as error:
            log.error("courier.store_unreachable", error=str(error))
            await asyncio.sleep(1)
            return
        for pending in claimed:
            task = asyncio.create_task(self._work(pending))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)

    async def _work(self, pending: Pending) -> None:
        try:
            async with asyncio.timeout(WORK_LIMIT):
                await self._do(pending)
            await asyncio.to_thread(self._store.done, pending.id, self._worker)
            if pending.attempts > TRIES_UNTOLD:
                await self._report(pending, Delivered(pending.id, _named(pending.effect)), "delivered")
        except asyncio.CancelledError:
            with suppress(HandoffError):  # else the next courier waits for the lease to run out
                self._store.retry(pending.id, self._worker, self._clock(), "the courier was stopped")
            raise
        except Refused as refusal:
            await self._give_up(pending, str(refusal))
        except (HandoffError, TimeoutError) as error:
            await self._failed(pending, error)
        except Exception as error:
            log.exception("courier.bug", effect=type(pending.effect).__name__, id=pending.id)
            await self._failed(pending, error)
        finally:
            self.wake()

    async def _do(self, pending: Pending) -> None:
        again = pending.attempts > 1
        match pending.effect:
            case AskBot() as effect:
                await self._ask_bot(pending, effect, again)
            case TellCustomer() as effect:
                await self._tell_customer(pending, effect, again)
            case TellBot() as effect:
                await self._tell_bot(pending, effect, again)
            case PublishContext():
                await self._publish(pending)
            case WriteSummary():
                await self._summarise(pending)
            case Assign():
                await asyncio.to_thread(self._service.assign)
            case Wake() as effect:
                await asyncio.to_thread(self._service.receive, pending.handoff_id, effect.event)
            case _:
                assert_never(pending.effect)

    async def _ask_bot(self, pending: Pending, effect: AskBot, again: bool) -> None:
        conversation_id = pending.conversation_id
        before = await asyncio.to_thread(self._store.newest, conversation_id)
        answers = await self._bot.send(conversation_id, effect.text, effect.message_id, again=again)
        after = await asyncio.to_thread(self._store.newest, conversation_id)
        # The turn that starts a handoff says nothing but the handoff's own words.
        started = after is not None and (before is None or before.id != after.id)
        author = Author.SYSTEM if started else Author.BOT
        await self._show(conversation_id, pending.id, answers, author)

    async def _tell_customer(self, pending: Pending, effect: TellCustomer, again: bool) -> None:
        metadata = {"effect_id": pending.id, "author": "agent", "name": effect.agent_name}
        pulled = await self._bot.say(pending.conversation_id, effect.text, metadata, again=again)
        if pulled:
            line = self._line(pending.conversation_id, pending.id, Author.AGENT, effect.text, effect.agent_name)
            await asyncio.to_thread(self._store.add_chat, line)

    async def _tell_bot(self, pending: Pending, effect: TellBot, again: bool) -> None:
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        if _is_stale(effect.notice, handoff):
            return
        answers = await self._bot.trigger(pending.conversation_id, effect.notice.value, pending.id, again=again)
        author = Author.BOT if effect.notice is Notice.RETURNED else Author.SYSTEM
        await self._show(pending.conversation_id, pending.id, answers, author)

    async def _publish(self, pending: Pending) -> None:
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        package = await asyncio.to_thread(self._store.package, pending.handoff_id)
        slots = await self._bot.slots(pending.conversation_id)
        details = refreshed(slots.get(DETAILS_SLOT), handoff, package)
        await self._bot.set_slots(pending.conversation_id, {DETAILS_SLOT: details})

    async def _summarise(self, pending: Pending) -> None:
        if self._writer is None:
            raise Refused("There is no language model configured.")
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        package = await asyncio.to_thread(self._store.package, pending.handoff_id)
        sentences = await self._writer.summarise(package, handoff.summary)
        event = SummaryWritten(sentences, self._writer.name)
        await asyncio.to_thread(self._service.receive, pending.handoff_id, event)

    async def _show(self, conversation_id: str, effect_id: str, answers: Answers, author: Author) -> None:
        """Bring what the bot said to the web chat; a repeat shows nothing twice."""
        for number, answer in enumerate(answers):
            line = self._line(conversation_id, f"{effect_id}:{number}", author, answer.get("text") or "")
            await asyncio.to_thread(self._store.add_chat, _dressed(line, answer))

    def _line(self, conversation_id: str, id: str, author: Author, text: str, name: str | None = None) -> ChatLine:
        return ChatLine(0, conversation_id, id, author, name, text, self._clock())

    async def _failed(self, pending: Pending, error: BaseException) -> None:
        text = str(error) or type(error).__name__
        log.warning("courier.failed", effect=type(pending.effect).__name__, attempts=pending.attempts, error=text)
        if isinstance(error, NotFound) or _is_hopeless(pending, error) or self._clock() - pending.created_at > PATIENCE:
            await self._give_up(pending, text)
            return
        pause = getattr(error, "retry_after", None) or _pause(pending.attempts)
        at = self._clock() + timedelta(seconds=pause)
        await asyncio.to_thread(self._store.retry, pending.id, self._worker, at, text)
        if pending.attempts == TRIES_UNTOLD:
            await self._report(pending, Delayed(pending.id, _named(pending.effect), text), "delayed")

    async def _give_up(self, pending: Pending, error: str) -> None:
        await asyncio.to_thread(self._store.give_up, pending.id, self._worker, error)
        if isinstance(pending.effect, WriteSummary):
            with suppress(HandoffError):
                await asyncio.to_thread(self._service.receive, pending.handoff_id, SummaryFailed(error))
        await self._report(pending, Undelivered(pending.id, _named(pending.effect), error), "undelivered")

    async def _report(self, pending: Pending, event: Delayed | Delivered | Undelivered, key: str) -> None:
        """Tell the agent how it goes with what they did; once for each effect."""
        if isinstance(pending.effect, TellCustomer | TellBot):
            with suppress(HandoffError):
                await asyncio.to_thread(self._service.receive, pending.handoff_id, event, f"{key}:{pending.id}")


def _is_hopeless(pending: Pending, error: BaseException) -> bool:
    """The draft serves until the model's summary comes, so the model gets a few tries, and only where one may help."""
    if not isinstance(pending.effect, WriteSummary):
        return False
    return pending.attempts >= MODEL_TRIES or getattr(error, "retry_after", None) is None


def _pause(attempts: int) -> float:
    """Seconds before the next try: doubling from half a second to half a minute, with jitter."""
    return min(30.0, 0.5 * float(2 ** min(attempts - 1, 6))) * random.uniform(0.8, 1.2)  # noqa: S311


def _is_stale(notice: Notice, handoff: Handoff) -> bool:
    """What a notice says is no longer so: an update after somebody took over, an acceptance after the return."""
    match notice:
        case Notice.UPDATE:
            return handoff.accepted_at is not None or not handoff.is_open
        case Notice.ACCEPTED:
            return not handoff.is_open
        case Notice.RETURNED:
            return False


def _named(effect: Effect) -> str:
    match effect:
        case TellCustomer():
            return effect.text
        case TellBot():
            return effect.notice.value
        case _:
            return type(effect).__name__


def _dressed(line: ChatLine, answer: Mapping[str, Any]) -> ChatLine:
    """The line with what came along with its text."""
    buttons = answer.get("buttons")
    picture = answer.get("image") or answer.get("attachment")
    return replace(
        line,
        buttons=tuple(buttons) if isinstance(buttons, list) else (),
        attachment=picture if isinstance(picture, str) else None,
    )
