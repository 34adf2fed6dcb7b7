"""The one door in: `consider` a conversation on a user turn, `receive` what happens to a handoff afterwards.

Each call loads, asks the core, and commits state and effects together; nothing is sent from here.
"""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from rasa_handoff.assigning import Assigner
from rasa_handoff.core.answers import Verdict, weigh
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.conversation import Conversation, Line, Turn
from rasa_handoff.core.decision import Decision, HandOff, Stay
from rasa_handoff.core.drafting import draft
from rasa_handoff.core.effects import Step, WatchAgent
from rasa_handoff.core.errors import AlreadyClosed, Conflict, Duplicate, Refused
from rasa_handoff.core.handoff import (
    AgentLost,
    CustomerMessaged,
    Event,
    Handoff,
    Status,
    SuspendedLoop,
    Timed,
    UpdateDue,
)
from rasa_handoff.core.hours import is_open, next_opening
from rasa_handoff.core.leaving import look
from rasa_handoff.core.masking import cleared, masked, masked_conversation
from rasa_handoff.core.need import Need, suits
from rasa_handoff.core.offering import Asked, Situation
from rasa_handoff.core.package import Detail, Summary
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.promise import Standing, is_choice, is_due, look_again, misses_sla
from rasa_handoff.core.routing import Presence, gone_at, queue_order
from rasa_handoff.core.signals import read
from rasa_handoff.core.step import start, step
from rasa_handoff.core.there import CustomerThere, ThereEvent
from rasa_handoff.core.told import SlaMissed
from rasa_handoff.ports import Store
from rasa_handoff.standing import standing_of

# Two writers on one handoff settle in one round; a handful of rounds means something else is wrong.
_ROUNDS = 8
# When to look again at a department that will not open within a year.
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Considered:
    """What a user turn came to. `handoff` is the conversation's newest, open or closed.

    `asked` are the episode's offers to the customer after it; `declined`: the turn said no to the newest of them.
    """

    decision: Decision
    handoff: Handoff | None
    asked: tuple[Asked, ...] = ()
    declined: bool = False


def utc_now() -> datetime:
    return datetime.now(UTC)


