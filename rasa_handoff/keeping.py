"""What is kept of people: handed out whole, and let go of after the time that was set."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from rasa_handoff.core.errors import NotFound, Unreachable
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.ports import Entry, Store
from rasa_handoff.service import utc_now
from rasa_handoff.stores.codec import encode

EVERY = timedelta(hours=1)
PORTION = 200

log = structlog.get_logger()
Json = dict[str, Any]


def exported(store: Store, name: str) -> list[Json]:
    """All that is kept of a customer's conversations, or of the conversation of that id, as plain JSON values.

    Effects are left out: they are what is still to be sent of what stands here. Errors: NotFound.
    """
    found = store.conversations_of(name)
    if not found:
        raise NotFound(f"Nothing is kept of {name!r}: it is no customer's id and no conversation's.")
    return [_conversation(store, conversation_id) for conversation_id in found]


def _conversation(store: Store, conversation_id: str) -> Json:
    return {
        "conversation_id": conversation_id,
        "handoffs": [_handoff(store, handoff) for handoff in store.handoffs_of(conversation_id)],
        "questions": [encode(question) for question in store.questions_of(conversation_id)],
        "chat": [encode(line) for line in store.chat(conversation_id)],
    }


def _handoff(store: Store, handoff: Handoff) -> Json:
    entries = [_entry(entry) for entry in store.log(handoff.id)]
    return {"handoff": encode(handoff), "package": encode(store.package(handoff.id)), "log": entries}


def _entry(entry: Entry) -> Mapping[str, Any]:
    return {"at": entry.at.isoformat(), "kind": entry.kind, "data": entry.data}


def prune(store: Store, before: datetime) -> int:
    """Delete what has ended before, a portion at a time; how many handoffs it were. Errors: Unreachable."""
    total = 0
    while gone := store.prune(before, PORTION):
        total += gone
    return total


class Pruner:
    """Deletes, every hour, what has ended longer ago than `keep`. Any number may run against one store."""

    def __init__(self, store: Store, keep: timedelta, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                gone = await asyncio.to_thread(prune, self._store, self._clock() - self._keep)
                log.info("retention.pruned", handoffs=gone, older_than_days=self._keep.days)
            except Unreachable as error:
                log.error("retention.store_unreachable", error=str(error))
            await asyncio.sleep(EVERY.total_seconds())
