"""The Rasa actions: they read the tracker, ask the service, and answer with slots and responses. No words of their own.

Every word a customer reads is a response (`utter_handoff_*`) in the bot's domain. None of them calls the Rasa server:
a turn holds the conversation's lock.
"""

import asyncio
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, assert_never

import structlog
from rasa_sdk.events import ActiveLoop, SlotSet, UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker

from rasa_handoff.core.answers import is_acceptance
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Decision, Evidence, HandOff, Offer, Reason, Stay
from rasa_handoff.core.detector import with_core_fallback
from rasa_handoff.core.errors import HandoffError
from rasa_handoff.core.handoff import Handoff, Notice, Status
from rasa_handoff.core.offering import Situation
from rasa_handoff.rasa.client import require_addressable
from rasa_handoff.rasa.forms import form_answers_undone
from rasa_handoff.rasa.slots import (
    ASKED,
    DECLINED,
    DETAILS_SLOT,
    REQUESTED,
    RETURNED,
    STATUS_SLOT,
    asked_of,
    decision_of,
    details_of,
    pending_details,
    refreshed,
)
from rasa_handoff.rasa.tracker import conversation_of, history_of
from rasa_handoff.service import Considered
from rasa_handoff.settings import Mode, load_environment
from rasa_handoff.wiring import Parts, build

Events = list[dict[str, Any]]

log = structlog.get_logger()


@cache
def parts() -> Parts:
    """This process's parts, made at first use. Errors: SettingsError, Unreachable."""
    return build(load_environment())


class HandoffGate(Action):
    """On every user turn: does a human own the conversation, or must one take over? Answers with our two slots."""

    def name(self) -> str:
        return "action_handoff_gate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        notice = _notice(tracker)
        handoff = await asyncio.to_thread(parts().store.newest, tracker.sender_id) if notice else None
        if notice is not None:
            return await _answer_notice(tracker, notice, handoff)
        if _is_external(tracker):
            return []
        considered = await _considered(tracker, _conversation(tracker))
        decision = _in_effect(tracker, considered.decision)
        match decision:
            case HandOff():
                return _decided(REQUESTED, decision, considered)
            case Offer():
                return _decided(ASKED, decision, considered)
            case Stay():
                return await _stays(tracker, considered)
            case _:
                assert_never(decision)


class HandoffOffer(Action):
    """Asks whether the customer wants a person, and says honestly what they would wait for."""

    def name(self) -> str:
        return "action_handoff_offer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        decision = _decision(tracker)
        situation = await _situation(_conversation(tracker), decision)
        if not situation.staffed:
            response = "utter_handoff_offer_no_agent"
        else:
            response = "utter_handoff_offer_queue" if situation.position else "utter_handoff_offer"
        variant = _variant(domain, response, decision.reason.value)
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


class HandoffInitiate(Action):
    """Makes the handoff durable, and only then tells the customer about the transfer."""

    def name(self) -> str:
        return "action_handoff_initiate"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        conversation, decision = _conversation(tracker), _decision(tracker)
        history = history_of(tracker.current_state())
        try:
            require_addressable(conversation.id)  # else nobody could ever answer the customer
            handoff = await asyncio.to_thread(parts().service.initiate, conversation, history, decision)
            package = await asyncio.to_thread(parts().store.package, handoff.id)
        except HandoffError as error:
            log.error("handoff.not_started", conversation=tracker.sender_id, error=str(error))
            dispatcher.utter_message(response="utter_handoff_failed")
            return [SlotSet(STATUS_SLOT, None)]
        log.info("handoff.started", id=handoff.id, conversation=tracker.sender_id, reason=handoff.reason.value)
        hint = parts().service.policy.emergency_hint(conversation)
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
            await asyncio.to_thread(parts().service.assign)
            handoff = await asyncio.to_thread(parts().store.newest, tracker.sender_id)
        except HandoffError as error:
            log.error("handoff.not_routed", conversation=tracker.sender_id, error=str(error))
            return []  # it is durable: the courier routes it
        if handoff is None:
            return []
        await _say_standing(dispatcher, handoff, waiting="utter_handoff_queued")
        return await _as_stored(tracker, handoff)


