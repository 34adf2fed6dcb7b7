"""The state machine's part about passing a conversation on.

Warm: whoever has it stays until the other accepts, and keeps it when nobody does. Cold: they let go at once, and it
waits, or is offered, with its place in the queue kept.
"""

from dataclasses import replace
from datetime import datetime

from rasa_handoff.core.effects import Assign, Step, Wake
from rasa_handoff.core.errors import NotYours, Refused
from rasa_handoff.core.handoff import (
    Handoff,
    News,
    Status,
    Transfer,
    TransferCancelled,
    TransferExpired,
    Transferred,
)
from rasa_handoff.core.offers import first_ring, handed_to, offer_to, requeued, require_held, require_open, settled


def transferred(handoff: Handoff, event: Transferred, now: datetime) -> Step:
    """Errors: NotYours, AlreadyClosed, Refused (to whom it is already, or nothing to pass on yet)."""
    _require_may(handoff, event)
    if event.agent_id == handoff.agent_id:
        raise Refused("This agent has the conversation already.")
    if handoff.transfer is not None:
        raise Refused("It is being passed on already. Cancel that first.")
    number = handoff.transfers + 1
    if not event.warm:
        return _let_go(replace(handoff, transfers=number), event, now)
    assert handoff.agent_id is not None
    looking = replace(
        handoff,
        transfer=Transfer(number, event.department, event.note, to_agent=event.agent_id),
        transfers=number,
        passed_by=frozenset({handoff.agent_id}),
    )
    if event.agent_id is not None:
        return offer_to(looking, event.agent_id, event.agent_name or event.agent_id, now)
    return Step(looking, (Assign(), Wake(now + handoff.rules.transfer_timeout, TransferExpired(number))))


def cancelled(handoff: Handoff, event: TransferCancelled) -> Step:
    require_held(handoff, event.by)
    return Step(settled(handoff), (Assign(),)) if handoff.transfer else Step(handoff)


def expired(handoff: Handoff, event: TransferExpired) -> Step:
    """It stays with the agent who has it. Somebody who is just being asked may still answer."""
    transfer = handoff.transfer
    if transfer is None or transfer.number != event.number:
        return Step(handoff)
    if transfer.invited is not None:
        return Step(replace(handoff, transfer=replace(transfer, to_agent=transfer.invited)))
    return Step(settled(handoff))


def _let_go(handoff: Handoff, event: Transferred, now: datetime) -> Step:
    assert handoff.agent_id is not None
    moved = handed_to(handoff, event.department)
    step = requeued(settled(moved), News.TRANSFERRED, handoff.agent_id, now)
    effects = step.effects if moved.need == handoff.need else (*step.effects, *first_ring(step.handoff))
    if event.agent_id is None:
        return Step(step.handoff, effects)
    offer = offer_to(step.handoff, event.agent_id, event.agent_name or event.agent_id, now)
    return Step(offer.handoff, (*effects, *offer.effects))


def _require_may(handoff: Handoff, event: Transferred) -> None:
    if not event.supervisor:
        require_held(handoff, event.by)
        return
    require_open(handoff)
    if handoff.status is not Status.ACTIVE:
        raise NotYours("Nobody has this conversation yet: it can be picked from the queue.")
