"""What was promised instead of waiting, a callback or an e-mail: a record on the closed handoff, for people to do."""

from dataclasses import replace
from datetime import datetime

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.effects import Assign, Effect, Step, Wake
from rasa_handoff.core.errors import AlreadyClosed, Refused
from rasa_handoff.core.follow_up import (
    CallbackBooked,
    EmailTaken,
    EmailUndelivered,
    FollowUp,
    FollowUpDone,
    FollowUpDue,
    FollowUpEvent,
    FollowUpFailed,
    FollowUpKind,
    FollowUpReopened,
    FollowUpState,
    FollowUpTaken,
    Recipient,
    SendEmail,
)
from rasa_handoff.core.handoff import Handoff, Outcome, Status


def step(handoff: Handoff, event: FollowUpEvent, now: datetime) -> Step:
    """Errors: AlreadyClosed (the handoff has ended or an agent has it), Refused (says what is so instead)."""
    match event:
        case CallbackBooked():
            follow_up = FollowUp(FollowUpKind.CALLBACK, event.phone, event.at)
            return _closed(handoff, Outcome.CALLBACK_BOOKED, follow_up, now, Wake(event.at, FollowUpDue()))
        case EmailTaken():
            follow_up = FollowUp(FollowUpKind.EMAIL, event.address, event.due_at)
            letters = (SendEmail(Recipient.TEAM), SendEmail(Recipient.CUSTOMER))
            return _closed(handoff, Outcome.EMAIL_TAKEN, follow_up, now, *letters, Wake(event.due_at, FollowUpDue()))
        case FollowUpTaken() | FollowUpDone() | FollowUpFailed() | FollowUpReopened():
            return Step(replace(handoff, follow_up=_worked(_of(handoff), event)))
        case FollowUpDue():
            return Step(replace(handoff, follow_up=_reminded(_of(handoff), now)))
        case EmailUndelivered():
            problem = f"The e-mail to the {event.to.value} was not sent: {event.error}"
            return Step(replace(handoff, follow_up=replace(_of(handoff), problem=problem)))
        case _:
            assert_never(event)


def _closed(handoff: Handoff, outcome: Outcome, follow_up: FollowUp, now: datetime, *effects: Effect) -> Step:
    """The handoff ends; an agent who was just being asked is free again."""
    if handoff.status not in (Status.WAITING, Status.OFFERED):
        raise AlreadyClosed("This handoff does not wait any more: somebody has taken it, or it has ended.")
    after = replace(
        handoff,
        status=Status.CLOSED,
        epoch=handoff.epoch + 1,
        agent_id=None,
        agent_name=None,
        offer_expires_at=None,
        closed_at=now,
        outcome=outcome,
        follow_up=follow_up,
    )
    return Step(after, (Assign(), *effects))


def _of(handoff: Handoff) -> FollowUp:
    if handoff.follow_up is None:
        raise Refused("There is no callback or e-mail to be done for this handoff.")
    return handoff.follow_up


def _worked(follow_up: FollowUp, event: FollowUpTaken | FollowUpDone | FollowUpFailed | FollowUpReopened) -> FollowUp:
    match event:
        case FollowUpTaken():
            _require_owner(follow_up, event.agent_id)
            return replace(follow_up, state=FollowUpState.TAKEN, owner_id=event.agent_id, owner_name=event.agent_name)
        case FollowUpDone() | FollowUpFailed():
            _require_owner(follow_up, event.agent_id)
            over = FollowUpState.DONE if isinstance(event, FollowUpDone) else FollowUpState.FAILED
            owner = follow_up.owner_id or event.agent_id
            return replace(follow_up, state=over, note=event.note, owner_id=owner)
        case FollowUpReopened():
            return replace(follow_up, state=FollowUpState.OPEN, owner_id=None, owner_name=None)


def _require_owner(follow_up: FollowUp, agent_id: str) -> None:
    """Free, or this agent's own."""
    if not follow_up.is_owed:
        raise Refused(f"This is {follow_up.state.value} already. Reopen it first.")
    if follow_up.owner_id not in (None, agent_id):
        raise Refused(f"{follow_up.owner_name or follow_up.owner_id} has taken this. They can reopen it for you.")


def _reminded(follow_up: FollowUp, now: datetime) -> FollowUp:
    return replace(follow_up, reminded_at=now) if follow_up.is_owed else follow_up
