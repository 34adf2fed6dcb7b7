"""The state machine's part about customers who leave the queue: whether they have, and what follows.

Whoever waits in silence keeps the place. A customer has gone when they can no longer be reached here (their web chat is
closed), or, where a team says so for a channel, when a long silence goes on after the question whether they are there.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.effects import Assign, Effect, Notice, Step, TellBot, WatchCustomer
from rasa_handoff.core.handoff import Handoff, News, Outcome, Status
from rasa_handoff.core.there import AskedIfThere, CustomerLeft, CustomerThere, ThereEvent

WEB_CHAT = "rest"
"""The channel of the web chat, the only one whose customers can be seen to go."""

_UNANSWERED = (Status.WAITING, Status.OFFERED)


def watched(handoff: Handoff, now: datetime) -> tuple[Effect, ...]:
    """The watch over the customer, where one makes sense."""
    patience = _patience(handoff)
    return (WatchCustomer(now + patience),) if patience else ()


def look(
    handoff: Handoff, seen_at: datetime | None, opens_at: datetime | None, now: datetime
) -> ThereEvent | datetime | None:
    """What happens now, or when to look again; None: there is no more need to.

    `seen_at`: when the customer's web chat was last open, if it ever was. `opens_at`: when the department opens; None
    while it is open. Who waits for that may go and come back by then.
    """
    patience = _patience(handoff)
    if not handoff.is_open or patience is None or (_is_web_chat(handoff) and seen_at is None):
        return None
    if handoff.status not in _UNANSWERED:
        return now + patience
    if opens_at is not None:
        return max(opens_at, now) + patience
    return _due(handoff, seen_at, patience, now)


def _due(
    handoff: Handoff, seen_at: datetime | None, patience: timedelta, now: datetime
) -> ThereEvent | datetime | None:
    asked, told = handoff.asked_there_at, handoff.there_at
    there = max(sign for sign in (handoff.queued_at, told, seen_at) if sign is not None)
    answered = asked is not None and told is not None and told >= asked
    if asked is not None and not answered:
        if there > asked:
            return CustomerThere()
        end = asked + handoff.rules.answer_within
        return CustomerLeft() if now >= end else end
    if answered and not _is_web_chat(handoff):
        return None  # asked once: from now on they keep the place
    end = there + patience
    return AskedIfThere() if now >= end else end


def step(handoff: Handoff, event: ThereEvent, now: datetime) -> Step:
    """What comes too late changes nothing."""
    if handoff.status not in _UNANSWERED:
        return Step(handoff)
    match event:
        case AskedIfThere():
            asked = replace(handoff, asked_there_at=now, news=News.STILL_THERE)
            return Step(asked, (TellBot(Notice.UPDATE),))
        case CustomerThere():
            return Step(heard(handoff, now))
        case CustomerLeft():
            return _left(handoff, now)
        case _:
            assert_never(event)


def heard(handoff: Handoff, now: datetime) -> Handoff:
    """The customer is there."""
    news = None if handoff.news is News.STILL_THERE else handoff.news
    return replace(handoff, there_at=now, news=news)


def _left(handoff: Handoff, now: datetime) -> Step:
    """The place is given up, an agent who was just being asked is free again, and the bot has the conversation."""
    after = replace(
        handoff,
        status=Status.CLOSED,
        epoch=handoff.epoch + 1,
        agent_id=None,
        agent_name=None,
        offer_expires_at=None,
        closed_at=now,
        outcome=Outcome.CUSTOMER_LEFT,
    )
    return Step(after, (TellBot(Notice.RETURNED), Assign()))


def _is_web_chat(handoff: Handoff) -> bool:
    return handoff.channel == WEB_CHAT


def _patience(handoff: Handoff) -> timedelta | None:
    """How long there may be no sign of the customer; None: for ever."""
    rules = handoff.rules
    return rules.closed_for if _is_web_chat(handoff) else rules.silent_for.get(handoff.channel)
