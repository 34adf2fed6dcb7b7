"""On every user turn: does a human own the conversation, or must one take over?"""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.actions import process, turn
from rasa_handoff.actions.question import settled
from rasa_handoff.actions.turn import Events
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Decision, HandOff, Offer, Stay
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.rasa.slots import (
    ASKED,
    DECLINED,
    DETAILS_SLOT,
    OUTCOME_SLOT,
    REQUESTED,
    RETURNED,
    STATUS_SLOT,
    asked_of,
    pending_details,
)
from rasa_handoff.service import Considered
from rasa_handoff.settings import Mode

log = structlog.get_logger()


class HandoffGate(Action):
    """On every user turn: does a human own the conversation, or must one take over? Answers with our two slots."""

    def name(self) -> str:
        return "action_handoff_gate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        past = [SlotSet(OUTCOME_SLOT, None)] if tracker.get_slot(OUTCOME_SLOT) else []
        return [*past, *await self._events(tracker)]

    async def _events(self, tracker: Tracker) -> Events:
        notice = turn.notice(tracker)
        if notice in (Notice.ANSWERED, Notice.UNANSWERED):
            return await settled(tracker, notice)
        handoff = await asyncio.to_thread(process.parts().store.newest, tracker.sender_id) if notice else None
        if notice is not None:
            return await _answer_notice(tracker, notice, handoff)
        if turn.is_external(tracker):
            return []
        considered = await considered_of(tracker, turn.conversation(tracker))
        decided = decided_on(tracker, considered)
        return await _stays(tracker, considered) if decided is None else decided


async def considered_of(tracker: Tracker, conversation: Conversation) -> Considered:
    """What the service makes of this turn. Errors: HandoffError."""
    asked = asked_of(tracker.get_slot(DETAILS_SLOT))
    return await asyncio.to_thread(process.parts().service.consider, conversation, asked)


def decided_on(tracker: Tracker, considered: Considered) -> Events | None:
    """The slots that bring a decision about; None when the bot goes on."""
    decision = _in_effect(tracker, considered.decision)
    match decision:
        case HandOff():
            return _decided(REQUESTED, decision, considered)
        case Offer():
            return _decided(ASKED, decision, considered)
        case Stay():
            return None
        case _:
            assert_never(decision)


def _in_effect(tracker: Tracker, decision: Decision) -> Decision:
    """The decision. In shadow mode it is logged instead, and the bot goes on."""
    if isinstance(decision, Stay) or process.parts().settings.mode is Mode.LIVE:
        return decision
    evidence = [one.words for one in decision.evidence]
    name, since = type(decision).__name__, decision.evidence[0].turn
    told = {"decision": name, "reason": decision.reason.value, "turn": since, "evidence": evidence}
    log.info("handoff.shadow", conversation=tracker.sender_id, **told)
    return Stay()


def _decided(status: str, decision: HandOff | Offer | None, considered: Considered) -> Events:
    details = pending_details(status, decision, considered.asked)
    return [SlotSet(STATUS_SLOT, status), SlotSet(DETAILS_SLOT, details)]


async def _answer_notice(tracker: Tracker, notice: Notice, handoff: Handoff | None) -> Events:
    events = await turn.as_stored(tracker, handoff)
    if handoff is None:
        return events
    details = dict(await turn.details(tracker, handoff))
    first_time = details.get("heard") != turn.effect_id(tracker)
    details["heard"] = turn.effect_id(tracker)
    status = handoff.status.value if handoff.is_open else None
    if notice is Notice.RETURNED and not handoff.is_open and first_time:
        status = RETURNED
    return [SlotSet(STATUS_SLOT, status), SlotSet(DETAILS_SLOT, details)]


async def _stays(tracker: Tracker, considered: Considered) -> Events:
    """The bot goes on; the offers of this episode are remembered, those of an earlier one forgotten."""
    if considered.declined:
        return _decided(DECLINED, None, considered)
    events = await turn.as_stored(tracker, considered.handoff)
    slot = tracker.get_slot(DETAILS_SLOT)
    if (considered.handoff is not None and considered.handoff.is_open) or not asked_of(slot):
        return events
    details = pending_details(None, None, considered.asked)
    return [*events, SlotSet(DETAILS_SLOT, details)] if details != slot else events
