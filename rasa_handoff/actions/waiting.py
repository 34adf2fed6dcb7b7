"""What a customer is told while nobody has answered: how it stands, and other ways than waiting."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from rasa_handoff.actions import process, turn, words
from rasa_handoff.core.errors import HandoffError
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.promise import Alternative, Promise, Standing, offers_alternatives
from rasa_handoff.rasa.slots import FORMS

log = structlog.get_logger()


async def say_standing(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any], handoff: Handoff, waiting: str
) -> None:
    """Tell the customer honestly where the handoff stands, offer other ways when that is due, and remember both.

    `waiting` is the response for a customer in the queue whom somebody there could serve.
    """
    if handoff.status not in (Status.WAITING, Status.OFFERED):
        return
    service = process.parts().service
    standing, promise = await asyncio.to_thread(service.standing, handoff), service.policy.promise
    answering = tracker.active_loop.get("name") in FORMS  # they are choosing one of the other ways right now
    offers = offers_alternatives(handoff, standing, promise) and not answering
    if handoff.status is Status.OFFERED:
        dispatcher.utter_message(response="utter_handoff_connecting")
    else:
        _say(dispatcher, domain, handoff, standing, waiting)
    if offers:
        dispatcher.utter_message(response=_alternatives(promise))
    await _remember(handoff, standing, offers)


def _say(
    dispatcher: CollectingDispatcher, domain: Mapping[str, Any], handoff: Handoff, standing: Standing, waiting: str
) -> None:
    if not standing.open:
        opens = words.opening(standing.opens_at, handoff.need)
        dispatcher.utter_message(response="utter_handoff_closed", opens=opens)
    elif not standing.staffed:
        dispatcher.utter_message(response="utter_handoff_no_agent")
    elif standing.wait is None:
        dispatcher.utter_message(response=waiting, position=standing.position)
    else:
        low, high = (words.duration(standing.wait.quantile(p), handoff.need) for p in (0.5, 0.9))
        response = turn.variant(domain, waiting, "wait")
        dispatcher.utter_message(response=response, position=standing.position, wait_from=low, wait_to=high)


def _alternatives(promise: Promise) -> str:
    match promise.alternatives:
        case (Alternative.CALLBACK,):
            return "utter_handoff_alternatives_callback"
        case (Alternative.EMAIL,):
            return "utter_handoff_alternatives_email"
        case _:
            return "utter_handoff_alternatives"


async def _remember(handoff: Handoff, standing: Standing, offers: bool) -> None:
    told = standing.told(alternatives=offers)
    try:
        await asyncio.to_thread(process.parts().service.receive, handoff.id, told)
    except HandoffError as error:  # then it is told again a little early
        log.warning("handoff.told_not_kept", id=handoff.id, error=str(error))
