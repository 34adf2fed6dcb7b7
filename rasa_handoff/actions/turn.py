"""What a tracker says about this turn, and the handoff as the store has it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.interfaces import Tracker

from rasa_handoff.actions import process
from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.rasa.slots import ASKED, DETAILS_SLOT, REQUESTED, STATUS_SLOT, decision_of, refreshed
from rasa_handoff.rasa.tracker import conversation_of

Events = list[dict[str, Any]]


def conversation(tracker: Tracker) -> Conversation:
    return conversation_of(tracker.current_state())


def intent(tracker: Tracker) -> str:
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def is_external(tracker: Tracker) -> bool:
    """Triggered through Rasa's API, as Rasa itself marks it: a customer can type "/EXTERNAL_..." too."""
    return bool((tracker.latest_message.get("metadata") or {}).get("is_external"))


def notice(tracker: Tracker) -> Notice | None:
    name = intent(tracker)
    return Notice(name) if is_external(tracker) and name in set(Notice) else None


def effect_id(tracker: Tracker) -> str | None:
    """The id of the effect that triggered this notice; the slot's `heard` tells the courier that it arrived."""
    entities = tracker.latest_message.get("entities") or []
    return next((str(entity["value"]) for entity in entities if entity.get("entity") == "handoff_effect"), None)


def decision(tracker: Tracker) -> HandOff:
    """What the gate decided; without a decision a designer's own rule runs us, and that is a request."""
    decided = decision_of(tracker.get_slot(DETAILS_SLOT))
    if decided is not None and tracker.get_slot(STATUS_SLOT) in (REQUESTED, ASKED):
        return decided
    text = str(tracker.latest_message.get("text") or "")
    evidence = Evidence("rule", intent(tracker), None, 1, f"A rule of the bot asked for it; customer said: {text}")
    return HandOff(Reason.CUSTOMER_REQUESTED, (evidence,))


async def as_stored(tracker: Tracker, handoff: Handoff | None) -> Events:
    """The slots as the store has it, where they differ: a restart or a new session may have changed them."""
    status = handoff.status.value if handoff is not None and handoff.is_open else None
    events = [SlotSet(STATUS_SLOT, status)] if tracker.get_slot(STATUS_SLOT) != status else []
    if handoff is None or not handoff.is_open:
        return events
    stored = await details(tracker, handoff)
    return [*events, SlotSet(DETAILS_SLOT, stored)] if stored != tracker.get_slot(DETAILS_SLOT) else events


async def details(tracker: Tracker, handoff: Handoff) -> Mapping[str, Any]:
    slot = tracker.get_slot(DETAILS_SLOT)
    if isinstance(slot, Mapping) and slot.get("id") == handoff.id:
        return refreshed(slot, handoff)
    return refreshed(slot, handoff, await asyncio.to_thread(process.parts().store.package, handoff.id))


def variant(domain: Mapping[str, Any], response: str, variant: str) -> str:
    """`response_variant` if the designer wrote one, else `response`."""
    special = f"{response}_{variant}"
    return special if special in (domain.get("responses") or {}) else response


def taken_up(handoff: Handoff, domain: Mapping[str, Any]) -> Events:
    """Back into the form the customer was in when the handoff started; an action's last events: it asks next."""
    loop = handoff.suspended
    if loop is None or loop.name not in (domain.get("forms") or {}):
        return []
    return [ActiveLoop(loop.name), SlotSet("requested_slot", loop.requested_slot)]
