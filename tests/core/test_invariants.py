"""The invariants of docs/architecture.md (1, 2, 3 inbound, 5, 6), under whatever may happen in whatever order."""

import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.effects import TellCustomer
from rasa_handoff.core.errors import AgentBusy, Conflict, Duplicate, Refused, SettingsError
from rasa_handoff.core.handoff import (
    Accepted,
    AgentLost,
    AgentMessaged,
    AskAgainDue,
    CustomerMessaged,
    Declined,
    HandedBack,
    Handoff,
    Need,
    Offered,
    OfferExpired,
    Outcome,
    Rules,
    Status,
    TransferCancelled,
    TransferExpired,
    Transferred,
    UpdateDue,
    Widened,
)
from rasa_handoff.core.package import ContextPackage, Summary, Trend
from rasa_handoff.core.planning import plan
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.step import start, step
from rasa_handoff.stores import open_store
from rasa_handoff.stores.migrations import upgrade

CONVERSATIONS = st.sampled_from(["c1", "c2"])
AGENTS = st.sampled_from(["ana", "bo"])
MESSAGES = st.sampled_from(["m1", "m2", "m3"])
NUMBERS = st.integers(1, 3)
ALL_KINDS = [
    Offered,
    Accepted,
    Declined,
    OfferExpired,
    AskAgainDue,
    Widened,
    AgentLost,
    Transferred,
    TransferCancelled,
    TransferExpired,
    UpdateDue,
    AgentMessaged,
    HandedBack,
]
KINDS = st.sampled_from(ALL_KINDS)


def _event(kind, handoff, agent_id, number):
    """An event that may well fit the handoff: of the agent who has it, unless `agent_id` names one."""
    answers = handoff.offered_to if kind in (Accepted, Declined) else None
    agent_id = agent_id or answers or handoff.agent_id or "ana"
    made = {
        Offered: Offered(agent_id, agent_id),
        Accepted: Accepted(agent_id, agent_id),
        Declined: Declined(agent_id),
        OfferExpired: OfferExpired(number),
        AskAgainDue: AskAgainDue(number),
        Widened: Widened(number),
        AgentLost: AgentLost(agent_id),
        Transferred: Transferred(agent_id, "support", warm=number > 1),
        TransferCancelled: TransferCancelled(agent_id),
        TransferExpired: TransferExpired(handoff.transfers),
        UpdateDue: UpdateDue(number),
        AgentMessaged: AgentMessaged(f"a{number}", agent_id, "Hello"),
        HandedBack: HandedBack(agent_id, Outcome.RESOLVED),
    }
    return made[kind]