class HandoffInform(Action):
    """Says what just happened outside a turn: somebody took over, or how the wait stands."""

    def name(self) -> str:
        return "action_handoff_inform"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff = await asyncio.to_thread(parts().store.newest, tracker.sender_id)
        if handoff is None:
            return []
        if _notice(tracker) is Notice.ACCEPTED:
            dispatcher.utter_message(response="utter_handoff_accepted", agent_name=handoff.agent_name)
        else:
            await _say_standing(dispatcher, handoff, waiting="utter_handoff_waiting")
        return []


class HandoffResume(Action):
    """The bot has the conversation again: greets with what was done, and takes up the form where it was left."""

    def name(self) -> str:
        return "action_handoff_resume"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        handoff = await asyncio.to_thread(parts().store.newest, tracker.sender_id)
        if handoff is None or handoff.outcome is None or tracker.get_slot(STATUS_SLOT) != RETURNED:
            return []
        response = _variant(domain, "utter_handoff_returned", handoff.outcome.value)
        dispatcher.utter_message(response=response, agent_name=handoff.agent_name, note=handoff.note)
        known = [SlotSet(name, value) for name, value in handoff.learned.items() if name in tracker.slots]
        return [SlotSet(STATUS_SLOT, None), *known, *_take_up(handoff, domain)]


class DefaultFallback(Action):
    """No policy is sure: ask to rephrase, or, when that was tried often enough, have a human take over."""

    def name(self) -> str:
        return "action_default_fallback"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]) -> Events:
        if _is_external(tracker):
            return []
        conversation = with_core_fallback(_conversation(tracker))
        try:
            considered = await _considered(tracker, conversation)
        except HandoffError as error:
            log.error("handoff.not_considered", conversation=tracker.sender_id, error=str(error))
        else:
            decision = _in_effect(tracker, considered.decision)
            match decision:
                case HandOff():
                    return _decided(REQUESTED, decision, considered)
                case Offer():
                    return _decided(ASKED, decision, considered)
                case Stay():
                    pass
                case _:
                    assert_never(decision)
        dispatcher.utter_message(response="utter_ask_rephrase")
        return [UserUtteranceReverted()]


def _conversation(tracker: Tracker) -> Conversation:
    return conversation_of(tracker.current_state())


async def _considered(tracker: Tracker, conversation: Conversation) -> Considered:
    asked = asked_of(tracker.get_slot(DETAILS_SLOT))
    return await asyncio.to_thread(parts().service.consider, conversation, asked)


async def _situation(conversation: Conversation, decision: HandOff) -> Situation:
    """What a handoff would meet now. Without the store nothing is known, and nothing is said of the wait."""
    try:
        return await asyncio.to_thread(parts().service.situation, conversation, decision)
    except HandoffError as error:
        log.error("handoff.situation_unknown", conversation=conversation.id, error=str(error))
        return Situation()


def _intent(tracker: Tracker) -> str:
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def _is_external(tracker: Tracker) -> bool:
    """Triggered through Rasa's API, as Rasa itself marks it: a customer can type "/EXTERNAL_..." too."""
    return bool((tracker.latest_message.get("metadata") or {}).get("is_external"))


def _notice(tracker: Tracker) -> Notice | None:
    intent = _intent(tracker)
    return Notice(intent) if _is_external(tracker) and intent in set(Notice) else None


def _effect_id(tracker: Tracker) -> str | None:
    """The id of the effect that triggered this notice; the slot's `heard` tells the courier that it arrived."""
    entities = tracker.latest_message.get("entities") or []
    return next((str(entity["value"]) for entity in entities if entity.get("entity") == "handoff_effect"), None)


async def _answer_notice(tracker: Tracker, notice: Notice, handoff: Handoff | None) -> Events:
    events = await _as_stored(tracker, handoff)
    if handoff is None:
        return events
    details = dict(await _details(tracker, handoff))
    first_time = details.get("heard") != _effect_id(tracker)
    details["heard"] = _effect_id(tracker)
    status = handoff.status.value if handoff.is_open else None
    if notice is Notice.RETURNED and not handoff.is_open and first_time:
        status = RETURNED
    return [SlotSet(STATUS_SLOT, status), SlotSet(DETAILS_SLOT, details)]


async def _as_stored(tracker: Tracker, handoff: Handoff | None) -> Events:
    """The slots as the store has it, where they differ: a restart or a new session may have changed them."""
    status = handoff.status.value if handoff is not None and handoff.is_open else None
    events = [SlotSet(STATUS_SLOT, status)] if tracker.get_slot(STATUS_SLOT) != status else []
    if handoff is None or not handoff.is_open:
        return events
    details = await _details(tracker, handoff)
    return [*events, SlotSet(DETAILS_SLOT, details)] if details != tracker.get_slot(DETAILS_SLOT) else events


