"""What each effect comes to: the only part that talks to Rasa, to the model and to webhooks."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_handoff.asking import expire
from rasa_handoff.calling import Caller
from rasa_handoff.cloudevents import context, envelope
from rasa_handoff.core.announcement import TRACKER, Announcement
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.cards import without_cards
from rasa_handoff.core.channel_effects import LookAt, RecordCustomer, Relay, Release, TakeIn, TakeOver, UpdateContext
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.effects import (
    Announce,
    AskBot,
    Assign,
    ExpireQuestion,
    Notice,
    PublishContext,
    RelayAnswer,
    RunAction,
    TellBot,
    TellCustomer,
    Wake,
    WatchAgent,
    WatchCustomer,
    WriteSummary,
)
from rasa_handoff.core.errors import Refused
from rasa_handoff.core.follow_up import SendEmail
from rasa_handoff.core.handoff import Handoff, Status, UpdateDue
from rasa_handoff.core.masking import masked
from rasa_handoff.core.questions import QuestionState
from rasa_handoff.core.runs import ActionEnded, Kind
from rasa_handoff.core.summarised import SummaryWritten
from rasa_handoff.ports import Bot, ChatLine, Listeners, Pending, Post, Store, Writer
from rasa_handoff.rasa.slots import DETAILS_SLOT, EVENT_SLOT, refreshed
from rasa_handoff.relay import Inbound, Outbound
from rasa_handoff.service import Service

Answers = Sequence[Mapping[str, Any]]


class Errands:
    """Does one effect at a time. A repeat after a failure says so, and does nothing twice."""

    def __init__(
        self,
        store: Store,
        service: Service,
        bot: Bot,
        writer: Writer | None,
        listeners: Listeners,
        post: Post | None,
        clock: Callable[[], datetime],
        caller: Caller | None = None,
        outbound: Outbound | None = None,
        inbound: Inbound | None = None,
    ) -> None:
        self._store = store
        self._service = service
        self._bot = bot
        self._writer = writer
        self._listeners = listeners
        self._post = post
        self._clock = clock
        self._caller = caller
        self._outbound = outbound
        self._inbound = inbound

    async def do(self, pending: Pending) -> datetime | None:
        """When to do it again, if it is a watch that goes on, or a look at the queue.

        Errors: Refused (no use in trying again), Unreachable and other `HandoffError`s (try again).
        """
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
            case Announce() as effect:
                await self._announce(pending, effect)
            case WriteSummary():
                await self._summarise(pending)
            case SendEmail() as effect:
                await self._send_email(pending, effect)
            case RunAction() as effect:
                await self._run_action(pending, effect, again)
            case Assign():
                await asyncio.to_thread(self._service.assign)
            case Wake(event=UpdateDue(update=update)):
                return await asyncio.to_thread(self._service.update, pending.handoff_id, update)
            case Wake() as effect:
                key = f"timer:{pending.id}"
                await asyncio.to_thread(self._service.receive, pending.handoff_id, effect.event, key)
            case WatchAgent() as effect:
                return await asyncio.to_thread(self._service.look_after, effect)
            case WatchCustomer():
                return await asyncio.to_thread(self._service.look_for, pending.handoff_id)
            case ExpireQuestion() as effect:
                await asyncio.to_thread(expire, self._store, effect.question_id, self._clock())
            case RelayAnswer() as effect:
                await self._relay_answer(pending, effect, again)
            case RecordCustomer() as effect:
                await self._bot.record(pending.conversation_id, effect.text, effect.message_id, again=again)
            case LookAt() as effect:
                return await self._inbound.look_at(pending.handoff_id, effect) if self._inbound else None
            case TakeIn() as effect:
                await self._take_in(effect)
            case TakeOver() | UpdateContext() | Relay() | Release() as effect:
                await self._at_channel(pending, effect, again)
            case _:
                assert_never(pending.effect)
        return None

    async def _take_in(self, effect: TakeIn) -> None:
        if self._inbound is None:
            raise Refused("There are no takeover channels here.")
        await self._inbound.take_in(effect)

    async def _at_channel(
        self, pending: Pending, effect: TakeOver | UpdateContext | Relay | Release, again: bool
    ) -> None:
        if self._outbound is None:
            raise Refused("There are no takeover channels here.")
        match effect:
            case TakeOver():
                await self._outbound.take_over(pending, effect, again=again)
            case UpdateContext():
                await self._outbound.update_context(pending, effect)
            case Relay():
                await self._outbound.relay(pending, effect, again=again)
            case Release():
                await self._outbound.release(pending, effect)

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
        if effect.avatar:
            metadata["avatar"] = effect.avatar
        files, push = effect.attachments, not effect.delivered
        pulled = await self._bot.say(
            pending.conversation_id, effect.text, metadata, again=again, attachments=files, push=push
        )
        if pulled and push:
            await self._show_agents(pending, effect)

    async def _show_agents(self, pending: Pending, effect: TellCustomer) -> None:
        shown = [(effect.text, None), *(("", one.url) for one in effect.attachments)]
        for number, (text, attachment) in enumerate(shown):
            if text or attachment:
                id = pending.id if number == 0 else f"{pending.id}:{number}"
                line = self._line(pending.conversation_id, id, Author.AGENT, text, effect.agent_name)
                await asyncio.to_thread(self._store.add_chat, replace(line, attachment=attachment))

    async def _tell_bot(self, pending: Pending, effect: TellBot, again: bool) -> None:
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        if _is_stale(effect.notice, handoff):
            return
        answers = await self._bot.trigger(pending.conversation_id, effect.notice.value, pending.id, again=again)
        author = Author.BOT if effect.notice is Notice.RETURNED else Author.SYSTEM
        await self._show(pending.conversation_id, pending.id, answers, author)

    async def _relay_answer(self, pending: Pending, effect: RelayAnswer, again: bool) -> None:
        conversation_id = pending.conversation_id
        handoff = await asyncio.to_thread(self._store.newest, conversation_id)
        if handoff is not None and handoff.is_open:
            return  # a person has the conversation by now, and the bot is silent
        question = await asyncio.to_thread(self._store.question, effect.question_id)
        was_answered = question.state is QuestionState.ANSWERED
        notice = Notice.ANSWERED if was_answered else Notice.UNANSWERED
        answers = await self._bot.trigger(conversation_id, notice.value, pending.id, again=again)
        await self._show(conversation_id, pending.id, answers, Author.BOT if was_answered else Author.SYSTEM)

    async def _publish(self, pending: Pending) -> None:
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        package = await asyncio.to_thread(self._store.package, pending.handoff_id)
        slots = await self._bot.slots(pending.conversation_id)
        details = refreshed(slots.get(DETAILS_SLOT), handoff, package)
        await self._bot.set_slots(pending.conversation_id, {DETAILS_SLOT: details})

    async def _announce(self, pending: Pending, effect: Announce) -> None:
        data = dict(effect.data)
        if effect.announcement is Announcement.CONTEXT:
            handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
            package = await asyncio.to_thread(self._store.package, pending.handoff_id)
            data |= context(handoff, package, transcript=self._listeners.wants_transcript(effect.to))
        event = envelope(pending.id, effect, data)
        if effect.to == TRACKER:
            await self._bot.set_slots(pending.conversation_id, {EVENT_SLOT: event})
        else:
            await self._listeners.deliver(effect.to, event)

    async def _run_action(self, pending: Pending, effect: RunAction, again: bool) -> None:
        if effect.kind is Kind.HTTP:
            if self._caller is None:
                raise Refused("There is nothing here that calls addresses.")
            result = await self._caller.call(effect, pending.handoff_id, pending.conversation_id)
        else:
            run = {"id": effect.run_id, "action": effect.action_id, "agent": effect.agent_name}
            slots = dict(effect.fields)
            result, answers = await self._bot.run(pending.conversation_id, effect.target, run, slots, again=again)
            await self._show(pending.conversation_id, pending.id, answers, Author.BOT)
        ended = ActionEnded(effect.run_id, effect.label, True, masked(result))
        await asyncio.to_thread(self._service.receive, pending.handoff_id, ended, f"action-ended:{effect.run_id}")

    async def _summarise(self, pending: Pending) -> None:
        if self._writer is None:
            raise Refused("There is no language model configured.")
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        package = await asyncio.to_thread(self._store.package, pending.handoff_id)
        written = await self._writer.summarise(package, handoff.summary)
        event = SummaryWritten(written.sentences, self._writer.name, written.basis, written.left_out)
        await asyncio.to_thread(self._service.receive, pending.handoff_id, event)

    async def _send_email(self, pending: Pending, effect: SendEmail) -> None:
        """Without a mail server there is nothing to send: the record on the desk is what people work from."""
        if self._post is None:
            return
        handoff = await asyncio.to_thread(self._store.get, pending.handoff_id)
        package = await asyncio.to_thread(self._store.package, pending.handoff_id)
        await self._post.send(effect.to, handoff, package)

    async def _show(self, conversation_id: str, effect_id: str, answers: Answers, author: Author) -> None:
        """Bring what the bot said to the web chat; a repeat shows nothing twice."""
        for number, answer in enumerate(answers):
            line = self._line(conversation_id, f"{effect_id}:{number}", author, answer.get("text") or "")
            await asyncio.to_thread(self._store.add_chat, _dressed(line, answer))

    def _line(self, conversation_id: str, id: str, author: Author, text: str, name: str | None = None) -> ChatLine:
        return ChatLine(0, conversation_id, id, author, name, without_cards(text), self._clock())


def _is_stale(notice: Notice, handoff: Handoff) -> bool:
    """What a notice says is no longer so: an update after somebody took over, an acceptance after the return."""
    match notice:
        case Notice.UPDATE:
            return handoff.status not in (Status.WAITING, Status.OFFERED)
        case Notice.ACCEPTED:
            return not handoff.is_open
        case Notice.RETURNED | Notice.ANSWERED | Notice.UNANSWERED:
            return False


def _dressed(line: ChatLine, answer: Mapping[str, Any]) -> ChatLine:
    """The line with what came along with its text."""
    buttons = answer.get("buttons")
    picture = answer.get("image") or answer.get("attachment")
    return replace(
        line,
        buttons=tuple(buttons) if isinstance(buttons, list) else (),
        attachment=picture if isinstance(picture, str) else None,
    )
