"""A question to an agent without a handoff: the bot asks, goes on, and relays the answer when it comes."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import process, turn
from rasa_handoff.actions.turn import Events
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.errors import HandoffError
from rasa_handoff.core.questions import Question
from rasa_handoff.rasa.client import require_addressable
from rasa_handoff.rasa.slots import (
    ANSWER_SLOT,
    DETAILS_SLOT,
    QUESTION_SLOT,
    REQUESTED,
    STATUS_SLOT,
    asked_of,
    pending_details,
)
from rasa_handoff.settings import Unanswered

log = structlog.get_logger()


class HandoffAsk(Action):
    """Asks an agent one question; where nobody could answer, a handoff is begun instead."""

    def name(self) -> str:
        return "action_handoff_ask"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        said = str(tracker.latest_message.get("text") or "")
        text = str(tracker.get_slot(QUESTION_SLOT) or said)
        try:
            require_addressable(tracker.sender_id)  # else the answer could never come
            question = await asyncio.to_thread(_asked, tracker, text, said)
        except HandoffError as error:
            log.error("handoff.not_asked", conversation=tracker.sender_id, error=str(error))
            dispatcher.utter_message(response="utter_handoff_failed")
            return []
        if question is None:
            return _handed_over(tracker, f"The bot had a question, and nobody was there to ask: {text}")
        log.info("handoff.asked", id=question.id, conversation=tracker.sender_id)
        dispatcher.utter_message(response="utter_handoff_ask")
        return [SlotSet(ANSWER_SLOT, None)]


class HandoffAnswer(Action):
    """Relays an agent's answer, or says that none came."""

    def name(self) -> str:
        return "action_handoff_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        question = await asyncio.to_thread(process.parts().store.newest_question, tracker.sender_id)
        if question is not None and turn.notice(tracker) is Notice.ANSWERED:
            dispatcher.utter_message(
                response="utter_handoff_answer",
                answer=question.answer,
                agent_name=question.agent_name,
                question=question.text,
            )
        elif question is not None:
            dispatcher.utter_message(response="utter_handoff_unanswered", question=question.text)
        return []


async def settled(tracker: Tracker, notice: Notice) -> Events:
    """The gate's answer when a question is settled: the answer as a slot, or the handoff it leads to."""
    question = await asyncio.to_thread(process.parts().store.newest_question, tracker.sender_id)
    heard = turn.effect_id(tracker)
    slot = tracker.get_slot(DETAILS_SLOT)
    first_time = not isinstance(slot, Mapping) or slot.get("heard") != heard
    details = {**(slot if isinstance(slot, Mapping) else pending_details(None, None)), "heard": heard}
    if question is None or notice is Notice.ANSWERED:
        return [SlotSet(DETAILS_SLOT, details), SlotSet(ANSWER_SLOT, question.answer if question else None)]
    if process.parts().settings.questions.unanswered is Unanswered.BOT or not first_time:
        return [SlotSet(DETAILS_SLOT, details)]
    return _handed_over(tracker, f"The bot asked a colleague, and nobody answered in time: {question.text}", heard)


def _asked(tracker: Tracker, text: str, said: str) -> Question | None:
    """The question; None when nobody who could answer is online."""
    parts, conversation = process.parts(), turn.conversation(tracker)
    need, _ = parts.service.policy.route(_decided(text), conversation)
    if not parts.service.situation(conversation, _decided(text)).staffed:
        return None
    return parts.asking().ask(tracker.sender_id, need.department, text, said)


def _handed_over(tracker: Tracker, words: str, heard: str | None = None) -> Events:
    """What makes the policy begin a handoff."""
    decision = _decided(words)
    details = pending_details(REQUESTED, decision, asked_of(tracker.get_slot(DETAILS_SLOT)))
    return [SlotSet(STATUS_SLOT, REQUESTED), SlotSet(DETAILS_SLOT, {**details, "heard": heard})]


def _decided(words: str) -> HandOff:
    return HandOff(Reason.COMPLEX_ISSUE, (Evidence("question", words, None, 1, words),))
