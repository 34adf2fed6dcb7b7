"""Another way than waiting: a callback or an e-mail, asked for by Rasa forms whose answers are checked here.

The handoff keeps its place until the customer has given all that is needed; an agent who accepts before that ends the
form. The forms, their questions and what follows them are the designer's: domain.yml and data/handoff/rules.yml.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import process, turn, words
from rasa_handoff.actions.turn import Events
from rasa_handoff.contact import email_address, phone_in_words, phone_number
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.calltimes import Unfit, call_choices, call_time, unfit
from rasa_handoff.core.errors import HandoffError, Refused
from rasa_handoff.core.follow_up import CallbackBooked, EmailTaken
from rasa_handoff.core.handoff import Event, Handoff
from rasa_handoff.core.hours import next_opening
from rasa_handoff.rasa.slots import ALTERNATIVE_SLOTS, DETAILS_SLOT, FORMS, STATUS_SLOT, refreshed

log = structlog.get_logger()


class AskHandoffPhone(Action):
    """Asks for the number to call, with the one that is known as a button."""

    def name(self) -> str:
        return "action_ask_handoff_phone"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        region = process.parts().service.policy.promise.region
        known = [phone_number(value, region) for value in await _known(tracker, "phone")]
        number = next((one for one in known if one), None)
        if number is None:
            dispatcher.utter_message(response="utter_handoff_ask_phone")
        else:
            dispatcher.utter_message(response="utter_handoff_ask_phone_known", phone=phone_in_words(number))
        return []


class AskHandoffEmail(Action):
    """Asks for the e-mail address, with the one that is known as a button."""

    def name(self) -> str:
        return "action_ask_handoff_email"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        known = [email_address(value) for value in await _known(tracker, "email")]
        address = next((one for one in known if one), None)
        if address is None:
            dispatcher.utter_message(response="utter_handoff_ask_email")
        else:
            dispatcher.utter_message(response="utter_handoff_ask_email_known", email=address)
        return []


class AskHandoffCallbackTime(Action):
    """Asks when to call, with the next times within the department's hours as buttons."""

    def name(self) -> str:
        return "action_ask_handoff_callback_time"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff = await _handoff(tracker)
        if handoff is None:
            return []
        policy = process.parts().service.policy
        times = call_choices(policy.hours.get(handoff.need.department), policy.promise, datetime.now(UTC))
        told: dict[str, Any] = {}
        for number, at in enumerate(times, 1):
            told |= {f"time_{number}": words.moment(at, handoff.need), f"time_{number}_at": at.isoformat()}
        dispatcher.utter_message(response="utter_handoff_ask_callback_time", **told)
        return []


