"""Refunds that an agent issues from the desk: a quick action runs this in the customer's conversation."""

import logging
import sqlite3
from datetime import timedelta
from typing import Any

from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from actions.orders import Order, find_order, issue_refund, order_number, today

logger = logging.getLogger(__name__)

DAYS_TO_PAY = 5


class ActionIssueRefund(Action):
    """Refunds the order in the slot `order_id`. One run, known by the id in `handoff_action`, refunds once.

    The customer is told by a response; the agent by the `result` put into `handoff_action`.
    """

    def name(self) -> str:
        return "action_issue_refund"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        run: dict[str, Any] = tracker.get_slot("handoff_action") or {}
        number = order_number(tracker.get_slot("order_id")) or ""
        try:
            order = await find_order(number)
            issued = order is not None and await issue_refund(
                number, str(run.get("id", "")), today() + timedelta(days=DAYS_TO_PAY)
            )
        except sqlite3.Error:
            logger.exception("the refund of order %s could not be kept", number)
            return [_told(run, "The order records could not be reached; nothing was refunded.")]
        if order is None:
            return [_told(run, f"There is no order {number or '(no number)'}; nothing was refunded.")]
        if not issued:
            return [_told(run, f"Order #{order.id} has been refunded before ({order.refund}); nothing was done.")]
        amount = _amount(order)
        dispatcher.utter_message(response="utter_refund_issued", order_id=f"#{order.id}", amount=amount)
        return [_told(run, f"{amount} for order #{order.id} is on its way. The customer was told.")]


def _amount(order: Order) -> str:
    return f"€{order.total_cents / 100:.2f}"


def _told(run: dict[str, Any], result: str) -> EventType:
    return SlotSet("handoff_action", {**run, "result": result})
