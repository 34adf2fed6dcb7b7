"""The handoff itself: begin it, route it, say how it stands, and give the conversation back to the bot."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import process, turn, words
from rasa_handoff.actions.alternatives import left
from rasa_handoff.actions.turn import Events
from rasa_handoff.actions.waiting import say_standing
from rasa_handoff.core.answers import is_acceptance
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Evidence, Reason
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.errors import HandoffError
from rasa_handoff.core.handoff import Handoff, News, Outcome
from rasa_handoff.rasa.client import require_addressable
from rasa_handoff.rasa.forms import form_answers_undone
from rasa_handoff.rasa.slots import DETAILS_SLOT, OUTCOME_SLOT, RETURNED, STATUS_SLOT, details_of
from rasa_handoff.rasa.tracker import history_of

log = structlog.get_logger()


class HandoffInitiate(Action):
    """Makes the handoff durable, and only then tells the customer about the transfer."""

    def name(self) -> str:
        return "action_handoff_initiate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        conversation, decision = turn.conversation(tracker), turn.decision(tracker)
        history = history_of(tracker.current_state())
        try:
            require_addressable(conversation.id)  # else nobody could ever answer the customer
            handoff = await asyncio.to_thread(process.parts().service.initiate, conversation, history, decision)
            package = await asyncio.to_thread(process.parts().store.package, handoff.id)
        except HandoffError as error:
            log.error("handoff.not_started", conversation=tracker.sender_id, error=str(error))
            dispatcher.utter_message(response="utter_handoff_failed")
            return [SlotSet(STATUS_SLOT, None)]
        log.info("handoff.started", id=handoff.id, conversation=tracker.sender_id, reason=handoff.reason.value)
        hint = process.parts().service.policy.emergency_hint(conversation)
        dispatcher.utter_message(response=_announcement(domain, handoff.reason, package.evidence), emergency=hint)
        events = [SlotSet(STATUS_SLOT, handoff.status.value), SlotSet(DETAILS_SLOT, details_of(handoff, package))]
        undone = form_answers_undone(tracker, domain) if is_acceptance(decision) else []
        return [*events, *undone, *_suspend(conversation)]


class HandoffRoute(Action):
    """Offers the handoff to the best agent, or tells the customer how the queue stands."""

    def name(self) -> str:
        return "action_handoff_route"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        try:
            await asyncio.to_thread(process.parts().service.assign)
            handoff = await asyncio.to_thread(process.parts().store.newest, tracker.sender_id)
        except HandoffError as error:
            log.error("handoff.not_routed", conversation=tracker.sender_id, error=str(error))
            return []  # it is durable: the courier routes it
        if handoff is None:
            return []
        await say_standing(dispatcher, tracker, domain, handoff, waiting="utter_handoff_queued")
        return await turn.as_stored(tracker, handoff)


class HandoffInform(Action):
    """Says what just happened outside a turn: somebody took over, or how the wait stands."""

    def name(self) -> str:
        return "action_handoff_inform"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff = await asyncio.to_thread(process.parts().store.newest, tracker.sender_id)
        if handoff is None:
            return []
        if turn.notice(tracker) is Notice.ACCEPTED:
            dispatcher.utter_message(response="utter_handoff_accepted", agent_name=handoff.agent_name)
            return left(tracker)
        _say_news(dispatcher, handoff)
        await say_standing(dispatcher, tracker, domain, handoff, waiting="utter_handoff_waiting")
        _ask_if_there(dispatcher, handoff)
        return []


class HandoffResume(Action):
    """The bot has the conversation again: greets with what was done, and takes up the form where it was left."""

    def name(self) -> str:
        return "action_handoff_resume"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff = await asyncio.to_thread(process.parts().store.newest, tracker.sender_id)
        if handoff is None or handoff.outcome is None or tracker.get_slot(STATUS_SLOT) != RETURNED:
            return []
        response = _farewell(domain, handoff, handoff.outcome)
        dispatcher.utter_message(response=response, agent_name=handoff.agent_name, note=handoff.note)
        known = [SlotSet(name, value) for name, value in handoff.learned.items() if name in tracker.slots]
        return [SlotSet(STATUS_SLOT, None), *_ended(handoff.outcome, domain), *known, *turn.taken_up(handoff, domain)]


def _farewell(domain: Mapping[str, Any], handoff: Handoff, outcome: Outcome) -> str:
    """The return by how it ended; nobody had closed it where the customer had left the queue."""
    if outcome is Outcome.CUSTOMER_LEFT and handoff.agent_id is None:
        return "utter_handoff_left"
    return turn.variant(domain, "utter_handoff_returned", outcome.value)


def _ended(outcome: Outcome, domain: Mapping[str, Any]) -> Events:
    """For the designer's rules: in a slot of theirs, as far as they listed the outcome there."""
    listed = ((domain.get("slots") or {}).get(OUTCOME_SLOT) or {}).get("values") or ()
    return [SlotSet(OUTCOME_SLOT, outcome.value)] if outcome.value in listed else []


def _suspend(conversation: Conversation) -> Events:
    """Out of the form, or every message to the human would be taken as the answer to its question."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)] if conversation.loop else []


def _announcement(domain: Mapping[str, Any], reason: Reason, evidence: Iterable[Evidence]) -> str:
    """That of a topic if the designer wrote one, else of the reason, else the general one."""
    general = "utter_handoff_announce"
    wanted = [*(one.topic for one in evidence if one.topic), reason.value]
    chosen = (turn.variant(domain, general, name) for name in wanted)
    return next((response for response in chosen if response != general), general)


def _say_news(dispatcher: CollectingDispatcher, handoff: Handoff) -> None:
    """Why somebody who had an agent waits again; nothing to somebody who did not."""
    match handoff.news:
        case News.AGENT_LOST:
            dispatcher.utter_message(response="utter_handoff_agent_lost", agent_name=handoff.previous_agent)
        case News.TRANSFERRED:
            dispatcher.utter_message(response="utter_handoff_transferred", agent_name=handoff.previous_agent)
        case News.STILL_THERE | None:
            pass
        case _:
            assert_never(handoff.news)


def _ask_if_there(dispatcher: CollectingDispatcher, handoff: Handoff) -> None:
    """The question comes last, so that its button stays the one to press."""
    if handoff.news is News.STILL_THERE:
        within = words.duration(handoff.rules.answer_within, handoff.need)
        dispatcher.utter_message(response="utter_handoff_still_there", answer_within=within)
