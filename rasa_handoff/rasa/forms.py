"""What a message filled in a form although it was no answer to its question: an offer of a person came in between.

Rasa fills a form's slots before any action runs, and checks them only when the form runs next. A turn that the form
does not get would leave answers behind that nobody has checked, or a "yes" that was meant for the offer.
"""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import Tracker

_FORGETS = ("restart", "session_started")


def form_answers_undone(tracker: Tracker, domain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The active form's slots that the newest message filled, set back to what they were before it."""
    form = (domain.get("forms") or {}).get(tracker.active_loop.get("name")) or {}
    newest_first = reversed(tracker.events)
    turn = [event.get("name") for event in takewhile(_is_no_message, newest_first) if event.get("event") == "slot"]
    filled = [slot for slot in form.get("required_slots") or [] if slot in turn]
    before = dict(_values(newest_first, set(filled)))  # goes on where the turn's events ended
    return [SlotSet(slot, before.get(slot)) for slot in filled]


def _is_no_message(event: Mapping[str, Any]) -> bool:
    return event.get("event") != "user"


def _values(newest_first: Iterator[Mapping[str, Any]], sought: set[str]) -> Iterator[tuple[str, Any]]:
    for event in newest_first:
        if not sought or event.get("event") in _FORGETS:
            return
        if event.get("event") == "slot" and event.get("name") in sought:
            sought.discard(str(event["name"]))
            yield str(event["name"]), event.get("value")
