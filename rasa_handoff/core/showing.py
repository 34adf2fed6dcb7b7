"""The state machine's part about takeover channels: where a handoff is shown, and what they are told of it.

What a channel is to do follows from the state before and after a step, not from what caused it, so that it is right
whichever way a handoff comes there.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.channel_effects import LookAt, Relay, Release, TakeOver, UpdateContext
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.delivery import Delayed, Delivered, Undelivered
from rasa_handoff.core.effects import Assign, Effect, Step
from rasa_handoff.core.handoff import AgentMessaged, CustomerMessaged, Event, Handoff, Status
from rasa_handoff.core.takeover import Marked, Place, TakenOver, Takeover, TakeoverEvent, TakeOverFailed

LOOK_EVERY = timedelta(seconds=20)


def step(handoff: Handoff, event: TakeoverEvent, now: datetime) -> Step:
    match event:
        case TakenOver():
            place = Place(event.channel, event.department, event.key, event.data)
            look = LookAt(event.channel, event.department, now + LOOK_EVERY)
            return Step(replace(handoff, places=(*_others(handoff, place), place)), (look,) if handoff.is_open else ())
        case TakeOverFailed():
            after = replace(handoff, unreached=handoff.unreached | {event.channel})
            return Step(after, (Assign(),) if after.status is Status.WAITING else ())
        case Marked():
            return Step(marked(handoff, event.channel, event.department, event.mark))
        case _:
            assert_never(event)


def marked(handoff: Handoff, channel: str, department: str, mark: str) -> Handoff:
    """What was said at the place is taken in up to `mark`; it never goes back."""
    place = handoff.place(channel, department)
    if place is None or not is_later(mark, place.mark):
        return handoff
    return replace(handoff, places=(*_others(handoff, place), replace(place, mark=mark)))


def shown_start(step: Step) -> Step:
    """The first step, and what channels are to do for it."""
    return Step(step.handoff, (*step.effects, *_of_places({}, wanted(step.handoff), changed=False)))


def shown(before: Handoff, event: Event, step: Step) -> Step:
    """The step, and what channels are to do for it."""
    if not before.rules.takeovers:
        return step
    after = step.handoff
    places = _of_places(wanted(before), wanted(after), changed=_face(before) != _face(after))
    return Step(after, (*step.effects, *_of_words(after, event), *places))


def wanted(handoff: Handoff) -> dict[str, Takeover]:
    """Where it is to be shown now: the channel of its department, and of the one it is being passed on to."""
    if not handoff.is_open:
        return {}
    passed_on = (handoff.transfer.department,) if handoff.transfer else ()
    found = {department: handoff.takeover(department) for department in (handoff.need.department, *passed_on)}
    return {department: takeover for department, takeover in found.items() if takeover}


def _of_places(before: dict[str, Takeover], after: dict[str, Takeover], *, changed: bool) -> Iterator[Effect]:
    for department, takeover in before.items():
        if after.get(department) != takeover:
            yield Release(takeover.channel, department)
    for department, takeover in after.items():
        if before.get(department) != takeover:
            yield TakeOver(takeover.channel, department, takeover.external)
        elif changed:
            yield UpdateContext(takeover.channel, department)


def _of_words(handoff: Handoff, event: Event) -> Iterator[Effect]:
    """What is said goes to the people who have it, but for what they said or see there anyway."""
    takeover = handoff.takeover(handoff.need.department)
    if takeover is None or not handoff.is_open:
        return
    to = takeover.channel, handoff.need.department
    match event:
        case CustomerMessaged() if not takeover.owns and event.via != takeover.channel:
            yield Relay(*to, Author.CUSTOMER, event.text, attachments=event.attachments)
        case AgentMessaged() if not takeover.owns and event.via != takeover.channel:
            yield Relay(*to, Author.AGENT, event.text, event.agent_name, event.attachments)
        case Delayed(channel="") if not takeover.owns:
            yield Relay(*to, Author.SYSTEM, f"Not delivered yet, it is tried again: {event.what} ({event.error})")
        case Delivered(channel="") if not takeover.owns:
            yield Relay(*to, Author.SYSTEM, f"Delivered after all: {event.what}")
        case Undelivered(channel="") if not takeover.owns:
            yield Relay(*to, Author.SYSTEM, f"Not delivered: {event.what} ({event.error})")


def _face(handoff: Handoff) -> tuple[object, ...]:
    """What of a handoff channels show."""
    owner = (handoff.status, handoff.agent_id, handoff.agent_name, handoff.offered_to, handoff.transfer)
    return (*owner, handoff.summary, handoff.sla_missed_at, handoff.follow_up)


def _others(handoff: Handoff, place: Place) -> tuple[Place, ...]:
    return tuple(one for one in handoff.places if (one.channel, one.department) != (place.channel, place.department))


def is_later(mark: str, than: str) -> bool:
    """Marks are numbers written in digits, or texts of one length."""
    return (len(mark), mark) > (len(than), than)
