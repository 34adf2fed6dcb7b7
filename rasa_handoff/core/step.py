"""The state machine: `start` makes a handoff, `step` answers an event with the next state and the effects."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from rasa_handoff.core.announcing import announced, announced_start
from rasa_handoff.core.errors import AlreadyClosed, BadMessage, NotYours, OfferGone
from rasa_handoff.core.handoff import (
    Accepted,
    AgentMessaged,
    Assign,
    CustomerMessaged,
    Declined,
    Delayed,
    Delivered,
    Effect,
    Event,
    HandedBack,
    Handoff,
    Notice,
    Offered,
    OfferExpired,
    PublishContext,
    Status,
    Step,
    SummaryFailed,
    SummaryWritten,
    TellBot,
    TellCustomer,
    Undelivered,
    UpdateDue,
    Wake,
    WriteSummary,
)
from rasa_handoff.core.package import SummaryState


def start(handoff: Handoff, now: datetime, *, with_model: bool) -> Step:
    """The first step of a new handoff: into the queue, and have the summary written if there is a model."""
    effects: list[Effect] = [Assign(), Wake(now + handoff.rules.update_every, UpdateDue(1))]
    if with_model:
        handoff = replace(handoff, summary=replace(handoff.summary, state=SummaryState.PENDING))
        effects.append(WriteSummary())
    return announced_start(Step(handoff, tuple(effects)), now)


def step(handoff: Handoff, event: Event, now: datetime) -> Step:
    """Answer `event`. An event that no longer matters changes nothing; one that must not be raises `Refused`.

    Errors: OfferGone, NotYours, AlreadyClosed (all `Refused`), BadMessage.
    """
    return announced(handoff, event, _answered(handoff, event, now), now)


def _answered(handoff: Handoff, event: Event, now: datetime) -> Step:
    match event:
        case Offered():
            return _offered(handoff, event, now)
        case Declined():
            _require_offer(handoff, event.agent_id)
            return _passed(handoff)
        case OfferExpired():
            due = handoff.status is Status.OFFERED and handoff.offers == event.offer
            return _passed(handoff) if due else Step(handoff)
        case UpdateDue():
            return _update(handoff, event, now)
        case Accepted():
            return _accepted(handoff, event, now)
        case CustomerMessaged():
            return _customer_messaged(handoff, event)
        case AgentMessaged():
            return _agent_messaged(handoff, event)
        case HandedBack():
            return _handed_back(handoff, event, now)
        case SummaryWritten():
            return _summary_written(handoff, event)
        case SummaryFailed():
            failed = replace(handoff.summary, state=SummaryState.FAILED, error=event.error)
            return Step(replace(handoff, summary=failed))
        case Delayed() | Delivered() | Undelivered():
            return Step(handoff)  # the log entry is what tells the agent
        case _:
            assert_never(event)


def _offered(handoff: Handoff, event: Offered, now: datetime) -> Step:
    if handoff.status is not Status.WAITING:
        raise OfferGone("This handoff is not waiting any more.")
    expires = now + handoff.rules.offer_timeout
    offer = handoff.offers + 1
    after = replace(
        handoff,
        status=Status.OFFERED,
        offers=offer,
        agent_id=event.agent_id,
        agent_name=event.agent_name,
        offer_expires_at=expires,
    )
    return Step(after, (Wake(expires, OfferExpired(offer)),))


def _passed(handoff: Handoff) -> Step:
    """Back to the queue with its place kept; the agent who let it pass is not asked again before the next update."""
    assert handoff.agent_id is not None
    passed_by = handoff.passed_by | {handoff.agent_id}
    return Step(replace(_unassigned(handoff), passed_by=passed_by), (Assign(),))


def _unassigned(handoff: Handoff) -> Handoff:
    return replace(handoff, status=Status.WAITING, agent_id=None, agent_name=None, offer_expires_at=None)


def _update(handoff: Handoff, event: UpdateDue, now: datetime) -> Step:
    if event.update <= handoff.updates or handoff.status not in (Status.WAITING, Status.OFFERED):
        return Step(handoff)
    again = Wake(now + handoff.rules.update_every, UpdateDue(event.update + 1))
    after = replace(handoff, updates=event.update, passed_by=frozenset())
    return Step(after, (TellBot(Notice.UPDATE), Assign(), again))


def _accepted(handoff: Handoff, event: Accepted, now: datetime) -> Step:
    if handoff.status is Status.ACTIVE and handoff.agent_id == event.agent_id:
        return Step(handoff)
    if handoff.status is not Status.WAITING:
        _require_offer(handoff, event.agent_id)
    after = replace(
        handoff,
        status=Status.ACTIVE,
        epoch=handoff.epoch + 1,
        agent_id=event.agent_id,
        agent_name=event.agent_name,
        offer_expires_at=None,
        accepted_at=now,
    )
    return Step(after, (TellBot(Notice.ACCEPTED),))


def _customer_messaged(handoff: Handoff, event: CustomerMessaged) -> Step:
    _require_open(handoff)
    return Step(replace(handoff, last_message_id=event.message_id))


def _agent_messaged(handoff: Handoff, event: AgentMessaged) -> Step:
    _require_held(handoff, event.agent_id)
    limit = handoff.rules.message_limit
    if not event.text.strip():
        raise BadMessage("The message is empty. Write something before you send it.")
    if len(event.text) > limit:
        raise BadMessage(f"The message has {len(event.text):,} characters; at most {limit:,} can be sent at once.")
    assert handoff.agent_name is not None
    return Step(handoff, (TellCustomer(event.message_id, event.text, handoff.agent_name),))


def _handed_back(handoff: Handoff, event: HandedBack, now: datetime) -> Step:
    _require_held(handoff, event.agent_id)
    after = replace(
        handoff,
        status=Status.CLOSED,
        epoch=handoff.epoch + 1,
        closed_at=now,
        outcome=event.outcome,
        note=event.note,
        learned=dict(event.learned),
    )
    return Step(after, (TellBot(Notice.RETURNED), Assign()))


def _summary_written(handoff: Handoff, event: SummaryWritten) -> Step:
    ready = replace(
        handoff.summary,
        sentences=event.sentences[:3],
        state=SummaryState.READY,
        source=event.source,
        error=None,
    )
    effects = (PublishContext(),) if handoff.is_open else ()
    return Step(replace(handoff, summary=ready), effects)


def _require_open(handoff: Handoff) -> None:
    if not handoff.is_open:
        raise AlreadyClosed("This handoff has ended.")


def _require_offer(handoff: Handoff, agent_id: str) -> None:
    _require_open(handoff)
    if handoff.status is not Status.OFFERED or handoff.agent_id != agent_id:
        raise OfferGone("The offer is gone: it timed out, or somebody else has taken it.")


def _require_held(handoff: Handoff, agent_id: str) -> None:
    _require_open(handoff)
    if handoff.status is not Status.ACTIVE or handoff.agent_id != agent_id:
        raise NotYours("You are not the agent of this conversation (any more).")
