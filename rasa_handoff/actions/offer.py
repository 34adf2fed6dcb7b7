"""Asking the customer first: the question with an honest word about the wait, and the answer no."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import process, turn, words
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
        conversation = turn.conversation(tracker)
        situation = await _situation(conversation, decision)
        need, _ = process.parts().service.policy.route(decision, conversation)
        variant = turn.variant(domain, _question(situation), decision.reason.value)
        opens = words.opening(situation.opens_at, need)
        dispatcher.utter_message(response=variant, position=situation.position, opens=opens)
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


def _question(situation: Situation) -> str:
    """The response that says truly what a yes means now."""
    if not situation.open:
        return "utter_handoff_offer_closed"
    if not situation.staffed:
        return "utter_handoff_offer_no_agent"
    return "utter_handoff_offer_queue" if situation.position else "utter_handoff_offer"


async def _situation(conversation: Conversation, decision: HandOff) -> Situation:
    """What a handoff would meet now. Without the store nothing is known, and nothing is said of the wait."""
    try:
        return await asyncio.to_thread(process.parts().service.situation, conversation, decision)
    except HandoffError as error:
        log.error("handoff.situation_unknown", conversation=conversation.id, error=str(error))
        return Situation()
