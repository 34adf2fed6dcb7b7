"""The reference shop's actions: they look things up and choose which of the designer's responses to say."""

import logging
import sqlite3
from datetime import date, timedelta
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.orders import Order, find_order, order_number, save_return, today

logger = logging.getLogger(__name__)

DAYS_TO_RETURN = 30
RETURN_SLOTS = ("order_id", "return_reason", "return_resolution")
RESOLUTIONS = {
    "refund": ("refund", "money", "cash", "reimburse"),
    "exchange": ("exchange", "swap", "replace", "another one", "new one", "different size"),
}


class ActionOrderStatus(Action):
    """Says where the customer's order is, or asks for its number."""

    def name(self) -> str:
        return "action_order_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        order = await _order_asked_for(dispatcher, tracker)
        if order:
            dispatcher.utter_message(response=f"utter_order_{order.state}", **_placeholders(order))
        return []


class ActionRefundStatus(Action):
    """Says how far the refund of the customer's order is, or asks for its number."""

    def name(self) -> str:
        return "action_refund_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        order = await _order_asked_for(dispatcher, tracker)
        if order:
            dispatcher.utter_message(
                response=f"utter_refund_{order.refund}",
                order_id=f"#{order.id}",
                amount=f"€{order.total_cents / 100:.2f}",
                date=_day(order.refund_day),
            )
        return []


class ValidateReturnForm(FormValidationAction):
    """Accepts only what can be returned, and one of the two resolutions."""

    def name(self) -> str:
        return "validate_return_form"

    async def validate_order_id(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        order = await _order_or_say_why(dispatcher, order_number(value))
        if order is None:
            return {"order_id": None}
        if order.state != "delivered":
            dispatcher.utter_message(response="utter_return_not_possible", **_placeholders(order))
            return {"order_id": None}
        if order.day < today() - timedelta(days=DAYS_TO_RETURN):
            dispatcher.utter_message(response="utter_return_too_late", **_placeholders(order))
            return {"order_id": None}
        return {"order_id": order.id}

    def validate_return_resolution(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        said = str(value).lower()
        meant = [name for name, words in RESOLUTIONS.items() if any(word in said for word in words)]
        if len(meant) == 1:
            return {"return_resolution": meant[0]}
        dispatcher.utter_message(response="utter_return_resolution_unclear")
        return {"return_resolution": None}


class ActionReturnSubmit(Action):
    """Registers the return that the form has collected, and forgets its answers for the next one."""

    def name(self) -> str:
        return "action_return_submit"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        number, reason, resolution = (str(tracker.get_slot(name)) for name in RETURN_SLOTS)
        try:
            return_id = await save_return(number, reason, resolution)
        except sqlite3.Error:
            logger.exception("the return of order %s could not be kept", number)
            dispatcher.utter_message(response="utter_order_lookup_failed")
        else:
            dispatcher.utter_message(
                response=f"utter_return_{resolution}_submitted", order_id=f"#{number}", return_id=return_id
            )
        return [SlotSet("return_reason", None), SlotSet("return_resolution", None)]


async def _order_asked_for(dispatcher: CollectingDispatcher, tracker: Tracker) -> Order | None:
    number = order_number(tracker.get_slot("order_id"))
    if number is None:
        dispatcher.utter_message(response="utter_ask_order_id")
        return None
    return await _order_or_say_why(dispatcher, number)


async def _order_or_say_why(dispatcher: CollectingDispatcher, number: str | None) -> Order | None:
    try:
        order = await find_order(number or "")
    except sqlite3.Error:
        logger.exception("the orders could not be read")
        dispatcher.utter_message(response="utter_order_lookup_failed")
        return None
    if order is None:
        dispatcher.utter_message(response="utter_order_unknown", order_id=f"#{number}" if number else "")
    return order


def _placeholders(order: Order) -> dict[str, Any]:
    return {
        "order_id": f"#{order.id}",
        "items": order.items,
        "date": _day(order.day),
        "tracking": order.tracking,
    }


def _day(day: date | None) -> str:
    return f"{day:%A}, {day.day} {day:%B}" if day else ""
