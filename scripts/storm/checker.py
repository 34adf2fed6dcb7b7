"""Reads what a storm left, the log above all, and says what was broken; it knows the rules, not the code.

The log's numbers rise in commit order over all handoffs, so that replaying it shows who held what at every moment.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import create_engine, text

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.routing import Agent
from rasa_handoff.ports import Entry
from rasa_handoff.stores import open_store
from rasa_handoff.stores.sql.database import parse

MOMENT = timedelta(seconds=2)
"""Something happened to a handoff so lately that the router may have seen it otherwise."""


@dataclass
class Case:
    """A handoff as the log tells it: who has it, who is asked, and who let it pass."""

    handoff: Handoff
    since: Entry
    holder: str | None = None
    asked: str | None = None
    closed: bool = False
    offers: int = 0
    passed_by: set[str] = field(default_factory=set)

    @property
    def places(self) -> list[str]:
        return [agent_id for agent_id in (self.holder, self.asked) if agent_id]

    @property
    def waits(self) -> bool:
        return not (self.holder or self.asked or self.closed)


@dataclass(frozen=True)
class Verdict:
    """What was counted, and what was broken (nothing, that is)."""

    counts: Counter[str]
    broken: list[str]


def check(url: str, opened: int) -> Verdict:
    """Replay the whole log of the store at `url`, in which `opened` handoffs were begun."""
    store = open_store(url)
    handoffs = {h.id: h for h in store.handoffs(open_only=False, limit=10_000_000)}
    places = {agent.id: agent.max_chats for agent in store.agents()}
    replay = Replay(handoffs, places)
    counts: Counter[str] = Counter()
    last = 0
    while entries := store.feed(last, 5_000):
        for entry in entries:
            counts[entry.kind] += 1
            replay.take(entry)
        last = entries[-1].seq
    broken = [*replay.broken, *_left_over(replay, opened), *_loads(replay, store.agents()), *_timers(url)]
    return Verdict(counts, broken)


class Replay:
    """The log, entry by entry."""

    def __init__(self, handoffs: dict[str, Handoff], places: dict[str, int]) -> None:
        self.broken: list[str] = []
        self.cases: dict[str, Case] = {}
        self.held: Counter[str] = Counter()
        self._handoffs = handoffs
        self._places = places
        self._waiting: dict[str, set[str]] = defaultdict(set)

    def take(self, entry: Entry) -> None:
        """Every entry must follow from those before it."""
        if entry.kind == "started":
            case = Case(self._handoffs[entry.handoff_id], entry)
            self.cases[entry.handoff_id] = case
            self._waiting[self._line(case)].add(entry.handoff_id)
            return
        case = self.cases[entry.handoff_id]
        before = case.places
        getattr(self, f"_{entry.kind}", self._nothing)(case, entry)
        self._count(entry, before, case.places)
        case.since = entry
        line = self._waiting[self._line(case)]
        (line.add if case.waits else line.discard)(entry.handoff_id)

    def _offered(self, case: Case, entry: Entry) -> None:
        agent_id = entry.data["agent_id"]
        self._must(case.asked is None and not case.closed, entry, f"offered while {case.asked} was asked")
        self._must(agent_id != case.holder, entry, "offered to whoever has it")
        if case.holder is None:
            self._in_turn(case, entry, agent_id)
        case.passed_by = set() if entry.data["again"] else case.passed_by
        case.asked, case.offers = agent_id, case.offers + 1

    def _accepted(self, case: Case, entry: Entry) -> None:
        agent_id = entry.data["agent_id"]
        if case.holder == agent_id and case.asked is None:
            return
        picked = case.waits  # from the queue, without an offer
        self._must(picked or case.asked == agent_id, entry, f"accepted by {agent_id} while {case.asked} was asked")
        case.holder, case.asked, case.passed_by = agent_id, None, set()

    def _declined(self, case: Case, entry: Entry) -> None:
        self._must(case.asked == entry.data["agent_id"], entry, "declined by somebody who was not asked")
        self._pass(case)

    def _offer_expired(self, case: Case, entry: Entry) -> None:
        self._must(case.asked is not None, entry, "an offer ran out that nobody had")
        self._must(entry.data["offer"] == case.offers, entry, "an earlier offer ran out late")
        self._pass(case)

    def _agent_lost(self, case: Case, entry: Entry) -> None:
        if case.asked == entry.data["agent_id"]:
            self._pass(case)
        elif case.holder == entry.data["agent_id"]:
            case.holder, case.passed_by = None, {entry.data["agent_id"]}

    def _transferred(self, case: Case, entry: Entry) -> None:
        by, to = entry.data["by"], entry.data["agent_id"]
        self._must(case.holder == by and case.asked is None, entry, "passed on by somebody who did not have it")
        case.passed_by = {by}
        case.holder = by if entry.data["warm"] else None
        case.asked = to
        case.offers += to is not None

    def _transfer_cancelled(self, case: Case, entry: Entry) -> None:
        case.asked, case.passed_by = None, set()

    def _handed_back(self, case: Case, entry: Entry) -> None:
        self._must(case.holder == entry.data["agent_id"], entry, "handed back by somebody who did not have it")
        case.holder, case.asked, case.closed = None, None, True

    def _nothing(self, case: Case, entry: Entry) -> None:
        self._must(not case.closed, entry, f"{entry.kind} after the end")

    def _pass(self, case: Case) -> None:
        case.passed_by = case.passed_by | {case.asked or ""}
        case.asked = None

    def _in_turn(self, case: Case, entry: Entry, agent_id: str) -> None:
        """First come, first served among those who look for the same: nobody ahead was left out without a reason."""
        for other_id in self._waiting[self._line(case)]:
            other = self.cases[other_id]
            ahead = (other.handoff.rank, other_id) < (case.handoff.rank, case.handoff.id)
            settled = other.since.at < entry.at - MOMENT
            if ahead and settled and agent_id not in other.passed_by:
                self._must(False, entry, f"offered to {agent_id} before {other_id}, which waited longer")

    def _count(self, entry: Entry, before: list[str], after: list[str]) -> None:
        self.held.subtract(before)
        self.held.update(after)
        self._must(len(after) == len(set(after)), entry, "two places with the same agent")
        for agent_id in after:
            self._must(self.held[agent_id] <= self._places[agent_id], entry, f"{agent_id} has more than they can")

    def _line(self, case: Case) -> str:
        return str(sorted(case.handoff.need.skills))

    def _must(self, holds: bool, entry: Entry, what: str) -> None:
        if not holds:
            self.broken.append(f"seq {entry.seq}, handoff {entry.handoff_id}: {what}")


def _left_over(replay: Replay, opened: int) -> Iterator[str]:
    if len(replay.cases) != opened:
        yield f"{opened} were opened, {len(replay.cases)} are in the log"
    for handoff_id, case in replay.cases.items():
        if not case.closed:
            yield f"handoff {handoff_id} is stuck: {case.handoff.status}, with {case.places or 'nobody'}"


def _loads(replay: Replay, agents: list[Agent]) -> Iterator[str]:
    for agent in agents:
        if agent.active_chats != replay.held[agent.id]:
            yield f"{agent.id} is counted {agent.active_chats} conversations and holds {replay.held[agent.id]}"


def _timers(url: str) -> Iterator[str]:
    """Each timer that was due is done, and left at most one trace."""
    engine = create_engine(parse(url))
    fired = text("SELECT key, count(*) FROM log WHERE key LIKE 'timer:%' GROUP BY key HAVING count(*) > 1")
    undone = text(
        "SELECT id, state FROM effects "
        "WHERE kind = 'Wake' AND state <> 'done' AND CAST(body AS text) LIKE '%OfferExpired%'"
    )
    with engine.connect() as connection:
        for key, count in connection.execute(fired):
            yield f"{key} fired {count} times"
        for effect_id, state in connection.execute(undone):
            yield f"the timer {effect_id} is {state}"
    engine.dispose()
