"""One worker of the storm: customers, agents and a courier in a process, on a store that others use too.

`python -m scripts.storm.worker URL SEED FIRST COUNT AGENTS NUMBER OF` opens handoffs FIRST .. FIRST + COUNT - 1 (those
that are not there yet), and goes on answering for its share of the agents (worker NUMBER of so many) and doing effects
until it is killed, or its standard input is closed. When it is, its agents have vanished.
"""

import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.effects import Assign, Wake, WatchAgent
from rasa_handoff.core.errors import HandoffError, Unreachable
from rasa_handoff.core.handoff import Accepted, Declined, HandedBack, Handoff, Outcome, Rules, Status, Transferred
from rasa_handoff.core.need import Ring
from rasa_handoff.core.policy import Policy, Route
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.ports import Pending, Store
from rasa_handoff.service import Service
from rasa_handoff.stores import open_store

RULES = Rules(
    offer_timeout=timedelta(seconds=4),
    update_every=timedelta(seconds=15),
    check_every=timedelta(seconds=15),
    rings=(Ring(preferred=True), Ring(timedelta(seconds=3))),
    ask_again=timedelta(seconds=0.3),
    transfer_timeout=timedelta(seconds=4),
)
SEEN_EVERY = 1.0
"""Seconds between signs of life, as the desk writes them down. Whoever vanishes is away for `AWAY`."""
AWAY = 16.0
WAITING = 100
"""Customers who wait at once. In a queue that only grew, all work would be telling them that they wait."""
OPENED = 4
"""Customers who come in one turn of a worker: about as many as its agents, all of them busy, hand back in one."""
CLAIMED = 64
"""Effects claimed in one turn, of which each customer makes about a dozen."""
SKILLS = ("orders", "refunds", "delivery")
INTENTS = ("any", *SKILLS)
POLICY = Policy(
    rules=RULES,
    grace=timedelta(seconds=12),
    routes=(
        Route("support", intents=frozenset({"orders"}), skills={"orders": 1}),
        Route("support", intents=frozenset({"refunds"}), skills={"refunds": 1}, priority=1),
        Route("support", intents=frozenset({"delivery"}), skills={"delivery": 1}, preferred={"orders": 1}, priority=2),
    ),
)


def team(count: int) -> list[Agent]:
    """The storm's agents: everybody has a skill or two, and one to four places."""
    return [
        Agent(f"a{n:03}", f"Agent {n}", "support", {SKILLS[n % 3]: 1, SKILLS[n % 2]: 1}, max_chats=1 + n % 4)
        for n in range(count)
    ]


