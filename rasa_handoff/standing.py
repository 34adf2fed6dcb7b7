"""How a handoff stands in the queue, read from the store: counts and a few durations, however long the queue is."""

from datetime import datetime, timedelta

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.hours import is_open, next_opening
from rasa_handoff.core.need import suits
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.promise import Standing
from rasa_handoff.core.routing import queue_order
from rasa_handoff.core.waits import Prospect, expected, handling_of, pickup_of
from rasa_handoff.ports import Staff, Store


def standing_of(store: Store, policy: Policy, handoff: Handoff, now: datetime) -> Standing:
    """The standing of an unanswered handoff."""
    department, hours = handoff.need.department, policy.hours.get(handoff.need.department)
    if handoff.is_external:  # its platform knows who is there, and nothing is known of the wait
        return Standing(1, is_open(hours, now), next_opening(hours, now), staffed=True, wait=None, chance=None)
    team, ahead, lately = _team(store, handoff), store.ahead(department, queue_order(handoff)), store.served(department)
    wait = expected(
        Prospect(
            ahead=ahead,
            places=sum(one.places for one in team),
            free=sum(one.free for one in team),
            pickup=pickup_of(lately, handoff.rules.offer_timeout),
            handling=handling_of(lately),
        )
    )
    left = handoff.rules.sla - max(now - handoff.queued_at, timedelta())
    return Standing(
        position=ahead + 1,
        open=is_open(hours, now),
        opens_at=next_opening(hours, now),
        staffed=bool(team),
        wait=wait,
        chance=wait.within(left) if wait else None,
    )


def _team(store: Store, handoff: Handoff) -> list[Staff]:
    """Who is online and may serve it as widely as is looked for now, with a free place or not."""
    rings = handoff.rules.rings
    criteria = handoff.need.criteria(rings[min(handoff.ring, len(rings) - 1)])
    return [one for one in store.staff() if suits(one.profile, criteria)]
