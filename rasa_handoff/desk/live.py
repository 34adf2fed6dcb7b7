"""Tells connected pages that something they show may have changed.

One poller per process looks at the store; pages wait on a `Watch`. A watch carries no content: whoever wakes reads
from the store after what was seen last, so that a slow page loses nothing and holds nobody up.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.ports import Entry, Store
from rasa_handoff.timeouts import timeout

INTERVAL = 0.1
# A quiet web chat is looked at only each tenth time; the handoff's own log wakes it earlier.
QUIET_AFTER = 30.0
QUIET_EVERY = 10
# How often it is written down which web chats are open. A chat that has just been written in counts as open that long.
VISIT = 15.0
# How often it is written down which agents are there; a fraction of the shortest grace period that can be set.
BEAT = 5.0

log = structlog.get_logger()


class Watch:
    """One connected page."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self._signals: deque[str] = deque(maxlen=8)

    def stir(self, signal: str | None = None) -> None:
        if signal is not None:
            self._signals.append(signal)
        self._changed.set()

    async def wait(self) -> list[str]:
        """Returns, after something changed, the passing signals ("typing") since the last time."""
        await self._changed.wait()
        self._changed.clear()
        signals = list(self._signals)
        self._signals.clear()
        return signals


class _Chat:
    """The web chat of one conversation that somebody has open."""

    def __init__(self) -> None:
        self.watches: set[Watch] = set()
        self.seen = 0
        self.busy_until = time.monotonic() + QUIET_AFTER

    def stir(self, signal: str | None = None) -> None:
        self.busy_until = time.monotonic() + QUIET_AFTER
        for watch in self.watches:
            watch.stir(signal)


class Live:
    """The process's poller and its connected pages. Everything here happens on one event loop."""

    def __init__(self, store: Store, interval: float = INTERVAL) -> None:
        self._store = store
        self._interval = interval
        self._woken = asyncio.Event()
        self._seq = 0
        self._round = 0
        self._questions: list[str] | None = []
        self._agents: dict[Watch, str] = {}
        self._seen: set[str] = set()
        self._next_beat = 0.0
        self._visits: dict[str, float] = {}
        self._noted = -VISIT
        self._chats: dict[str, _Chat] = {}
        self.relayed: Counter[str] = Counter()

    @property
    def connected(self) -> dict[str, int]:
        """How many pages are connected, by whose they are."""
        return {"agent": len(self._agents), "customer": sum(len(chat.watches) for chat in self._chats.values())}

    @contextmanager
    def watch_desk(self, agent_id: str) -> Iterator[Watch]:
        """As long as it is open, the agent is there; in several tabs as well as in one."""
        watch = Watch()
        self._agents[watch] = agent_id
        self._questions = None  # the page may read one that we have not seen, and that is settled before we look
        try:
            yield watch
        finally:
            del self._agents[watch]
            self.saw(agent_id)

    def saw(self, agent_id: str) -> None:
        """A sign of life of the agent."""
        self._seen.add(agent_id)

    @contextmanager
    def watch_chat(self, conversation_id: str) -> Iterator[Watch]:
        watch = Watch()
        chat = self._chats.setdefault(conversation_id, _Chat())
        chat.watches.add(watch)
        try:
            yield watch
        finally:
            chat.watches.discard(watch)
            self.saw_customer(conversation_id)
            if not chat.watches and self._chats.get(conversation_id) is chat:
                del self._chats[conversation_id]

    def saw_customer(self, conversation_id: str) -> None:
        """A sign of life of the customer."""
        self._visits[conversation_id] = time.monotonic()

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def stir_agents(self) -> None:
        """Something that is not in the log changed for the agents."""
        for watch in self._agents:
            watch.stir()

    def stir_chat(self, conversation_id: str, signal: str | None = None) -> None:
        """The conversation's open web chat pages have something to look at, or a passing signal to show."""
        if chat := self._chats.get(conversation_id):
            chat.stir(signal)

    async def run(self) -> None:
        """Look until cancelled."""
        started = False
        while True:
            try:
                if not started:
                    self._seq, started = await asyncio.to_thread(self._store.last_seq), True
                await self._look()
                await self._beat()
                await self._note_visits()
            except Unreachable as error:
                log.warning("live.store_unreachable", error=str(error))
                await asyncio.sleep(1)
            with suppress(TimeoutError):
                async with timeout(self._interval):  # wait_for may swallow a cancellation
                    await self._woken.wait()
            self._woken.clear()

    async def _beat(self) -> None:
        """Write down who is there."""
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + BEAT
        there, self._seen = self._seen | set(self._agents.values()), set()
        if there:
            await asyncio.to_thread(self._store.seen, there, datetime.now(UTC))

    async def _note_visits(self) -> None:
        """Write down which web chats are open, or were until just now."""
        now = time.monotonic()
        if now < self._noted + VISIT:
            return
        self._noted = now
        self._visits = {id_: at for id_, at in self._visits.items() if at > now - 2 * VISIT}
        if there := {*self._chats, *self._visits}:
            await asyncio.to_thread(self._store.customers_seen, there, datetime.now(UTC))

    async def _look(self) -> None:
        self._round += 1
        now, everybody = time.monotonic(), self._round % QUIET_EVERY == 0
        seen = {id_: chat.seen for id_, chat in self._chats.items() if everybody or chat.busy_until > now}
        entries, newest, questions = await asyncio.to_thread(self._read, self._seq, seen)
        for conversation_id, seq in newest.items():
            if chat := self._chats.get(conversation_id):
                chat.seen = max(chat.seen, seq)
                chat.stir()
        if entries:
            self._announce(entries)
        if questions != self._questions:
            self._questions = questions
            self.stir_agents()

    def _read(self, seq: int, seen: Mapping[str, int]) -> tuple[list[Entry], dict[str, int], list[str]]:
        """The log's new entries, of each chat with new lines the newest line's seq, and the open questions' ids."""
        chats = {id_: self._store.chat(id_, after) for id_, after in seen.items()}
        newest = {id_: lines[-1].seq for id_, lines in chats.items() if lines}
        return self._store.feed(seq), newest, [one.id for one in self._store.open_questions()]

    def _announce(self, entries: list[Entry]) -> None:
        self._seq = entries[-1].seq
        self.relayed.update(e.kind for e in entries if e.kind in ("customer_messaged", "agent_messaged"))
        for conversation_id in {entry.conversation_id for entry in entries}:
            self.stir_chat(conversation_id)
        self.stir_agents()
        self.wake()
