"""The state machine's part about waiting: what the customer was told, and a missed SLA."""

from dataclasses import replace
from datetime import datetime

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.effects import Notice, Step, TellBot
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.told import SlaMissed, Told

_UNANSWERED = (Status.WAITING, Status.OFFERED)


def step(handoff: Handoff, event: Told | SlaMissed, now: datetime) -> Step:
    """Remember it; what comes too late changes nothing."""
    if handoff.status not in _UNANSWERED:
        return Step(handoff)
    match event:
        case Told():
            offered = now if event.alternatives else handoff.alternatives_at
            return Step(replace(handoff, told=event, told_at=now, alternatives_at=offered))
        case SlaMissed():
            if handoff.sla_missed_at is not None:
                return Step(handoff)
            return Step(replace(handoff, sla_missed_at=now), (TellBot(Notice.UPDATE),))
        case _:
            assert_never(event)
