"""Asking the customer first: the question with an honest word about the wait, and the answer no."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import process, turn
from rasa_handoff.actions.turn import Events
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import HandOff
from rasa_handoff.core.errors import HandoffError
from rasa_handoff.core.offering import Situation
from rasa_handoff.rasa.forms import form_answers_undone
from rasa_handoff.rasa.slots import STATUS_SLOT

log = structlog.get_logger()


class HandoffOffer(Action):
    """Asks whether the customer wants a person, and says honestly what they would wait for."""

    def name(self) -> str:
        return "action_handoff_offer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        decision = turn.decision(tracker)
        situation = await _situation(turn.conversation(tracker), decision)
        if not situation.staffed:
            response = "utter_handoff_offer_no_agent"
        else:
            response = "utter_handoff_offer_queue" if situation.position else "utter_handoff_offer"
        variant = turn.variant(domain, response, decision.reason.value)
        dispatcher.utter_message(response=variant, position=situation.position)
        log.info("handoff.offered", conversation=tracker.sender_id, reason=decision.reason.value)
        return form_answers_undone(tracker, domain)


class HandoffOfferDeclined(Action):
    """The customer wants no person: says that this is fine, and the bot goes on."""

    def name(self) -> str:
        return "action_handoff_offer_declined"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_handoff_offer_declined")
        log.info("handoff.offer_declined", conversation=tracker.sender_id)
        return [SlotSet(STATUS_SLOT, None), *form_answers_undone(tracker, domain)]


async def _situation(conversation: Conversation, decision: HandOff) -> Situation:
    """What a handoff would meet now. Without the store nothing is known, and nothing is said of the wait."""
    try:
        return await asyncio.to_thread(process.parts().service.situation, conversation, decision)
    except HandoffError as error:
        log.error("handoff.situation_unknown", conversation=conversation.id, error=str(error))
        return Situation()
