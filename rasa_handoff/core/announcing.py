"""What is announced to the outside of a handoff's life: events as data, made from what a step changed.

They go to whoever the handoff's rules name: the tracker (and so Rasa's event broker) and webhooks. Looking at the state
before and after, not at what caused it, keeps them right whichever way a handoff comes there.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rasa_handoff.core.announcement import TRACKER, Announcement
from rasa_handoff.core.effects import Announce, Step
from rasa_handoff.core.handoff import AgentMessaged, CustomerMessaged, Event, Handoff, Status

Told = tuple[Announcement, dict[str, Any]]


def announced_start(step: Step, now: datetime) -> Step:
    """The first step, and the announcements of it."""
    handoff = step.handoff
    need = {"department": handoff.need.department, "language": handoff.need.language}
    begun = {"reason": handoff.reason.value, "priority": handoff.priority, "channel": handoff.channel, **need}
    told = [(Announcement.INITIATED, begun), (Announcement.CONTEXT, {})]
    return Step(handoff, (*step.effects, *_to_all(handoff, told, now)))


def announced(before: Handoff, event: Event, step: Step, now: datetime) -> Step:
    """The step, and the announcements of what it changed."""
    after = step.handoff
    changed = [*_of_wait(before, after), *_of_owner(before, after)]
    told = [*changed, *_of_words(after, event, now), *_of_summary(before, after)]
    return Step(after, (*step.effects, *_to_all(after, told, now)))


def _of_wait(before: Handoff, after: Handoff) -> Iterator[Told]:
    if after.sla_missed_at is None or before.sla_missed_at is not None:
        return
    need, since = after.need, after.queued_at.isoformat()
    seconds = after.rules.sla.total_seconds()
    waits = {"department": need.department, "language": need.language, "priority": after.priority}
    yield Announcement.SLA_MISSED, {"reason": after.reason.value, **waits, "queued_at": since, "sla_seconds": seconds}


def _of_owner(before: Handoff, after: Handoff) -> Iterator[Told]:
    agent = {"agent": {"id": after.agent_id, "name": after.agent_name}}
    if after.offers != before.offers:
        name = after.transfer.invited_name if after.transfer else after.agent_name
        expires = after.offer_expires_at.isoformat() if after.offer_expires_at else None
        yield Announcement.OFFERED, {"agent": {"id": after.offered_to, "name": name}, "expires_at": expires}
    if after.status is Status.ACTIVE and (before.status is not Status.ACTIVE or before.agent_id != after.agent_id):
        if before.accepted_at is not None:
            yield Announcement.TRANSFERRED, {"department": after.need.department, **agent}
        yield Announcement.ACCEPTED, agent
    if not after.is_open and before.is_open:
        outcome = after.outcome.value if after.outcome else None
        yield Announcement.CLOSED, {**agent, "outcome": outcome, "note": after.note, "learned": dict(after.learned)}


def _of_words(handoff: Handoff, event: Event, now: datetime) -> Iterator[Told]:
    match event:
        case CustomerMessaged():
            files = [{"kind": one.kind, "url": one.url} for one in event.attachments]
            said = {"author": "customer", "name": None, "text": event.text, "attachments": files}
            yield Announcement.MESSAGE, {"message": {"id": event.message_id, **said, "at": event.sent_at.isoformat()}}
        case AgentMessaged():
            files = [{"kind": one.kind, "url": one.url} for one in event.attachments]
            said = {"author": "agent", "name": handoff.agent_name, "text": event.text, "attachments": files}
            yield Announcement.MESSAGE, {"message": {"id": event.message_id, **said, "at": now.isoformat()}}


def _of_summary(before: Handoff, after: Handoff) -> Iterator[Told]:
    if after.summary.sentences != before.summary.sentences:
        yield Announcement.CONTEXT, {}


def _to_all(handoff: Handoff, told: list[Told], now: datetime) -> Iterator[Announce]:
    for kind, data in told:
        for listener in handoff.rules.listeners:
            if kind in listener.hears and not (listener.id == TRACKER and kind is Announcement.MESSAGE):
                yield Announce(listener.id, kind, now, {**_of(handoff), **data})


def _of(handoff: Handoff) -> Mapping[str, Any]:
    return {"handoff_id": handoff.id, "conversation_id": handoff.conversation_id, "status": handoff.status.value}