class Handoffs(RuleBasedStateMachine):
    """Customers, two agents with little room and a courier, who act as they please."""

    def new_url(self) -> str:
        return "memory://"

    @initialize()
    def begin(self):
        self.store = open_store(self.new_url())
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.known: dict[str, Handoff] = {}
        self.accepted: list[tuple[str, str]] = []
        for agent_id, places in (("ana", 1), ("bo", 2)):
            self.store.add_agent(Agent(agent_id, agent_id, "support", max_chats=places, presence=Presence.ONLINE))

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(conversation_id=CONVERSATIONS)
    def the_bot_hands_off(self, conversation_id):
        before = self.store.newest(conversation_id)
        new = _handoff(f"handoff {len(self.known)}", conversation_id, self.now)
        opened = self.store.open(start(new, self.now, with_model=True), _package(new), self.now)
        if before is not None and before.is_open:
            assert opened == before  # invariant 1: a repeated trigger is the same handoff
        else:
            self.known[opened.id] = opened

    @rule(conversation_id=CONVERSATIONS, kind=KINDS, agent_id=st.none() | AGENTS, number=NUMBERS)
    def something_happens(self, conversation_id, kind, agent_id, number):
        handoff = self.store.newest(conversation_id)
        if handoff is not None:
            self._receive(handoff, _event(kind, handoff, agent_id, number))

    @precondition(lambda self: self.with_status(Status.WAITING))
    @rule(data=st.data(), kind=st.sampled_from([Offered, Accepted]), agent_id=AGENTS)
    def a_waiting_handoff_is_offered_or_picked(self, data, kind, agent_id):
        handoff = data.draw(st.sampled_from(self.with_status(Status.WAITING)))
        self._receive(handoff, _event(kind, handoff, agent_id, 1))

    @precondition(lambda self: self.with_status(Status.OFFERED))
    @rule(data=st.data(), kind=st.sampled_from([Accepted, Declined, OfferExpired]))
    def an_offer_is_answered_or_not(self, data, kind):
        handoff = data.draw(st.sampled_from(self.with_status(Status.OFFERED)))
        assert self._receive(handoff, _event(kind, handoff, None, handoff.offers))

    @precondition(lambda self: self.with_status(Status.ACTIVE))
    @rule(data=st.data(), to=st.none() | AGENTS, warm=st.booleans())
    def the_agent_passes_it_on(self, data, to, warm):
        handoff = data.draw(st.sampled_from(self.with_status(Status.ACTIVE)))
        if self._receive(handoff, Transferred(handoff.agent_id, "support", to, to, "note", warm)) and warm:
            assert self.store.get(handoff.id).agent_id == handoff.agent_id  # the first stays until the second accepts

    @precondition(lambda self: self.passed_on())
    @rule(data=st.data(), kind=st.sampled_from([Accepted, Accepted, Declined, OfferExpired, AgentLost]))
    def who_is_invited_answers_or_not(self, data, kind):
        handoff = data.draw(st.sampled_from(self.passed_on()))
        invited = handoff.transfer.invited
        assert self._receive(handoff, _event(kind, handoff, invited, handoff.offers))
        after = self.store.get(handoff.id)
        assert after.agent_id == (invited if kind is Accepted else handoff.agent_id)

    @rule()
    def the_router_works(self):
        while self.store.match(partial(plan, now=self.now, limit=3), self.now):
            pass
        for handoff in self.with_status(Status.WAITING):  # nobody is left waiting beside somebody who could take it
            free = [agent for agent in self.store.agents() if agent.has_room]
            assert all(agent.id in handoff.passed_by for agent in free)

    @precondition(lambda self: self.with_status(Status.ACTIVE))
    @rule(data=st.data(), kind=st.sampled_from([AgentMessaged, AgentMessaged, HandedBack]))
    def the_agent_writes_or_hands_back(self, data, kind):
        handoff = data.draw(st.sampled_from(self.with_status(Status.ACTIVE)))
        assert self._receive(handoff, _event(kind, handoff, None, 1))

    @rule(conversation_id=CONVERSATIONS, message_id=MESSAGES)
    def the_customer_writes_or_the_channel_repeats_itself(self, conversation_id, message_id):
        handoff = self.store.newest(conversation_id)
        if handoff is not None and self._receive(handoff, CustomerMessaged(message_id, "hi", self.now), message_id):
            self.accepted.append((handoff.id, message_id))

    @precondition(lambda self: self.known)
    @rule(data=st.data(), kind=KINDS)
    def somebody_acts_on_what_they_saw_earlier(self, data, kind):
        seen = self.store.get(data.draw(st.sampled_from(sorted(self.known))))
        assert not self._receive(replace(seen, version=-1), _event(kind, seen, None, 1))

    @rule(agent_id=AGENTS, available=st.sampled_from([True, True, False]))
    def an_agent_comes_or_goes(self, agent_id, available):
        self.store.set_presence(agent_id, Presence.ONLINE if available else Presence.AWAY, self.now)

    @rule(agent_id=AGENTS, places=NUMBERS)
    def an_agent_is_given_other_places(self, agent_id, places):
        try:
            self.store.add_agent(Agent(agent_id, agent_id, "support", max_chats=places))
        except SettingsError:
            assert self.store.agent(agent_id).active_chats > places

    @rule()
    def the_courier_works(self):
        for pending in self.store.claim(self.now, "courier", lease=30, limit=5):
            if isinstance(pending.effect, TellCustomer):
                handoff = self.store.get(pending.handoff_id)
                assert pending.epoch <= handoff.epoch
                if pending.epoch == handoff.epoch:  # invariant 5: what is not refused is from who holds it now
                    assert handoff.status is Status.ACTIVE
                    assert handoff.agent_name == pending.effect.agent_name
            self.store.done(pending.id, "courier")

    @invariant()
    def a_conversation_has_at_most_one_open_handoff(self):
        conversations = [handoff.conversation_id for handoff in self.store.handoffs()]
        assert len(conversations) == len(set(conversations))

    @invariant()
    def an_agent_holds_what_the_handoffs_say_and_no_more_than_they_can(self):
        holders = [agent_id for handoff in self.store.handoffs() for agent_id in handoff.holders]
        for agent in self.store.agents():
            assert agent.active_chats == holders.count(agent.id) <= agent.max_chats

    @invariant()
    def nobody_is_asked_twice_at_once_nor_to_take_over_from_themselves(self):
        for handoff in self.store.handoffs():
            assert (handoff.offered_to is None) == (handoff.offer_expires_at is None)
            assert handoff.transfer is None or handoff.status is Status.ACTIVE
            assert handoff.transfer is None or handoff.transfer.invited != handoff.agent_id

    @invariant()
    def an_accepted_message_is_shown_once(self):
        messages = [entry for entry in self.store.feed(0, 10_000) if entry.kind == "customer_messaged"]
        assert [(entry.handoff_id, entry.data["message_id"]) for entry in messages] == self.accepted
        assert len(self.accepted) == len(set(self.accepted))

    @invariant()
    def the_place_in_the_queue_never_moves(self):
        for handoff_id, first in self.known.items():
            assert self.store.get(handoff_id).queued_at == first.queued_at

    def with_status(self, status):
        return [handoff for handoff in self.store.handoffs() if handoff.status is status]

    def passed_on(self):
        return [h for h in self.with_status(Status.ACTIVE) if h.offered_to]

    def _receive(self, before, event, key=None):
        """True when the event was accepted; when it was not, nothing may have changed."""
        try:
            after = self.store.commit(before, step(before, event, self.now), event, self.now, key)
        except Conflict:
            assert before.version == -1
            return False
        except (Refused, AgentBusy, Duplicate):
            assert before.version == -1 or self.store.get(before.id) == before
            return False
        changed = _owner(before) != _owner(after)
        assert after.epoch - before.epoch == changed  # invariant 5: every change of owner, and nothing else, raises it
        assert self.store.get(before.id) == after
        return True


class HandoffsInSqlite(Handoffs):
    """The same in a file."""

    def new_url(self) -> str:
        self.directory = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.directory.name) / 'handoff.sqlite'}"
        upgrade(url)
        return url

    def teardown(self):
        self.store.close()
        self.directory.cleanup()


def _owner(handoff):
    """Who answers the customer: the agent, or else nobody before them and the bot after them."""
    return (handoff.status is Status.CLOSED, handoff.agent_id if handoff.status is Status.ACTIVE else None)


def _handoff(handoff_id, conversation_id, now):
    need, summary = Need("support"), Summary(("Wants a human.",))
    return Handoff(handoff_id, conversation_id, "rest", Reason.CUSTOMER_REQUESTED, need, Rules(), now, summary)


def _package(handoff):
    return ContextPackage(
        handoff.conversation_id, "", None, handoff.reason, (), None, (), Trend.STABLE, (), (), (), handoff.queued_at
    )


_slow = [HealthCheck.too_slow]
TestInMemory = Handoffs.TestCase
TestInMemory.settings = settings(max_examples=300, stateful_step_count=50, deadline=None, suppress_health_check=_slow)
TestInSqlite = HandoffsInSqlite.TestCase
TestInSqlite.settings = settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=_slow)
