"""While nobody answers: what the customer is told when, the SLA, and follow-ups; with a clock of ours."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rasa_handoff.core.effects import Notice, TellBot, Wake
from rasa_handoff.core.errors import AlreadyClosed, Refused
from rasa_handoff.core.follow_up import (
    CallbackBooked,
    EmailTaken,
    EmailUndelivered,
    FollowUpDone,
    FollowUpDue,
    FollowUpFailed,
    FollowUpReopened,
    FollowUpState,
    FollowUpTaken,
    Recipient,
    SendEmail,
)
from rasa_handoff.core.handoff import Accepted, HandedBack, Handoff, Offered, Outcome, Status, UpdateDue
from rasa_handoff.core.hours import Hours, Span
from rasa_handoff.core.promise import is_poor, offers_alternatives
from rasa_handoff.service import Service
from tests.service.test_service import START, Clock, agent, clock, service, wish

__all__ = ["clock", "service"]

HOUR = timedelta(hours=1)
BOOKED = CallbackBooked("+442079460018", START + 2 * HOUR)


def tell(service: Service, handoff: Handoff, *, alternatives: bool = False) -> Handoff:
    """What the action does when the notice arrives."""
    return service.receive(handoff.id, service.standing(handoff).told(alternatives=alternatives))


def looks(service: Service, clock: Clock, handoff: Handoff, seconds: int) -> list[int]:
    """At which seconds the customer is told, when the courier looks as often as it is told to."""
    told, began = [], clock.now
    at: datetime | None = clock.now + handoff.rules.check_every
    while at is not None and at <= began + timedelta(seconds=seconds):
        clock.now = at
        before = service.store.get(handoff.id)
        at = service.update(handoff.id, before.updates + 1)
        after = service.store.get(handoff.id)
        if after.updates > before.updates or after.sla_missed_at != before.sla_missed_at:
            tell(service, after)
            told.append(int((clock.now - began).total_seconds()))
        at = at or clock.now + handoff.rules.check_every
    return told


def test_a_waiting_customer_is_told_at_least_each_minute_and_no_more_often_when_nothing_changes(
    service: Service, clock: Clock
) -> None:
    handoff = tell(service, wish(service))
    assert looks(service, clock, handoff, 300) == [60, 120, 180, 240, 300]


def test_a_place_gained_is_told_at_the_next_look(service: Service, clock: Clock) -> None:
    first = wish(service, "c1")
    clock.passes(1)
    second = tell(service, wish(service, "c2"))
    clock.passes(15)
    assert service.update(second.id, 1) == clock.now + timedelta(seconds=15)
    service.receive(first.id, BOOKED)
    clock.passes(15)
    assert service.update(second.id, 1) is None
    assert service.store.get(second.id).updates == 1


def test_changes_in_quick_succession_are_not_all_told(service: Service, clock: Clock) -> None:
    first = wish(service, "c1")
    clock.passes(1)
    second = tell(service, wish(service, "c2"))
    service.receive(first.id, BOOKED)
    clock.passes(5)
    assert service.update(second.id, 1) is not None


def test_the_same_update_told_twice_is_one(service: Service, clock: Clock) -> None:
    handoff = wish(service)
    clock.passes(15)
    assert service.update(handoff.id, 1) is None
    assert service.update(handoff.id, 1) is None
    assert [entry.kind for entry in service.store.log(handoff.id)].count("update_due") == 1


def test_at_the_sla_the_alternatives_come_again_once(service: Service, clock: Clock) -> None:
    handoff = tell(service, wish(service), alternatives=True)
    promise = service.policy.promise
    assert not offers_alternatives(handoff, service.standing(handoff), promise)
    clock.passes(60)
    service.update(handoff.id, 1)
    late = service.store.get(handoff.id)
    assert late.sla_missed_at == clock.now
    assert offers_alternatives(late, service.standing(late), promise)
    clock.passes(1)
    late = tell(service, late, alternatives=True)
    assert not offers_alternatives(late, service.standing(late), promise)
    service.update(handoff.id, 1)
    assert [entry.kind for entry in service.store.log(handoff.id)].count("sla_missed") == 1


def test_an_answer_in_time_misses_no_sla(service: Service, clock: Clock) -> None:
    agent(service, "ana")
    handoff = wish(service)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    clock.passes(61)
    assert service.update(handoff.id, 1) is None
    assert service.store.get(handoff.id).sla_missed_at is None


def test_when_closed_the_customer_is_told_once_and_then_when_it_opens(service: Service, clock: Clock) -> None:
    opens = START.replace(hour=15)
    hours = Hours("UTC", ((Span(15 * 60, 18 * 60),),) * 7)
    service.policy = replace(service.policy, hours={"support": hours})
    handoff = tell(service, wish(service), alternatives=True)
    clock.passes(15)
    service.update(handoff.id, 1)
    clock.passes(60)
    at = service.update(handoff.id, 1)
    handoff = tell(service, service.store.get(handoff.id))
    clock.passes(15)
    assert at == opens
    assert service.update(handoff.id, 1) == opens
    clock.now = opens
    assert service.update(handoff.id, 1) is None


def test_with_somebody_free_an_answer_in_time_is_likely_and_with_nobody_there_it_is_not(service: Service) -> None:
    handoff = wish(service)
    assert is_poor(service.standing(handoff), service.policy.promise)
    agent(service, "ana")
    standing = service.standing(handoff)
    assert standing.chance is not None
    assert standing.chance > 0.9
    assert not is_poor(standing, service.policy.promise)


def test_the_wait_is_known_once_enough_was_handled(service: Service, clock: Clock) -> None:
    agent(service, "ana", max_chats=1)
    for number in range(5):
        handled = wish(service, f"earlier {number}")
        service.receive(handled.id, Offered("ana", "Ana"))
        clock.passes(5)
        service.receive(handled.id, Accepted("ana", "Ana"))
        clock.passes(300 + number)
        service.receive(handled.id, HandedBack("ana", Outcome.RESOLVED))
    service.receive(wish(service, "served").id, Accepted("ana", "Ana"))
    standing = service.standing(wish(service))
    assert standing.wait is not None
    assert timedelta(seconds=100) < standing.wait.quantile(0.5) < timedelta(seconds=200)
    assert is_poor(standing, service.policy.promise)


def test_a_clock_that_jumps_an_hour_ahead_tells_once(service: Service, clock: Clock) -> None:
    handoff = tell(service, wish(service))
    clock.passes(3600)
    service.update(handoff.id, 1)
    tell(service, service.store.get(handoff.id))
    assert service.update(handoff.id, 1) == clock.now + timedelta(seconds=15)
    kinds = [entry.kind for entry in service.store.log(handoff.id)]
    assert (kinds.count("sla_missed"), kinds.count("update_due")) == (1, 0)


def test_a_clock_that_jumps_an_hour_back_tells_at_once_instead_of_being_silent_for_an_hour(
    service: Service, clock: Clock
) -> None:
    handoff = tell(service, wish(service))
    clock.passes(-3600)
    standing = service.standing(handoff)
    assert service.update(handoff.id, 1) is None
    assert standing.chance is None or 0 <= standing.chance <= 1


def test_a_callback_ends_the_wait_with_a_record_and_a_reminder(service: Service) -> None:
    handoff = service.receive(wish(service).id, BOOKED)
    assert (handoff.status, handoff.outcome) == (Status.CLOSED, Outcome.CALLBACK_BOOKED)
    assert handoff.follow_up is not None
    assert (handoff.follow_up.state, handoff.follow_up.due_at) == (FollowUpState.OPEN, BOOKED.at)
    effects = [one.effect for one in service.store.claim(BOOKED.at, "w", 30, 100)]
    assert Wake(BOOKED.at, FollowUpDue()) in effects
    assert TellBot(Notice.RETURNED) not in effects


def test_a_callback_chosen_in_the_moment_of_an_offer_frees_the_agent(service: Service) -> None:
    agent(service, "ana", max_chats=1)
    handoff = wish(service)
    service.assign()
    service.receive(handoff.id, BOOKED)
    assert service.store.agent("ana").active_chats == 0
    waiting = wish(service, "next")
    service.assign()
    assert service.store.get(waiting.id).status is Status.OFFERED


def test_an_email_goes_to_the_team_and_to_the_customer(service: Service) -> None:
    service.receive(wish(service).id, EmailTaken("zoe@example.com", START + HOUR))
    effects = [one.effect for one in service.store.claim(START, "w", 30, 100)]
    assert {one.to for one in effects if isinstance(one, SendEmail)} == {Recipient.TEAM, Recipient.CUSTOMER}


def test_what_an_agent_has_cannot_be_exchanged_for_a_callback(service: Service) -> None:
    agent(service, "ana")
    handoff = wish(service)
    service.receive(handoff.id, Accepted("ana", "Ana"))
    with pytest.raises(AlreadyClosed):
        service.receive(handoff.id, BOOKED)


def test_a_follow_up_is_taken_done_and_reopened(service: Service) -> None:
    handoff = service.receive(wish(service).id, BOOKED)

    def after(event: FollowUpTaken | FollowUpDone | FollowUpFailed | FollowUpReopened) -> tuple[str, str | None]:
        follow_up = service.receive(handoff.id, event).follow_up
        assert follow_up is not None
        return follow_up.state.value, follow_up.owner_id

    assert after(FollowUpTaken("ana", "Ana")) == ("taken", "ana")
    with pytest.raises(Refused, match="Ana has taken this"):
        after(FollowUpTaken("ben", "Ben"))
    with pytest.raises(Refused, match="Ana has taken this"):
        after(FollowUpDone("ben"))
    assert after(FollowUpFailed("ana", "no answer")) == ("failed", "ana")
    with pytest.raises(Refused, match="failed already"):
        after(FollowUpTaken("ben", "Ben"))
    assert after(FollowUpReopened("ben")) == ("open", None)
    assert after(FollowUpDone("ben", "called")) == ("done", "ben")
    assert service.store.follow_ups() == []
    assert [one.id for one in service.store.follow_ups(owed_only=False)] == [handoff.id]


def test_a_handoff_without_a_follow_up_has_nothing_to_be_done(service: Service) -> None:
    with pytest.raises(Refused, match="no callback or e-mail"):
        service.receive(wish(service).id, FollowUpTaken("ana", "Ana"))


def test_a_reminder_marks_what_is_owed_and_leaves_what_is_done(service: Service, clock: Clock) -> None:
    owed, done = (service.receive(wish(service, id).id, BOOKED) for id in ("c1", "c2"))
    service.receive(done.id, FollowUpDone("ana"))
    clock.passes(7200)
    reminded = [service.receive(one.id, FollowUpDue()).follow_up for one in (owed, done)]
    assert [one.reminded_at for one in reminded if one] == [clock.now, None]


def test_an_email_that_was_given_up_is_a_problem_to_be_seen(service: Service) -> None:
    handoff = service.receive(wish(service).id, EmailTaken("zoe@example.com", START + HOUR))
    after = service.receive(handoff.id, EmailUndelivered(Recipient.TEAM, "550 no such user"))
    assert after.follow_up is not None
    assert after.follow_up.problem == "The e-mail to the team was not sent: 550 no such user"


def test_an_update_after_the_choice_is_none(service: Service, clock: Clock) -> None:
    handoff = service.receive(wish(service).id, BOOKED)
    clock.passes(60)
    assert service.update(handoff.id, 1) is None
    assert service.receive(handoff.id, UpdateDue(1)).updates == 0