class ValidateHandoffCallbackForm(FormValidationAction):
    """Accepts a number that can be called, and a time at which somebody is there to call it."""

    def name(self) -> str:
        return "validate_handoff_callback_form"

    async def validate_handoff_phone(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> dict[str, Any]:
        number = phone_number(str(value or ""), process.parts().service.policy.promise.region)
        if number is None:
            dispatcher.utter_message(response="utter_handoff_phone_invalid")
        return {"handoff_phone": number}

    async def validate_handoff_callback_time(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> dict[str, Any]:
        handoff = await _handoff(tracker)
        if handoff is None:
            return {"handoff_callback_time": None}
        at, why = _checked_time(str(value or ""), handoff)
        if why is None and at is not None:
            return {"handoff_callback_time": at.isoformat()}
        hours = process.parts().service.policy.hours.get(handoff.need.department)
        opens = words.opening(next_opening(hours, datetime.now(UTC)), handoff.need)
        dispatcher.utter_message(response=f"utter_handoff_callback_{why}", opens=opens)
        return {"handoff_callback_time": None}


class ValidateHandoffEmailForm(FormValidationAction):
    """Accepts an address that can be written to."""

    def name(self) -> str:
        return "validate_handoff_email_form"

    async def validate_handoff_email(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> dict[str, Any]:
        address = email_address(str(value or ""))
        if address is None:
            dispatcher.utter_message(response="utter_handoff_email_invalid")
        return {"handoff_email": address}


class HandoffCallback(Action):
    """Books the callback: the handoff ends, and the bot goes on."""

    def name(self) -> str:
        return "action_handoff_callback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff, phone = await _handoff(tracker), str(tracker.get_slot("handoff_phone"))
        if handoff is None:
            return _forgotten()
        at, why = _checked_time(str(tracker.get_slot("handoff_callback_time")), handoff)
        if at is None or why is not None:  # the time went by while the customer was thinking
            dispatcher.utter_message(response=f"utter_handoff_callback_{why}", opens="")
            return _forgotten()
        told = {"phone": phone_in_words(phone), "time": words.moment(at, handoff.need)}
        return await _chosen(
            dispatcher, tracker, handoff, domain, CallbackBooked(phone, at), "utter_handoff_callback_booked", told
        )


class HandoffEmail(Action):
    """Takes the e-mail follow-up: the handoff ends, and the bot goes on."""

    def name(self) -> str:
        return "action_handoff_email"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff, address = await _handoff(tracker), str(tracker.get_slot("handoff_email"))
        if handoff is None:
            return _forgotten()
        event = EmailTaken(address, datetime.now(UTC) + process.parts().service.policy.promise.email_within)
        return await _chosen(
            dispatcher, tracker, handoff, domain, event, "utter_handoff_email_taken", {"email": address}
        )


class HandoffStay(Action):
    """The customer stays in the queue: says how it stands, and leaves what they had begun instead."""

    def name(self) -> str:
        return "action_handoff_stay"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        waits = await _handoff(tracker) is not None
        dispatcher.utter_message(response="utter_handoff_staying" if waits else "utter_handoff_not_waiting")
        return left(tracker)


def left(tracker: Tracker) -> Events:
    """Out of our form, with its answers forgotten; nothing when the customer is in none."""
    return _forgotten() if tracker.active_loop.get("name") in FORMS else []


def _forgotten() -> Events:
    return [
        ActiveLoop(None),
        SlotSet("requested_slot", None),
        *(SlotSet(slot, None) for slot in ALTERNATIVE_SLOTS),
    ]


async def _chosen(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    handoff: Handoff,
    domain: Mapping[str, Any],
    event: Event,
    response: str,
    told: dict[str, Any],
) -> Events:
    try:
        closed = await asyncio.to_thread(process.parts().service.receive, handoff.id, event)
    except Refused:
        return _forgotten()  # an agent has taken it, and the customer hears that
    except HandoffError as error:
        log.error("handoff.alternative_not_taken", id=handoff.id, error=str(error))
        dispatcher.utter_message(response="utter_handoff_alternative_failed")
        return _forgotten()
    log.info("handoff.alternative_taken", id=closed.id, outcome=closed.outcome)
    dispatcher.utter_message(response=response, **told)
    details = refreshed(tracker.get_slot(DETAILS_SLOT), closed)
    return [*_forgotten(), SlotSet(STATUS_SLOT, None), SlotSet(DETAILS_SLOT, details), *turn.taken_up(closed, domain)]


def _checked_time(text: str, handoff: Handoff) -> tuple[datetime | None, Unfit | None]:
    policy, now = process.parts().service.policy, datetime.now(UTC)
    at = call_time(text, policy.zone_of(handoff.need.department), now)
    return at, unfit(at, policy.hours.get(handoff.need.department), policy.promise, now)


async def _handoff(tracker: Tracker) -> Handoff | None:
    """The conversation's handoff while it is open."""
    try:
        found = await asyncio.to_thread(process.parts().store.newest, tracker.sender_id)
    except HandoffError as error:
        log.error("handoff.store_unreachable", conversation=tracker.sender_id, error=str(error))
        return None
    return found if found is not None and found.is_open else None


async def _known(tracker: Tracker, kind: str) -> list[str]:
    """What the context package has of this kind, the newest first."""
    handoff = await _handoff(tracker)
    if handoff is None:
        return []
    package = await asyncio.to_thread(process.parts().store.package, handoff.id)
    return [detail.value for detail in package.details if detail.kind == kind]