class Service:
    """Handoffs over a store. Synchronous and safe from several threads and processes."""

    def __init__(
        self,
        store: Store,
        policy: Policy,
        sentiment: Callable[[str], float],
        *,
        with_model: bool = False,
        language: Callable[[Iterable[str], Collection[str]], str | None] = lambda texts, among: None,
        normalise: Callable[[Detail], Detail] = lambda detail: detail,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.store = store
        self.policy = policy
        self._sentiment = sentiment
        self._language = language
        self._with_model = with_model
        self._normalise = normalise
        self._clock = clock
        self._near = policy.offering.near(policy.detection)
        self._assigner = Assigner(store, clock)

    def consider(self, conversation: Conversation, asked: Iterable[Asked] = ()) -> Considered:
        """Decide on a user turn; while a handoff is open, take the customer's new messages over instead.

        `asked` are the offers made to the customer so far, oldest first.
        """
        conversation = masked_conversation(conversation)
        handoff = self.store.newest(conversation.id)
        if handoff is not None and handoff.is_open:
            return Considered(Stay(), self._take_messages(handoff, conversation))
        if handoff is not None and handoff.closed_at is not None:
            conversation = conversation.since(handoff.closed_at)
        if not conversation.turns:
            return Considered(Stay(), handoff)
        verdict = self._weigh(conversation, asked)
        return Considered(verdict.decision, handoff, verdict.asked, verdict.declined)

    def situation(self, conversation: Conversation, decision: HandOff) -> Situation:
        """What a handoff on this decision would meet now."""
        need, priority = self.policy.route(decision, conversation, self._written(conversation))
        imagined = self._new(conversation, decision, need, priority, Summary(()))
        now, hours = self._clock(), self.policy.hours.get(need.department)
        opening = is_open(hours, now), next_opening(hours, now)
        if imagined.is_external:  # its platform knows who is there: somebody is, as far as we can tell
            return Situation(1, True, 0, *opening)
        criteria = need.criteria(imagined.rules.rings[0])
        staff = [staff for staff in self.store.staff() if suits(staff.profile, criteria)]
        ahead = self.store.ahead(need.department, queue_order(imagined))
        agents, free = sum(one.agents for one in staff), any(one.free for one in staff)
        return Situation(agents, free, ahead, *opening)

    def initiate(self, conversation: Conversation, history: tuple[Line, ...], decision: HandOff) -> Handoff:
        """Make the handoff durable, with its package. The conversation's open handoff, if there is one, is it."""
        now, conversation = self._clock(), masked_conversation(conversation)
        need, priority = self.policy.route(decision, conversation, self._written(conversation))
        package, summary = draft(
            conversation,
            history,
            decision,
            self._sentiment,
            now,
            shows=self.policy.shows,
            language=need.language,
            normalise=self._normalise,
        )
        served_by = self.store.last_agent(package.customer_id)
        new = self._new(conversation, decision, need, priority, summary)
        handoff = replace(new, customer_id=package.customer_id, served_by=served_by)
        for _ in range(_ROUNDS):
            with suppress(Conflict):
                return self.store.open(start(handoff, now, with_model=self._with_model), package, now)
        raise Conflict(f"The conversation {conversation.id} keeps changing hands. Try again.")

    def receive(self, handoff_id: str, event: Event, key: str | None = None, known: Handoff | None = None) -> Handoff:
        """Let `event` happen; with a `key`, once only. `known` is the handoff as it was read a moment ago, if it was.

        Errors: NotFound, Refused (tell the sender why), BadMessage, AgentBusy, Conflict (did not settle), Unreachable.
        """
        event = cleared(event)
        for _ in range(_ROUNDS):
            before, fresh = known or self.store.get(handoff_id), known is None
            known, now = None, self._clock()
            try:
                after = step(before, event, now)
                if isinstance(event, Timed | ThereEvent) and after == Step(before):
                    return before  # what no longer matters leaves no trace
                return self.store.commit(before, after, event, now, key)
            except Duplicate:
                return before
            except Refused:
                if not fresh:
                    continue
                if self._happened(handoff_id, key):
                    return before
                raise
            except Conflict:
                continue
        raise Conflict(f"Handoff {handoff_id} kept changing under us. Try again.")

    def set_presence(self, agent_id: str, presence: Presence) -> None:
        """Errors: NotFound, Unreachable."""
        self.store.set_presence(agent_id, presence, self._clock(), self.policy.grace)

    def look_after(self, watch: WatchAgent) -> datetime | None:
        """See whether the agent is still there: when to look again, or None when there is no more need to.

        Whoever has been silent for the grace period, or signed out as long ago, is gone: what they were offered or
        held goes to others.
        """
        agent, now = self.store.agent(watch.agent_id), self._clock()
        if agent.session != watch.session:
            return None
        silent_from = gone_at(agent, self.policy.grace)
        if silent_from is not None and now < silent_from:
            return silent_from
        if agent.presence is not Presence.OFFLINE:
            self.store.set_presence(agent.id, Presence.OFFLINE, now)
        for handoff in self.store.handoffs(agent_id=agent.id):
            if agent.id in handoff.holders:
                self.receive(handoff.id, AgentLost(agent.id))
        return None

    def look_for(self, handoff_id: str) -> datetime | None:
        """See whether the waiting customer is still there: when to look again, or None when there is no more need to.

        Errors: those of `receive`.
        """
        handoff = self.store.get(handoff_id)
        while True:
            now, hours = self._clock(), self.policy.hours.get(handoff.need.department)
            opens_at = None if is_open(hours, now) else next_opening(hours, now) or now + _A_DAY
            found = look(handoff, self.store.customer_seen(handoff.conversation_id), opens_at, now)
            if found is None or isinstance(found, datetime):
                return found
            handoff = self.receive(handoff_id, found)

    def assign(self) -> None:
        """Offer waiting handoffs to agents with a free place, in the queue's order."""
        self._assigner.run()

    def standing(self, handoff: Handoff) -> Standing:
        """How an unanswered handoff stands now."""
        return standing_of(self.store, self.policy, handoff, self._clock())

    def update(self, handoff_id: str, update: int) -> datetime | None:
        """Tell the customer how it stands when it is time for update number `update`; else say when to look again.

        None: this update is over, done or no longer wanted. Errors: those of `receive`.
        """
        handoff, now = self.store.get(handoff_id), self._clock()
        if handoff.status not in (Status.WAITING, Status.OFFERED) or update <= handoff.updates:
            return None
        standing = self.standing(handoff)
        if misses_sla(handoff, now):
            handoff = self.receive(handoff_id, SlaMissed())
        elif is_due(handoff, standing, now):
            self.receive(handoff_id, UpdateDue(update))
            return None
        return look_again(handoff, standing, now)

    def _weigh(self, conversation: Conversation, asked: Iterable[Asked]) -> Verdict:
        detection, offering = self.policy.detection, self.policy.offering
        signals = read(conversation, detection, self._sentiment)
        situation = partial(self.situation, conversation)
        return weigh(conversation, signals, detection, self._near, offering, asked, situation)

    def _written(self, conversation: Conversation) -> str | None:
        """The language of the customer's messages, when somebody who speaks it is online and the bot keeps none."""
        if self.policy.slotted(conversation.slots):
            return None
        spoken = {language for staff in self.store.staff() for language in staff.profile.languages}
        return self._language((turn.text for turn in conversation.turns), spoken | {self.policy.language})

    def _happened(self, handoff_id: str, key: str | None) -> bool:
        return key is not None and self.store.recorded(handoff_id, key)

    def _new(
        self, conversation: Conversation, decision: HandOff, need: Need, priority: int, summary: Summary
    ) -> Handoff:
        return Handoff(
            id=uuid4().hex,
            conversation_id=conversation.id,
            channel=conversation.channel,
            reason=decision.reason,
            need=need,
            priority=priority,
            rules=self.policy.rules,
            queued_at=self._clock(),
            summary=summary,
            last_message_id=conversation.messages[-1].message_id if conversation.messages else None,
            suspended=SuspendedLoop(conversation.loop, conversation.requested_slot) if conversation.loop else None,
        )

    def _take_messages(self, handoff: Handoff, conversation: Conversation) -> Handoff:
        """Take over every message since the last one taken, so that a turn without us loses none."""
        new = _new_messages(handoff, conversation)
        question = self._last_words(handoff) if new else ""
        for turn in new:
            if handoff.status is not Status.ACTIVE and is_choice(turn):
                handoff = self._there(handoff, turn)
                continue
            text = masked(turn.text, question)
            event = CustomerMessaged(turn.message_id, text, turn.at, turn.attachments)
            try:
                handoff = self.receive(handoff.id, event, key=f"customer:{turn.message_id}")
            except AlreadyClosed:
                return self.store.get(handoff.id)
        return handoff

    def _there(self, handoff: Handoff, turn: Turn) -> Handoff:
        """A button of ours is a sign of life, and for an agent no more than that."""
        if handoff.asked_there_at is None:
            return handoff
        return self.receive(handoff.id, CustomerThere(), key=f"customer:{turn.message_id}")

    def _last_words(self, handoff: Handoff) -> str:
        """What the agent said last, which the customer's message may answer."""
        said = (entry.data["text"] for entry in reversed(self.store.log(handoff.id)) if entry.kind == "agent_messaged")
        return next(said, "")


def _new_messages(handoff: Handoff, conversation: Conversation) -> tuple[Turn, ...]:
    ids = [turn.message_id for turn in conversation.messages]
    if handoff.last_message_id in ids:
        newest = len(ids) - 1 - ids[::-1].index(handoff.last_message_id)
        return conversation.messages[newest + 1 :]
    return tuple(turn for turn in conversation.messages if turn.at > handoff.queued_at)