class Worker:
    """Does a little of everything, in turns."""

    def __init__(self, store: Store, seed: int, agents: list[Agent]) -> None:
        self._store = store
        self.service = Service(store, POLICY, lambda text: 0.0)
        self._random = Random(seed)
        self._agents = agents
        self._vanished: dict[str, float] = {}
        self._name = f"worker {seed}"
        self._seen_again_at = 0.0

    def may_open(self) -> bool:
        return self._store.ahead("support") < WAITING

    def open(self, number: int) -> None:
        """A customer who asks for a person."""
        intent = INTENTS[number % len(INTENTS)]
        turn = Turn(f"m{number}", "human please", datetime.now(UTC), intent=intent, confidence=0.9)
        decision = HandOff(Reason.CUSTOMER_REQUESTED, (Evidence("phrase", "human", None, 1, "Customer said: human"),))
        if self._store.newest(f"c{number}") is None:
            self.service.initiate(Conversation(f"c{number}", "rest", (turn,)), (), decision)

    def work(self) -> None:
        """Agents show that they are there and look at their desks; some effects are done."""
        now = time.monotonic()
        there = [agent for agent in self._agents if self._vanished.get(agent.id, 0) < now]
        if now >= self._seen_again_at:
            self._store.seen([agent.id for agent in there], datetime.now(UTC))
            self._seen_again_at = now + SEEN_EVERY
        for agent in there:
            with suppress(HandoffError):
                self._act(agent)
        claimed = self._store.claim(datetime.now(UTC), self._name, 5.0, CLAIMED)
        asking = [pending for pending in claimed if isinstance(pending.effect, Assign)]
        for pending in claimed:
            if pending not in asking:
                self._do([pending])
        if asking:
            self._do(asking)  # one run does for all who asked, as it does with a courier's threads

    def _act(self, agent: Agent) -> None:
        chance = self._random.random()
        if chance < 0.003:
            return self.service.set_presence(agent.id, Presence.OFFLINE)
        if chance < 0.006 and self._enough_are_there():
            self._vanished[agent.id] = time.monotonic() + AWAY
            return None
        held = self._store.handoffs(agent_id=agent.id)
        for handoff in held:
            with suppress(HandoffError):
                self._answer(agent, handoff)
        if not held and chance < 0.5 and self._store.agent(agent.id).presence is not Presence.ONLINE:
            self.service.set_presence(agent.id, Presence.ONLINE)
        return None

    def _enough_are_there(self) -> bool:
        """At most half are away: on a fast machine all would be, and the storm would be a calm."""
        now = time.monotonic()
        return 2 * sum(until > now for until in self._vanished.values()) < len(self._agents)

    def _answer(self, agent: Agent, handoff: Handoff) -> None:
        chance = self._random.random()
        if handoff.offered_to == agent.id:
            if Random(f"{handoff.id} {handoff.offers}").random() < 0.1:
                return  # does not see this one, however often they look
            answer = Accepted(agent.id, agent.name) if chance < 0.8 else Declined(agent.id)
            self.service.receive(handoff.id, answer)
        elif handoff.status is Status.ACTIVE and handoff.agent_id == agent.id:
            if chance < 0.08:
                self.service.receive(handoff.id, HandedBack(agent.id, Outcome.RESOLVED))
            elif chance < 0.1:
                self._pass_on(agent, handoff)

    def _pass_on(self, agent: Agent, handoff: Handoff) -> None:
        colleague = self._random.choice(self._agents)
        event = Transferred(agent.id, "support", warm=self._random.random() < 0.7)
        if self._random.random() < 0.5 and colleague.id != agent.id:
            event = replace(event, agent_id=colleague.id, agent_name=colleague.name)
        self.service.receive(handoff.id, event)

    def _do(self, alike: list[Pending]) -> None:
        again_at = None
        try:
            again_at = self._what_follows(alike[0])
        except HandoffError as error:
            again_at = datetime.now(UTC) + timedelta(seconds=0.2)
            print(f"{self._name}: {error}", file=sys.stderr, flush=True)
        for pending in alike:
            if again_at is not None:
                self._store.retry(pending.id, self._name, again_at, "")
            else:
                self._store.done(pending.id, self._name)

    def _what_follows(self, pending: Pending) -> datetime | None:
        """When to look again, where the effect asks for that."""
        match pending.effect:
            case Assign():
                self.service.assign()
            case Wake() as timer:
                self.service.receive(pending.handoff_id, timer.event, f"timer:{pending.id}")
            case WatchAgent() as watch:
                return self.service.look_after(watch)
            case _:
                pass  # nobody is told anything here
        return None


def main(url: str, seed: int, first: int, count: int, agents: int, number: int, of: int) -> None:
    """Run until standard input is closed."""
    worker = Worker(_opened(url), seed, team(agents)[number::of])
    stopped = threading.Event()
    threading.Thread(target=_until_closed, args=(stopped,), daemon=True).start()
    following = first
    while not stopped.is_set():
        try:
            upto = min(first + count, following + OPENED) if worker.may_open() else following
            while following < upto:
                worker.open(following)
                following += 1
            worker.work()
        except HandoffError as error:  # the database restarts, say
            print(f"worker {seed}: {error}", file=sys.stderr, flush=True)
            time.sleep(0.2)


def _opened(url: str) -> Store:
    """The store, as soon as it can be had: the database may be restarting."""
    while True:
        try:
            return open_store(url)
        except Unreachable:
            time.sleep(0.2)


def _until_closed(stopped: threading.Event) -> None:
    sys.stdin.read()
    stopped.set()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
