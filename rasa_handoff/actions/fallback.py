"""The plugin's `action_default_fallback`: for bots that have none of their own, so it is imported by itself."""

from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.events import UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import turn
from rasa_handoff.actions.gate import considered_of, decided_on
from rasa_handoff.actions.turn import Events
from rasa_handoff.core.detector import with_core_fallback
from rasa_handoff.core.errors import HandoffError

log = structlog.get_logger()


class DefaultFallback(Action):
    """No policy is sure: ask to rephrase, or, when that was tried often enough, have a human take over."""

    def name(self) -> str:
        return "action_default_fallback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        if turn.is_external(tracker):
            return []
        conversation = with_core_fallback(turn.conversation(tracker))
        try:
            considered = await considered_of(tracker, conversation)
        except HandoffError as error:
            log.error("handoff.not_considered", conversation=tracker.sender_id, error=str(error))
        else:
            decided = decided_on(tracker, considered)
            if decided is not None:
                return decided
        dispatcher.utter_message(response=_rephrase(domain))
        return [UserUtteranceReverted()]


def _rephrase(domain: Mapping[str, Any]) -> str:
    """The bot's words for it; one without says what Rasa's own fallback does."""
    return "utter_ask_rephrase" if "utter_ask_rephrase" in (domain.get("responses") or {}) else "utter_default"
