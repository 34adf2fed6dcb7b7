"""A past conversation, one customer message after the other, as the gate saw it on that turn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.detector import with_core_fallback
from rasa_handoff.core.misses import CORE_FALLBACK
from rasa_handoff.core.offering import Asked
from rasa_handoff.rasa.slots import DETAILS_SLOT, REQUESTED, STATUS_SLOT, asked_of
from rasa_handoff.rasa.tracker import conversation_of, is_customer_turn

Json = Mapping[str, Any]

_RESETS = frozenset({"restart", "session_started", "reset_slots"})


@dataclass(frozen=True, slots=True)
class Step:
    """A customer message, the `number`th of the tracker (from 1), and what the detector is asked about it.

    `views` are the conversations it is asked about, in order: the gate's, and, when no policy of the bot was sure,
    the same with that fallback. There is none while a human has the conversation (`with_human`). `asked` are the
    offers the customer was really made before. `handed_off`: a handoff really began on this turn.
    """

    number: int
    text: str
    views: tuple[Conversation, ...] = ()
    asked: tuple[Asked, ...] = ()
    with_human: bool = False
    handed_off: bool = False


@dataclass(slots=True)
class _State:
    """What Rasa would have in its tracker beside the events, at some point of them."""

    slots: dict[str, Any] = field(default_factory=dict)
    loop: str | None = None

    def apply(self, event: Json) -> None:
        kind, name = event.get("event"), event.get("name")
        if kind in _RESETS:
            self.slots.clear()
            self.loop = None if kind != "reset_slots" else self.loop
        elif kind == "slot" and isinstance(name, str):
            self.slots[name] = event.get("value")
        elif kind == "active_loop":
            self.loop = name if isinstance(name, str) else None


def steps(tracker: Json) -> Iterator[Step]:
    """The customer's messages, oldest first. What the tracker holds beside its events is not looked at."""
    events: Sequence[Json] = [event for event in tracker["events"] if isinstance(event, Mapping)]
    turns = [at for at, event in enumerate(events) if event.get("event") == "user"]
    state, applied, number = _State(), 0, 0
    for at, until in pairwise([*turns, len(events)]):
        for event in events[applied:at]:
            state.apply(event)
        applied = at
        cut = _cut(tracker, events[: at + 1], state)
        if is_customer_turn(cut):
            number += 1
            yield _step(number, cut, events[at], events[at + 1 : until], state.slots)


def _cut(tracker: Json, events: Sequence[Json], state: _State) -> Json:
    channel = events[-1].get("input_channel")
    return {
        "sender_id": tracker.get("sender_id"),
        "latest_input_channel": channel if isinstance(channel, str) else None,
        "events": events,
        "slots": dict(state.slots),
        "active_loop": {"name": state.loop},
    }


def _step(number: int, cut: Json, message: Json, after: Sequence[Json], before: Json) -> Step:
    text = str(message.get("text") or "")
    slots = (event for event in after if event.get("event") == "slot" and event.get("name") == STATUS_SLOT)
    set_now = [event.get("value") for event in slots]
    # A reset takes the slot away; the gate puts back what the store knows, and only a new handoff is "requested" first.
    owned = _owned(before.get(STATUS_SLOT)) or (bool(set_now) and _owned(set_now[0]))
    if owned:
        return Step(number, text, with_human=True)
    conversation = conversation_of(cut)
    views: tuple[Conversation, ...] = (conversation,) if conversation.turns else ()
    if views and any(event.get("name") == CORE_FALLBACK for event in after if event.get("event") == "action"):
        views = (conversation, with_core_fallback(conversation))
    return Step(number, text, views, _asked(before.get(DETAILS_SLOT)), handed_off=REQUESTED in set_now)


def _asked(slot: object) -> tuple[Asked, ...]:
    """None where the slot is not what we write into it."""
    try:
        return asked_of(slot)
    except (KeyError, TypeError, ValueError):
        return ()


def _owned(status: object) -> bool:
    return status in ("waiting", "offered", "active")
