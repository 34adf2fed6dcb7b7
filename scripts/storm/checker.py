"""Reads what a storm left, the log above all, and says what was broken; it knows the rules, not the code.

The log's numbers rise in commit order over all handoffs, so that replaying it shows who held what at every moment.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.routing import Agent
from rasa_handoff.ports import Entry
from rasa_handoff.stores import open_store
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import effects, log
from scripts.storm.timers import Hands, Timers

MOMENT = timedelta(seconds=5)
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
    ring: int = 0

    def __post_init__(self) -> None:
        self.timers = Timers(self.handoff)

    @property
    def hands(self) -> Hands:
        return Hands(self.holder, self.asked, self.closed)

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
    replay.end()
    broken = [*replay.broken, *_left_over(replay, opened), *_loads(replay, store.agents())]
    return Verdict(counts, [*broken, *_timers(url, replay.now)])


class Replay:
    """The log, entry by entry."""

    def __init__(self, handoffs: dict[str, Handoff], places: dict[str, int]) -> None:
        self.broken: list[str] = []
        self.cases: dict[str, Case] = {}
        self.held: Counter[str] = Counter()
        self._handoffs = handoffs
        self._places = places
        self._waiting: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.now = datetime.min.replace(tzinfo=UTC)

    def take(self, entry: Entry) -> None:
        """Every entry must follow from those before it."""
        self.now = max(self.now, entry.at)
        if entry.kind == "started":
            self.cases[entry.handoff_id] = Case(self._handoffs[entry.handoff_id], entry)
        case = self.cases[entry.handoff_id]
        for missed in case.timers.missed(entry.at):
            self._must(False, entry, missed)
        hands, places = case.hands, case.places
        self._leave(case)
        getattr(self, f"_{entry.kind}", self._nothing)(case, entry)
        self._count(entry, places, case.places)
        case.timers.take(entry, hands, case.hands)
        case.since = entry
        if case.waits:
            insort(self._waiting[self._line(case)], self._place(case))

    def end(self) -> None:
        """The log has ended: what should have come by now is missing."""
        for case in self.cases.values():
            for missed in case.timers.missed(self.now):
                self._must(False, case.since, missed)

    def _started(self, case: Case, entry: Entry) -> None:
        pass

    def _widened(self, case: Case, entry: Entry) -> None:
        case.ring = entry.data["ring"]

    def _callback_booked(self, case: Case, entry: Entry) -> None:
        self._must(case.holder is None, entry, "a callback for somebody who has an agent")
        case.asked, case.closed = None, True

    _email_taken = _callback_booked

    def _follow_up_due(self, case: Case, entry: Entry) -> None:
        self._must(case.closed, entry, "a callback came due of a handoff that goes on")

    _follow_up_done = _follow_up_due

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
        line = self._waiting[self._line(case)]
        for _, other_id in line[: bisect_left(line, self._place(case))]:
            other = self.cases[other_id]
            if other.since.at < entry.at - MOMENT and agent_id not in other.passed_by:
                self._must(False, entry, f"offered to {agent_id} before {other_id}, which waited longer")

    def _count(self, entry: Entry, before: list[str], after: list[str]) -> None:
        self.held.subtract(before)
        self.held.update(after)
        self._must(len(after) == len(set(after)), entry, "two places with the same agent")
        for agent_id in after:
            self._must(self.held[agent_id] <= self._places[agent_id], entry, f"{agent_id} has more than they can")

    def _line(self, case: Case) -> str:
        """What the handoff looks for by now."""
        return case.handoff.need.criteria(case.handoff.rules.rings[case.ring]).text

    def _place(self, case: Case) -> tuple[int, str]:
        return (case.handoff.rank, case.handoff.id)

    def _leave(self, case: Case) -> None:
        """Nobody is in a line while it is looked at."""
        line, place = self._waiting[self._line(case)], self._place(case)
        at = bisect_left(line, place)
        if line[at : at + 1] == [place]:
            del line[at]

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


def _timers(url: str, now: datetime) -> Iterator[str]:
    """Each timer that was due before `now` is done, and left at most one trace."""
    database = Database(url)
    fired = (
        select(log.c.key, func.count().label("times")).where(log.c.key.like("timer:%")).group_by(log.c.key)
    ).having(func.count() > 1)
    undone = select(effects).where(effects.c.kind == "Wake", effects.c.state != "done", effects.c.due_at < now)
    with database.read() as connection:
        for row in connection.execute(fired):
            yield f"{row.key} fired {row.times} times"
        for row in connection.execute(undone):
            yield f"the timer {row.body['event']['type']} {row.id} is {row.state}"
    database.close()
