"""The service over a real store: what a turn comes to, who is offered what, and that nothing is lost on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason, Stay
from rasa_handoff.core.errors import AgentBusy, AlreadyClosed, BadMessage, NotYours, OfferGone
from rasa_handoff.core.handoff import (
    Accepted,
    AgentMessaged,
    AskAgainDue,
    Declined,
    HandedBack,
    Handoff,
    OfferExpired,
    Outcome,
    Status,
)
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.service import Service
from rasa_handoff.stores.memory import MemoryStore

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
WISH = HandOff(Reason.CUSTOMER_REQUESTED, (Evidence("phrase", "human please", None, 1, "Customer said: human please"),))


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Service:
    return Service(MemoryStore(), Policy(), lambda text: 0.0, clock=clock)


def turns(*texts: str, start: datetime = START) -> tuple[Turn, ...]:
    return tuple(
        Turn(f"m-{start.timestamp()}-{n}", text, start + timedelta(seconds=n), intent="other", confidence=0.95)
        for n, text in enumerate(texts)
    )


def talk(*texts: str, id: str = "c", start: datetime = START) -> Conversation:
    return Conversation(id, "rest", turns(*texts, start=start))


def agent(service: Service, id: str, **changes: object) -> Agent:
    one = replace(Agent(id, id.title(), "support"), **changes)  # type: ignore[arg-type]
    service.store.add_agent(one)
    service.store.set_presence(id, Presence.ONLINE, START)
    return one


def wish(service: Service, id: str = "c") -> Handoff:
    return service.initiate(talk("human please", id=id), (), WISH)


def texts_of(service: Service, handoff: Handoff) -> list[str]:
    return [e.data["text"] for e in service.store.log(handoff.id) if e.kind == "customer_messaged"]


def test_an_ordinary_turn_stays_with_the_bot(service: Service) -> None:
    assert service.consider(talk("where is my order?")).decision == Stay()


def test_a_request_for_a_human_hands_off_with_evidence(service: Service) -> None:
    decision = service.consider(talk("hello", "can I talk to a human please")).decision
    assert isinstance(decision, HandOff)
    assert decision.reason is Reason.CUSTOMER_REQUESTED
    assert "talk to a human" in decision.evidence[0].words


def test_a_repeated_trigger_is_the_same_handoff(service: Service) -> None:
    assert wish(service).id == wish(service).id


def test_an_old_request_does_not_trigger_again_after_the_return(service: Service, clock: Clock) -> None:
    agent(service, "ana")
    handoff = wish(service)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    clock.passes(60)
    service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
    assert service.consider(talk("I want to talk to a human")).decision == Stay()
    later = talk("I want to talk to a human", start=START + timedelta(seconds=90))
    assert isinstance(service.consider(later).decision, HandOff)


def test_while_a_handoff_is_open_messages_go_to_it_once_and_in_order(service: Service) -> None:
    handoff = wish(service)
    talked = talk("human please", "my order is 10482", "it is late")
    service.consider(talked)
    service.consider(talked)
    assert texts_of(service, handoff) == ["my order is 10482", "it is late"]


def test_messages_of_turns_without_us_are_caught_up(service: Service) -> None:
    handoff = wish(service)
    service.consider(talk("human please", "one"))
    service.consider(talk("human please", "one", "two", "three", "four"))
    assert texts_of(service, handoff) == ["one", "two", "three", "four"]


def test_a_window_that_no_longer_shows_the_last_message_loses_nothing_of_itself(service: Service) -> None:
    handoff = wish(service)
    service.consider(Conversation("c", "rest", turns("five", "six", start=START + timedelta(hours=2))))
    assert texts_of(service, handoff) == ["five", "six"]


def test_the_least_loaded_agent_who_suits_is_offered(service: Service) -> None:
    agent(service, "ana", max_chats=4)
    agent(service, "ben", max_chats=4)
    agent(service, "zoe", department="trust")
    offered = []
    for number in range(4):
        handoff = wish(service, f"c{number}")
        service.assign()
        offered.append(service.store.get(handoff.id).agent_id)
    assert offered == ["ana", "ben", "ana", "ben"]


def test_a_message_in_the_moment_of_the_offer_does_not_lose_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent(service, "ana")
    handoff = wish(service)
    seen = service.store.waiting()
    monkeypatch.setattr(service.store, "waiting", lambda: seen)
    service.consider(talk("human please", "are you there?"))
    service.assign()
    assert service.store.get(handoff.id).status is Status.OFFERED


def test_a_declined_offer_goes_to_the_next_agent_and_keeps_its_place(service: Service) -> None:
    agent(service, "ana")
    agent(service, "ben")
    handoff = wish(service)
    service.assign()
    service.receive(handoff.id, Declined("ana"))
    service.assign()
    after = service.store.get(handoff.id)
    assert (after.agent_id, after.queued_at) == ("ben", handoff.queued_at)


def test_who_let_it_pass_is_asked_again_when_all_were_and_a_moment_later(service: Service, clock: Clock) -> None:
    agent(service, "ana")
    agent(service, "ben")
    handoff = wish(service)
    asked = []
    for offer in range(1, 5):
        service.assign()
        asked.append(service.store.get(handoff.id).agent_id)
        service.receive(handoff.id, OfferExpired(offer))
        service.assign()
        if offer % 2 == 0:
            assert service.store.get(handoff.id).status is Status.WAITING
            clock.passes(10)
        else:
            service.receive(handoff.id, AskAgainDue(offer))
    assert asked == ["ana", "ben", "ana", "ben"]


def test_who_let_it_pass_is_not_asked_again_while_somebody_busy_was_not_asked(service: Service, clock: Clock) -> None:
    agent(service, "ana")
    agent(service, "ben", max_chats=1)
    service.receive(wish(service, "c1").id, Accepted("ben", "Ben"))
    handoff = wish(service, "c2")
    service.assign()
    service.receive(handoff.id, Declined("ana"))
    clock.passes(3600)
    service.assign()
    assert service.store.get(handoff.id).status is Status.WAITING
    service.store.set_presence("ben", Presence.AWAY, clock())
    service.assign()
    offered = service.store.get(handoff.id)
    assert offered.agent_id == "ana"
    assert service.store.log(handoff.id)[-1].data["again"]


def test_an_old_offers_timeout_does_not_end_a_newer_offer(service: Service) -> None:
    agent(service, "ana")
    agent(service, "ben")
    handoff = wish(service)
    service.assign()
    service.receive(handoff.id, Declined("ana"))
    service.assign()
    service.receive(handoff.id, OfferExpired(1))
    assert service.store.get(handoff.id).agent_id == "ben"


def test_two_agents_press_accept_at_once_and_one_is_told(service: Service) -> None:
    agent(service, "ana")
    agent(service, "ben")
    handoff = wish(service)
    told: list[Exception] = []

    def press(id: str) -> None:
        try:
            service.receive(handoff.id, Accepted(id, id))
        except OfferGone as gone:
            told.append(gone)

    threads = [Thread(target=press, args=(id,)) for id in ("ana", "ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert sum(a.active_chats for a in service.store.agents()) == 1


def test_an_agent_without_a_free_place_cannot_pick(service: Service) -> None:
    agent(service, "ana", max_chats=1)
    first, second = wish(service, "c1"), wish(service, "c2")
    service.receive(first.id, Accepted("ana", "Ana"))
    with pytest.raises(AgentBusy):
        service.receive(second.id, Accepted("ana", "Ana"))
    service.receive(first.id, HandedBack("ana", Outcome.RESOLVED))
    assert service.receive(second.id, Accepted("ana", "Ana")).status is Status.ACTIVE


def test_only_the_agent_who_holds_it_can_write_and_close(service: Service) -> None:
    agent(service, "ana")
    agent(service, "ben")
    handoff = wish(service)
    with pytest.raises(NotYours):
        service.receive(handoff.id, AgentMessaged("1", "ana", "hi"))
    service.receive(handoff.id, Accepted("ana", "Ana"))
    with pytest.raises(NotYours):
        service.receive(handoff.id, AgentMessaged("1", "ben", "hi"))
    service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
    with pytest.raises(AlreadyClosed):
        service.receive(handoff.id, AgentMessaged("2", "ana", "hi"))


@pytest.mark.parametrize(("text", "said"), [("  \n", "empty"), ("x" * 10_001, r"10,001 characters; at most 10,000")])
def test_a_message_that_cannot_be_sent_is_refused_with_its_limit(service: Service, text: str, said: str) -> None:
    agent(service, "ana")
    handoff = wish(service)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    with pytest.raises(BadMessage, match=said):
        service.receive(handoff.id, AgentMessaged("1", "ana", text))


def test_a_double_click_sends_once(service: Service) -> None:
    agent(service, "ana")
    handoff = wish(service)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    for _ in range(2):
        service.receive(handoff.id, AgentMessaged("1", "ana", "hi"), key="agent:1")
    assert [e.kind for e in service.store.log(handoff.id)].count("agent_messaged") == 1


def test_a_repeated_send_after_the_end_is_known_as_the_message_that_went_out(service: Service) -> None:
    agent(service, "ana")
    handoff = wish(service)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    service.receive(handoff.id, AgentMessaged("1", "ana", "bye"), key="agent:1")
    service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
    assert service.receive(handoff.id, AgentMessaged("1", "ana", "bye"), key="agent:1").status is Status.CLOSED
    with pytest.raises(AlreadyClosed):
        service.receive(handoff.id, AgentMessaged("2", "ana", "more"), key="agent:2")


def test_every_change_of_owner_raises_the_epoch(service: Service) -> None:
    agent(service, "ana")
    handoff = wish(service)
    active = service.receive(handoff.id, Accepted("ana", "Ana"))
    closed = service.receive(handoff.id, HandedBack("ana", Outcome.RESOLVED))
    assert handoff.epoch < active.epoch < closed.epoch


def test_the_place_in_the_queue_counts_within_the_department_by_priority(service: Service, clock: Clock) -> None:
    first = wish(service, "c1")
    clock.passes(1)
    second = wish(service, "c2")
    assert [service.standing(one).position for one in (first, second)] == [1, 2]


def test_nobody_online_is_known(service: Service) -> None:
    handoff = wish(service)
    assert not service.standing(handoff).staffed
    agent(service, "ana", max_chats=1)
    assert service.standing(handoff).staffed


def test_rules_are_frozen_onto_the_handoff_when_it_starts(service: Service) -> None:
    handoff = wish(service)
    service.policy = replace(service.policy, rules=replace(service.policy.rules, message_limit=1))
    assert service.store.get(handoff.id).rules.message_limit == 10_000
