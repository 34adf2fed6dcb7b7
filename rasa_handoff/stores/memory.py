"""The store in memory, for tests and for trying things out. One lock; everything is lost with the process."""

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, TypeVar

from rasa_handoff.core.effects import AskBot, ExpireQuestion, RelayAnswer, Step
from rasa_handoff.core.errors import Conflict, Duplicate, NotFound
from rasa_handoff.core.handoff import Event, Handoff, Status
from rasa_handoff.core.need import Profile
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.questions import Question, QuestionState
from rasa_handoff.core.routing import Agent, Presence, queue_order
from rasa_handoff.core.step import step
from rasa_handoff.core.waits import Served
from rasa_handoff.ports import GRACE, ChatLine, Choose, Entry, Staff
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import encode, kind_of
from rasa_handoff.stores.memory_candidates import HeldCandidates
from rasa_handoff.stores.memory_effects import MemoryEffects, Waiting
from rasa_handoff.stores.memory_records import MemoryRecords

Numbered = TypeVar("Numbered", Entry, ChatLine)


class MemoryStore(MemoryEffects, MemoryRecords):
    """A `Store` without a database."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._handoffs: dict[str, Handoff] = {}
        self._packages: dict[str, ContextPackage] = {}
        self._log: list[Entry] = []
        self._last_seq = 0
        self._keys: set[tuple[str, str | None]] = set()
        self._effects: dict[str, Waiting] = {}
        self._agents: dict[str, Agent] = {}
        self._passwords: dict[str, str] = {}
        self._questions: dict[str, Question] = {}
        self._chat: list[ChatLine] = []
        self._last_line = 0
        self._visits: dict[str, datetime] = {}
        self._served: dict[str, tuple[str, Served]] = {}
        self._places: dict[tuple[str, str], str] = {}
        self._told: set[str] = set()

    def customers_seen(self, conversation_ids: Collection[str], now: datetime) -> None:
        with self._lock:
            open_ = {h.conversation_id for h in self._handoffs.values() if h.is_open}
            self._visits.update(dict.fromkeys(open_.intersection(conversation_ids), now))

    def customer_seen(self, conversation_id: str) -> datetime | None:
        with self._lock:
            return self._visits.get(conversation_id)

    def listen(self, notify: Callable[[], object]) -> AbstractContextManager[None]:
        return nullcontext()

    def open(self, step: Step, package: ContextPackage, now: datetime) -> Handoff:
        new = step.handoff
        with self._lock:
            latest = self.newest(new.conversation_id)
            if latest is not None and latest.is_open:
                return latest
            self._handoffs[new.id] = new
            self._packages[new.id] = package
            self._record(new, "started", None, now, rules.started(new, package))
            self._add(step.effects, now, new.id, new.conversation_id, new.epoch)
            return new

    def commit(self, before: Handoff, step: Step, event: Event, now: datetime, key: str | None = None) -> Handoff:
        after = replace(step.handoff, version=before.version + 1)
        with self._lock:
            if key is not None and (before.id, key) in self._keys:
                raise Duplicate(f"The handoff {before.id} has this event already: {key}.")
            stored = self._handoffs.get(before.id)
            if stored is None or stored.version != before.version:
                raise Conflict(f"The handoff {before.id} was changed by somebody else.")
            self._move_load(rules.move(before, after, event), now)
            self._handoffs[after.id] = after
            if took := rules.served(before, after):
                self._served[after.id] = (after.need.department, took)
            self._places |= {(one.channel, one.key): after.id for one in rules.new_places(before, after)}
            self._record(after, kind_of(event), key, now, encode(event))
            self._add(step.effects, now, after.id, after.conversation_id, after.epoch)
            return after

    def get(self, handoff_id: str) -> Handoff:
        with self._lock:
            if handoff_id not in self._handoffs:
                raise NotFound(f"There is no handoff {handoff_id}.")
            return self._handoffs[handoff_id]

    def recorded(self, handoff_id: str, key: str) -> bool:
        with self._lock:
            return (handoff_id, key) in self._keys

    def newest(self, conversation_id: str) -> Handoff | None:
        with self._lock:
            newest_first = reversed(self._handoffs.values())
            return next((h for h in newest_first if h.conversation_id == conversation_id), None)

    def package(self, handoff_id: str) -> ContextPackage:
        with self._lock:
            if handoff_id not in self._packages:
                raise NotFound(f"There is no handoff {handoff_id}.")
            return self._packages[handoff_id]

    def handoffs(
        self,
        *,
        open_only: bool = True,
        agent_id: str | None = None,
        departments: Collection[str] | None = None,
        limit: int = 200,
    ) -> list[Handoff]:
        with self._lock:
            newest_first = [h for h in reversed(self._handoffs.values()) if _is_of(h, agent_id, departments)]
        found = sorted((h for h in newest_first if h.is_open), key=queue_order)
        if not open_only:
            found += [h for h in newest_first if not h.is_open]
        return found[:limit]

    def match(self, choose: Choose, now: datetime) -> int:
        with self._lock:
            chosen = choose(HeldCandidates(self._handoffs.values(), self._agents))
            for match in chosen:
                self.commit(match.handoff, step(match.handoff, match.event, now), match.event, now)
            return len(chosen)

    def waiting(self, departments: Collection[str] | None = None, limit: int = 200) -> list[Handoff]:
        with self._lock:
            waiting = [h for h in self._handoffs.values() if h.status is Status.WAITING]
        mine = [h for h in waiting if departments is None or h.need.department in departments]
        return sorted(mine, key=queue_order)[:limit]

    def ahead(self, department: str, place: tuple[int, str] | None = None) -> int:
        return sum(1 for h in self.waiting([department], sys.maxsize) if place is None or queue_order(h) < place)

    def earlier(self, handoff: Handoff, limit: int = 5) -> list[Handoff]:
        with self._lock:
            ids = list(self._handoffs)
            before = ids[: ids.index(handoff.id)] if handoff.id in self._handoffs else []
            older = (self._handoffs[one] for one in reversed(before))
            whose = (handoff.customer_id, handoff.conversation_id)
            return [h for h in older if h.customer_id == whose[0] or h.conversation_id == whose[1]][:limit]

    def last_agent(self, customer_id: str) -> str | None:
        with self._lock:
            newest_first = reversed(self._handoffs.values())
            served = (h for h in newest_first if h.customer_id == customer_id and h.accepted_at and h.agent_id)
            return next((h.agent_id for h in served), None)

    def follow_ups(
        self, *, owed_only: bool = True, departments: Collection[str] | None = None, limit: int = 200
    ) -> list[Handoff]:
        with self._lock:
            theirs = [one for one in self._handoffs.values() if _is_of(one, None, departments)]
        found = sorted((one for one in theirs if one.follow_up), key=_due)
        owed = [one for one in found if one.follow_up and one.follow_up.is_owed]
        over = [] if owed_only else [one for one in reversed(found) if one not in owed]
        return (owed + over)[:limit]

    def served(self, department: str, limit: int = 200) -> list[Served]:
        with self._lock:
            return [took for whose, took in reversed(self._served.values()) if whose == department][:limit]

    def log(self, handoff_id: str, after: int = 0) -> list[Entry]:
        with self._lock:
            return [entry for entry in _after(self._log, after) if entry.handoff_id == handoff_id]

    def feed(self, after: int, limit: int = 500) -> list[Entry]:
        with self._lock:
            return _after(self._log, after)[:limit]

    def last_seq(self) -> int:
        with self._lock:
            return self._last_seq

    def agents(self) -> list[Agent]:
        with self._lock:
            return sorted(self._agents.values(), key=lambda agent: agent.id)

    def agent(self, agent_id: str) -> Agent:
        with self._lock:
            if agent_id not in self._agents:
                raise NotFound(f"There is no agent {agent_id}.")
            return self._agents[agent_id]

    def agent_by_email(self, email: str) -> Agent | None:
        return next((one for one in self.agents() if one.email and one.email.lower() == email.lower()), None)

    def add_agent(self, agent: Agent, password_hash: str | None = None) -> bool:
        with self._lock:
            old = self._agents.get(agent.id)
            if old is not None:
                agent = _updated(old, agent)
            self._agents[agent.id] = agent
            if password_hash is not None:
                self._passwords[agent.id] = password_hash
            return old is None

    def password_hash(self, agent_id: str) -> str | None:
        with self._lock:
            return self._passwords.get(agent_id)

    def staff(self) -> list[Staff]:
        groups: dict[Profile, list[Agent]] = defaultdict(list)
        for agent in self.agents():
            if agent.available:
                groups[agent.profile].append(agent)
        free = {profile: sum(a.max_chats - a.active_chats for a in group) for profile, group in groups.items()}
        places = {profile: sum(agent.max_chats for agent in group) for profile, group in groups.items()}
        return [Staff(profile, len(group), free[profile], places[profile]) for profile, group in groups.items()]

    def colleagues(self, limit: int = 50) -> list[Agent]:
        there = [agent for agent in self.agents() if agent.presence in (Presence.ONLINE, Presence.BUSY)]
        return sorted(there, key=lambda agent: (agent.load, agent.id))[:limit]

    def set_presence(self, agent_id: str, presence: Presence, now: datetime, grace: timedelta = GRACE) -> None:
        with self._lock:
            before = self.agent(agent_id)
            self._agents[agent_id] = after = rules.present(before, presence, now)
            self._add(rules.on_presence(before, after, now, grace), now, "", "", 0)

    def seen(self, agent_ids: Collection[str], now: datetime) -> None:
        with self._lock:
            for agent_id in set(agent_ids) & self._agents.keys():
                self._agents[agent_id] = replace(self._agents[agent_id], seen_at=now)

    def reachable(self, agent_id: str, until: datetime) -> None:
        with self._lock:
            self._agents[agent_id] = replace(self.agent(agent_id), reachable_until=until)

    def ask(self, question: Question, now: datetime) -> Question:
        with self._lock:
            newest = self.newest_question(question.conversation_id)
            if newest is not None and newest.state is QuestionState.OPEN:
                return newest
            self._questions[question.id] = question
            timer = ExpireQuestion(question.id, question.expires_at)
            self._add([timer], now, "", question.conversation_id, 0)
            return question

    def settle(self, question: Question, now: datetime) -> bool:
        with self._lock:
            if self.question(question.id).state is not QuestionState.OPEN:
                return False
            self._questions[question.id] = question
            self._add([RelayAnswer(question.id)], now, "", question.conversation_id, 0)
            return True

    def question(self, question_id: str) -> Question:
        with self._lock:
            if question_id not in self._questions:
                raise NotFound(f"There is no question {question_id}.")
            return self._questions[question_id]

    def newest_question(self, conversation_id: str) -> Question | None:
        with self._lock:
            newest_first = reversed(self._questions.values())
            return next((one for one in newest_first if one.conversation_id == conversation_id), None)

    def open_questions(self) -> list[Question]:
        with self._lock:
            return [one for one in self._questions.values() if one.state is QuestionState.OPEN]

    def add_chat(self, line: ChatLine, ask: AskBot | None = None) -> bool:
        with self._lock:
            if any(known.id == line.id for known in self.chat(line.conversation_id)):
                return False
            self._last_line += 1
            self._chat.append(replace(line, seq=self._last_line))
            self._add([] if ask is None else [ask], line.at, "", line.conversation_id, 0)
            return True

    def chat(self, conversation_id: str, after: int = 0) -> list[ChatLine]:
        with self._lock:
            return [line for line in _after(self._chat, after) if line.conversation_id == conversation_id]

    def _record(self, handoff: Handoff, kind: str, key: str | None, now: datetime, data: dict[str, Any]) -> None:
        self._last_seq += 1
        self._log.append(Entry(self._last_seq, handoff.id, handoff.conversation_id, kind, key, now, data))
        self._keys.add((handoff.id, key))

    def _move_load(self, move: rules.Move, now: datetime) -> None:
        for agent_id in move.taken:
            taken = self._agents.get(agent_id)
            if taken is None or taken.presence not in move.presences or taken.active_chats >= taken.max_chats:
                raise rules.no_place(agent_id)
        for agent_id in move.taken:
            self._agents[agent_id] = replace(
                self._agents[agent_id], active_chats=self._agents[agent_id].active_chats + 1
            )
        for agent_id in move.freed & self._agents.keys():
            freed = self._agents[agent_id]
            self._agents[agent_id] = replace(freed, active_chats=max(0, freed.active_chats - 1), idle_since=now)


def _after(numbered: list[Numbered], seq: int) -> list[Numbered]:
    return numbered[bisect_right(numbered, seq, key=lambda one: one.seq) :]


def _is_of(handoff: Handoff, agent_id: str | None, departments: Collection[str] | None) -> bool:
    if agent_id is None and departments is None:
        return True
    if departments is not None and handoff.need.department in departments:
        return True
    return agent_id is not None and (agent_id == handoff.agent_id or agent_id in handoff.holders)


def _due(handoff: Handoff) -> datetime:
    assert handoff.follow_up is not None
    return handoff.follow_up.due_at


def _updated(old: Agent, new: Agent) -> Agent:
    if old.active_chats > new.max_chats:
        raise rules.too_few_places(new, old.active_chats)
    return replace(old, **{name: getattr(new, name) for name in rules.DESCRIBED})
