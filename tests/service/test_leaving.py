"""The watch over waiting customers, over a store."""

from dataclasses import replace
from datetime import timedelta

from rasa_handoff.core.handoff import Accepted, Handoff, Outcome, Status
from rasa_handoff.core.hours import Hours, Span
from rasa_handoff.core.policy import Policy
from rasa_handoff.service import Service

from .test_service import START, WISH, Clock, agent, clock, service, talk, turns, wish  # noqa: F401 (fixtures)

MINUTE = timedelta(minutes=1)


def seen(service: Service, clock: Clock, handoff: Handoff) -> None:  # noqa: F811
    service.store.customers_seen([handoff.conversation_id], clock.now)


def kinds(service: Service, handoff: Handoff) -> list[str]:  # noqa: F811
    return [entry.kind for entry in service.store.log(handoff.id)]


def test_a_customer_who_goes_is_asked_leaves_and_frees_the_agent_for_the_next(service: Service, clock: Clock) -> None:  # noqa: F811
    agent(service, "ana", max_chats=1)
    first = wish(service, "first")
    second = wish(service, "second")
    service.assign()
    seen(service, clock, first)
    clock.passes(600)
    assert service.look_for(first.id) == clock.now + 2 * MINUTE
    clock.passes(120)
    assert service.look_for(first.id) is None
    service.assign()
    left = service.store.get(first.id)
    assert (left.status, left.outcome) == (Status.CLOSED, Outcome.CUSTOMER_LEFT)
    assert service.store.get(second.id).offered_to == "ana"
    assert kinds(service, first)[-2:] == ["asked_if_there", "customer_left"]


def test_a_customer_who_is_there_is_looked_at_again_without_a_trace(service: Service, clock: Clock) -> None:  # noqa: F811
    handoff = wish(service)
    for _ in range(20):
        clock.passes(590)
        seen(service, clock, handoff)
        assert service.look_for(handoff.id) == clock.now + 10 * MINUTE
    assert kinds(service, handoff) == ["started"]


def test_who_writes_after_the_question_or_presses_its_button_is_there(service: Service, clock: Clock) -> None:  # noqa: F811
    for number, text in enumerate(("yes", "/handoff_stay")):
        handoff = wish(service, f"c{number}")
        seen(service, clock, handoff)
        clock.passes(600)
        service.look_for(handoff.id)
        clock.passes(60)
        back = turns(text, start=clock.now)
        said = replace(back[0], intent="handoff_stay" if text.startswith("/") else "affirm")
        conversation = talk("human please", id=f"c{number}")
        for _ in range(2):
            service.consider(replace(conversation, messages=(*conversation.messages, said)))
        clock.passes(60)
        assert service.look_for(handoff.id) == clock.now + 9 * MINUTE
        heard = "customer_there" if text.startswith("/") else "customer_messaged"
        assert kinds(service, handoff) == ["started", "asked_if_there", heard]


def test_who_comes_back_after_that_queues_anew(service: Service, clock: Clock) -> None:  # noqa: F811
    handoff = wish(service)
    seen(service, clock, handoff)
    for seconds in (600, 120):
        clock.passes(seconds)
        service.look_for(handoff.id)
    again = service.initiate(talk("human please", "yes", start=clock.now), (), WISH)
    assert again.id != handoff.id
    assert (again.status, again.queued_at) == (Status.WAITING, clock.now)


def test_a_watch_that_comes_after_an_agent_took_over_goes_on_and_does_nothing(service: Service, clock: Clock) -> None:  # noqa: F811
    agent(service, "ana")
    handoff = wish(service)
    seen(service, clock, handoff)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    clock.passes(6_000)
    assert service.look_for(handoff.id) == clock.now + 10 * MINUTE
    assert service.store.get(handoff.id).status is Status.ACTIVE


def test_a_night_costs_nobody_the_place(service: Service, clock: Clock) -> None:  # noqa: F811
    clock.now = START.replace(hour=3)
    opens = START.replace(hour=9)
    hours = Hours("UTC", ((Span(9 * 60, 17 * 60),),) * 7)
    service.policy = replace(Policy(), hours={"support": hours})
    handoff = wish(service)
    seen(service, clock, handoff)
    clock.passes(600)
    assert service.look_for(handoff.id) == opens + 10 * MINUTE