async def _details(tracker: Tracker, handoff: Handoff) -> Mapping[str, Any]:
    slot = tracker.get_slot(DETAILS_SLOT)
    if isinstance(slot, Mapping) and slot.get("id") == handoff.id:
        return refreshed(slot, handoff)
    return refreshed(slot, handoff, await asyncio.to_thread(parts().store.package, handoff.id))


def _in_effect(tracker: Tracker, decision: Decision) -> Decision:
    """The decision. In shadow mode it is logged instead, and the bot goes on."""
    if isinstance(decision, Stay) or parts().settings.mode is Mode.LIVE:
        return decision
    evidence = [one.words for one in decision.evidence]
    name, turn = type(decision).__name__, decision.evidence[0].turn
    told = {"decision": name, "reason": decision.reason.value, "turn": turn, "evidence": evidence}
    log.info("handoff.shadow", conversation=tracker.sender_id, **told)
    return Stay()


def _decided(status: str, decision: HandOff | Offer | None, considered: Considered) -> Events:
    details = pending_details(status, decision, considered.asked)
    return [SlotSet(STATUS_SLOT, status), SlotSet(DETAILS_SLOT, details)]


async def _stays(tracker: Tracker, considered: Considered) -> Events:
    """The bot goes on; the offers of this episode are remembered, those of an earlier one forgotten."""
    if considered.declined:
        return _decided(DECLINED, None, considered)
    events = await _as_stored(tracker, considered.handoff)
    slot = tracker.get_slot(DETAILS_SLOT)
    if (considered.handoff is not None and considered.handoff.is_open) or not asked_of(slot):
        return events
    details = pending_details(None, None, considered.asked)
    return [*events, SlotSet(DETAILS_SLOT, details)] if details != slot else events


def _decision(tracker: Tracker) -> HandOff:
    """What the gate decided; without a decision a designer's own rule runs us, and that is a request."""
    decided = decision_of(tracker.get_slot(DETAILS_SLOT))
    if decided is not None and tracker.get_slot(STATUS_SLOT) in (REQUESTED, ASKED):
        return decided
    text = str(tracker.latest_message.get("text") or "")
    evidence = Evidence("rule", _intent(tracker), None, 1, f"A rule of the bot asked for it; customer said: {text}")
    return HandOff(Reason.CUSTOMER_REQUESTED, (evidence,))


def _suspend(conversation: Conversation) -> Events:
    """Out of the form, or every message to the human would be taken as the answer to its question."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)] if conversation.loop else []


def _take_up(handoff: Handoff, domain: Mapping[str, Any]) -> Events:
    loop = handoff.suspended
    if loop is None or loop.name not in (domain.get("forms") or {}):
        return []
    return [ActiveLoop(loop.name), SlotSet("requested_slot", loop.requested_slot)]


def _announcement(domain: Mapping[str, Any], reason: Reason, evidence: Iterable[Evidence]) -> str:
    """That of a topic if the designer wrote one, else of the reason, else the general one."""
    general = "utter_handoff_announce"
    wanted = [*(one.topic for one in evidence if one.topic), reason.value]
    chosen = (_variant(domain, general, name) for name in wanted)
    return next((response for response in chosen if response != general), general)


def _variant(domain: Mapping[str, Any], response: str, variant: str) -> str:
    """`response_variant` if the designer wrote one, else `response`."""
    special = f"{response}_{variant}"
    return special if special in (domain.get("responses") or {}) else response


async def _say_standing(dispatcher: CollectingDispatcher, handoff: Handoff, waiting: str) -> None:
    """Tell the customer honestly where the handoff stands: with an agent, in the queue, or nobody is there."""
    if handoff.status is Status.OFFERED:
        dispatcher.utter_message(response="utter_handoff_connecting")
    elif handoff.status is Status.WAITING:
        if not await asyncio.to_thread(parts().service.can_be_served, handoff):
            dispatcher.utter_message(response="utter_handoff_no_agent")
        else:
            position = await asyncio.to_thread(parts().service.position, handoff)
            dispatcher.utter_message(response=waiting, position=position)
