"""The state machine's part about offers: to whom, for how long, and who takes it in the end."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_handoff.core.changing import changed
from rasa_handoff.core.effects import Assign, Effect, Notice, Step, TellBot, Wake
from rasa_handoff.core.errors import AlreadyClosed, NotYours, OfferGone
from rasa_handoff.core.handoff import (
    Accepted,
    AgentLost,
    AskAgainDue,
    Handoff,
    News,
    Offered,
    OfferExpired,
    Status,
    UpdateDue,
    Widened,
)
from rasa_handoff.core.need import Need


def first_ring(handoff: Handoff) -> tuple[Effect, ...]:
    """The timer of the next ring that looks for others than the ring before, if there is one."""
    rings, now_wanted = handoff.rules.rings, handoff.need.criteria(handoff.rules.rings[handoff.ring])
    for number, ring in enumerate(rings[handoff.ring + 1 :], handoff.ring + 1):
        if handoff.need.criteria(ring) != now_wanted:
            return (Wake(handoff.queued_at + ring.after, Widened(number)),)
    return ()


def widened(handoff: Handoff, event: Widened) -> Step:
    if not handoff.ring < event.ring < len(handoff.rules.rings) or not handoff.is_open:
        return Step(handoff)
    wider = replace(handoff, ring=event.ring)
    assign = (Assign(),) if wider.status is Status.WAITING else ()
    return Step(wider, (*assign, *first_ring(wider)))


def offered(handoff: Handoff, event: Offered, now: datetime) -> Step:
    if handoff.criteria is None:
        raise OfferGone("This handoff is not waiting any more.")
    if event.agent_id == handoff.agent_id:
        raise OfferGone("This agent has the conversation already.")
    return offer_to(handoff, event.agent_id, event.agent_name, now, again=event.again)


def offer_to(handoff: Handoff, agent_id: str, name: str, now: datetime, *, again: bool = False) -> Step:
    """Ask the agent: to take it, or, in a warm transfer, to take it over."""
    expires = now + handoff.rules.offer_timeout
    passed_by = frozenset() if again else handoff.passed_by
    asked: dict[str, Any] = {"status": Status.OFFERED, "agent_id": agent_id, "agent_name": name}
    if handoff.transfer is not None:
        asked = {"transfer": replace(handoff.transfer, invited=agent_id, invited_name=name)}
    offer = handoff.offers + 1
    after = changed(handoff, offers=offer, offered_at=now, offer_expires_at=expires, passed_by=passed_by, **asked)
    return Step(after, (Wake(expires, OfferExpired(offer)),))


def expired(handoff: Handoff, event: OfferExpired, now: datetime) -> Step:
    due = handoff.offered_to is not None and handoff.offers == event.offer
    return passed(handoff, now) if due else Step(handoff)


def passed(handoff: Handoff, now: datetime) -> Step:
    """Whoever is asked lets it pass: on to the next, with the place kept. A transfer to one agent ends with that."""
    assert handoff.offered_to is not None
    passed_by = handoff.passed_by | {handoff.offered_to}
    after = replace(unasked(handoff), passed_by=passed_by, passed_at=now)
    if handoff.transfer is not None and handoff.transfer.to_agent:
        return Step(settled(after), (Assign(),))
    return Step(after, (Assign(), Wake(now + handoff.rules.ask_again, AskAgainDue(handoff.offers))))


def ask_again(handoff: Handoff, event: AskAgainDue) -> Step:
    due = handoff.criteria is not None and handoff.offers == event.offer
    return Step(handoff, (Assign(),) if due else ())


def accepted(handoff: Handoff, event: Accepted, now: datetime) -> Step:
    if handoff.status is Status.ACTIVE and handoff.agent_id == event.agent_id:
        return Step(handoff)
    if event.outside:
        require_open(handoff)
    elif handoff.status is not Status.WAITING:
        require_offer(handoff, event.agent_id)
    previous = handoff.agent_name if handoff.status is Status.ACTIVE else handoff.previous_agent
    department = handoff.transfer.department if handoff.transfer else handoff.need.department
    after = replace(
        settled(handed_to(handoff, department)),
        status=Status.ACTIVE,
        epoch=handoff.epoch + 1,
        agent_id=event.agent_id,
        agent_name=event.agent_name,
        outside=event.outside,
        previous_agent=previous,
        held_by=handoff.held_by | {event.agent_id},
        accepted_at=now,
        news=None,
    )
    freed = (Assign(),) if handoff.holders - after.holders else ()
    return Step(after, (TellBot(Notice.ACCEPTED), *freed))


def lost(handoff: Handoff, event: AgentLost, now: datetime) -> Step:
    """An agent has vanished. What they held waits again where it stood, and the customer is told."""
    if event.agent_id not in handoff.holders:
        return Step(handoff)
    if handoff.offered_to == event.agent_id:
        return passed(handoff, now)
    return requeued(handoff, News.AGENT_LOST, event.agent_id, now)


def requeued(handoff: Handoff, news: News, from_agent: str, now: datetime) -> Step:
    """From its agent back into the queue, or to whoever is just being invited to take it over."""
    waiting = replace(
        settled(handoff),
        status=Status.WAITING,
        epoch=handoff.epoch + 1,
        agent_id=None,
        agent_name=None,
        outside=False,
        previous_agent=handoff.agent_name,
        news=news,
        passed_by=frozenset({from_agent}),
        passed_at=now,
    )
    effects: tuple[Effect, ...] = (TellBot(Notice.UPDATE), Assign(), *_updates(waiting, now))
    invited = handoff.transfer
    if invited is None or invited.invited is None:
        return Step(waiting, effects)
    name = invited.invited_name or invited.invited
    return Step(
        replace(
            waiting,
            status=Status.OFFERED,
            agent_id=invited.invited,
            agent_name=name,
            offer_expires_at=handoff.offer_expires_at,
        ),
        effects,
    )


def _updates(handoff: Handoff, now: datetime) -> tuple[Effect, ...]:
    """From now on the customer is told again how it stands."""
    return (Wake(now + handoff.rules.check_every, UpdateDue(handoff.updates + 1)),)


def handed_to(handoff: Handoff, department: str) -> Handoff:
    """In another department none of the skills count that this one's route asked for."""
    if department == handoff.need.department:
        return handoff
    return replace(handoff, need=Need(department, handoff.need.language), ring=0)


def unasked(handoff: Handoff) -> Handoff:
    """Nobody is asked any more."""
    if handoff.transfer is not None:
        going_on = replace(handoff.transfer, invited=None, invited_name=None)
        return replace(handoff, transfer=going_on, offer_expires_at=None)
    return replace(handoff, status=Status.WAITING, agent_id=None, agent_name=None, offer_expires_at=None)


def settled(handoff: Handoff) -> Handoff:
    """Nobody is asked or looked for any more, whoever has it."""
    return replace(handoff, transfer=None, offer_expires_at=None, passed_by=frozenset())


def require_open(handoff: Handoff) -> None:
    if not handoff.is_open:
        raise AlreadyClosed("This handoff has ended.")


def require_offer(handoff: Handoff, agent_id: str) -> None:
    require_open(handoff)
    if handoff.offered_to != agent_id:
        raise OfferGone("The offer is gone: it timed out, or somebody else has taken it.")


def require_held(handoff: Handoff, agent_id: str) -> None:
    require_open(handoff)
    if handoff.status is not Status.ACTIVE or handoff.agent_id != agent_id:
        raise NotYours("You are not the agent of this conversation (any more).")
