"""Who is offered what: the queue's order, the best agent, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.effects import Wake
from rasa_handoff.core.handoff import Handoff, OfferExpired, Rules, Status, Widened
from rasa_handoff.core.matching import team_order
from rasa_handoff.core.need import RINGS, Criteria, Need, Profile, Ring, suits
from rasa_handoff.core.package import Summary
from rasa_handoff.core.planning import Match, plan
from rasa_handoff.core.routing import Agent, Presence, queue_order
from rasa_handoff.core.step import start, step

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Floor:
    """The candidates as plain lists; counts what a plan reads."""

    handoffs: list[Handoff]
    agents: list[Agent]
    read: int = 0

    def wanted(self, limit: int) -> list[Criteria]:
        return list(dict.fromkeys(one.criteria for one in self.handoffs if one.criteria))

    def free(self, limit: int) -> list[Profile]:
        return list(dict.fromkeys(agent.profile for agent in self.agents if agent.has_room))

    def line(self, criteria: Criteria) -> Iterator[Handoff]:
        for one in sorted((h for h in self.handoffs if h.criteria == criteria), key=queue_order):
            self.read += 1
            yield one

    def team(self, profile: Profile) -> Iterator[Agent]:
        for one in sorted((a for a in self.agents if a.has_room and a.profile == profile), key=team_order):
            self.read += 1
            yield one

    def agent(self, agent_id: str) -> Agent | None:
        return next((one for one in self.agents if one.id == agent_id and one.has_room), None)

    def has_more(self, criteria: Criteria, passed_by: frozenset[str]) -> bool:
        others = [one for one in self.agents if one.available and one.id not in passed_by]
        return any(suits(one.profile, criteria) for one in others)


def handoff(id: str = "h", need: Need | None = None, after: float = 0, **changes: object) -> Handoff:
    at = NOW + timedelta(seconds=after)
    new = Handoff(id, f"c-{id}", "rest", Reason.CUSTOMER_REQUESTED, need or Need("support"), Rules(), at, Summary(()))
    return replace(new, **changes)


def agent(id: str, **changes: object) -> Agent:
    return replace(Agent(id, id.title(), "support", presence=Presence.ONLINE), **changes)


def offers(floor: Floor, limit: int = 64) -> list[tuple[str, str]]:
    return [(match.handoff.id, match.event.agent_id) for match in plan(floor, NOW, limit)]


def only(floor: Floor) -> Match:
    (match,) = plan(floor, NOW, 1)
    return match


def test_higher_priority_goes_first_and_waiting_makes_up_for_it() -> None:
    old, urgent, young = handoff("old"), handoff("urgent", after=299, priority=5), handoff("young", after=1)
    assert sorted([young, urgent, old], key=queue_order) == [urgent, old, young]
    later = handoff("later", after=301, priority=5)
    assert sorted([later, old], key=queue_order) == [old, later]


def test_without_ageing_no_wait_makes_up_for_a_priority() -> None:
    strict = Rules(ageing=0)
    old, urgent = handoff("old", rules=strict), handoff("urgent", after=86_400 * 30, priority=1, rules=strict)
    assert sorted([old, urgent], key=queue_order) == [urgent, old]


@given(
    st.integers(-1000, 1000),
    st.integers(-1000, 1000),
    st.floats(0.001, 1000),
    st.floats(0, 10_000_000),
)
def test_nobody_starves(mine: int, theirs: int, ageing: float, ahead: float) -> None:
    """Whoever comes later than a bound that is known when I come, never overtakes me."""
    rules = Rules(ageing=ageing)
    bound = max(0, theirs - mine) / ageing * 60
    me = handoff("me", priority=mine, rules=rules)
    other = handoff("other", after=bound + ahead + 1, priority=theirs, rules=rules)
    assert queue_order(me) < queue_order(other)


def test_least_loaded_then_longest_idle_then_by_id() -> None:
    idle = [NOW - timedelta(seconds=s) for s in (10, 90)]
    team = [
        agent("full", active_chats=3),
        agent("half", max_chats=4, active_chats=2),
        agent("b", idle_since=idle[0]),
        agent("a", idle_since=idle[0]),
        agent("z", idle_since=idle[1]),
    ]
    queue = [handoff(str(n)) for n in range(4)]
    assert [agent_id for _, agent_id in offers(Floor(queue, team))] == ["z", "a", "b", "z"]


def test_preferred_skills_come_before_who_served_before_and_that_before_load() -> None:
    need = Need("support", skills={"refunds": 1}, preferred={"fraud": 2})
    widened = handoff(need=need, ring=1, served_by="known")
    expert = agent("expert", skills={"refunds": 1, "fraud": 2}, active_chats=2)
    known = agent("known", skills={"refunds": 1}, active_chats=1)
    free = agent("free", skills={"refunds": 3})
    for team, best in (([free, known, expert], "expert"), ([free, known], "known"), ([free], "free")):
        assert only(Floor([widened], team)).event.agent_id == best


def test_a_skill_below_its_level_a_language_or_another_department_rule_an_agent_out() -> None:
    one = handoff(need=Need("support", "pt", {"refunds": 2}))
    wrong = [
        agent("low", languages=frozenset({"pt"}), skills={"refunds": 1}),
        agent("english", skills={"refunds": 3}),
        agent("sales", department="sales", languages=frozenset({"pt"}), skills={"refunds": 3}),
    ]
    assert offers(Floor([one], wrong)) == []


def test_a_busy_agent_gets_no_offers() -> None:
    assert offers(Floor([handoff()], [agent("ana", presence=Presence.BUSY)])) == []


def test_the_first_in_the_queue_whom_somebody_suits_goes_first() -> None:
    portuguese, english = handoff("pt", Need("support", "pt")), handoff("en", after=1)
    both = agent("both", languages=frozenset({"en", "pt"}), max_chats=1)
    assert offers(Floor([english, portuguese], [both])) == [("pt", "both")]
    assert offers(Floor([english, portuguese], [agent("only english")])) == [("en", "only english")]


def test_the_search_widens_ring_by_ring_and_each_widening_is_a_timer() -> None:
    need = Need("support", preferred={"fraud": 1}, fallback=("sales",))
    begun = start(handoff(need=need), NOW, with_model=False)
    timers = [effect for effect in begun.effects if isinstance(effect, Wake) and isinstance(effect.event, Widened)]
    assert timers == [Wake(NOW + timedelta(seconds=20), Widened(1))]
    helper, plain = agent("helper", department="sales"), agent("plain")
    assert offers(Floor([begun.handoff], [helper, plain])) == []
    wider = step(begun.handoff, Widened(1), NOW)
    assert wider.effects[-1] == Wake(NOW + timedelta(seconds=60), Widened(2))
    assert offers(Floor([wider.handoff], [helper])) == []
    assert offers(Floor([wider.handoff], [helper, plain])) == [("h", "plain")]
    widest = step(wider.handoff, Widened(2), NOW)
    assert offers(Floor([widest.handoff], [helper])) == [("h", "helper")]
    assert offers(Floor([widest.handoff], [helper, plain])) == [("h", "plain")]


def test_rings_that_look_for_nobody_else_need_no_timer() -> None:
    begun = start(handoff(), NOW, with_model=False)
    assert not [e for e in begun.effects if isinstance(e, Wake) and isinstance(e.event, Widened)]


def test_a_ring_may_let_the_language_go() -> None:
    rings = (*RINGS, Ring(timedelta(seconds=90), any_language=True))
    last = handoff(need=Need("support", "pt"), rules=Rules(rings=rings), ring=3)
    match = only(Floor([last], [agent("ana")]))
    assert "any language will do by now" in match.event.why


def test_why_this_agent_is_said_criterion_by_criterion() -> None:
    need = Need("support", "pt", {"refunds": 2}, {"fraud": 1})
    chosen = agent(
        "ana",
        languages=frozenset({"en", "pt"}),
        skills={"refunds": 3, "fraud": 1},
        active_chats=1,
        idle_since=NOW - timedelta(minutes=4),
    )
    assert only(Floor([handoff(need=need, served_by="ana")], [chosen])).event.why == (
        "works in support",
        "speaks pt",
        "refunds at level 3, 2 needed",
        "fraud at level 1, preferred",
        "served this customer last",
        "1 of 3 places taken",
        "idle for 4 min",
    )


def test_who_let_it_pass_is_asked_again_when_everybody_online_has_and_after_a_pause() -> None:
    passed = handoff(passed_by=frozenset({"ana", "ben"}), passed_at=NOW)
    team = [agent("ana"), agent("ben")]
    assert offers(Floor([passed], team)) == []
    rested = replace(passed, passed_at=NOW - timedelta(seconds=10))
    match = only(Floor([rested], team))
    assert match.event.again
    after = step(rested, match.event, NOW)
    assert after.handoff.passed_by == frozenset()
    assert after.effects[0] == Wake(NOW + timedelta(seconds=20), OfferExpired(1))
    assert offers(Floor([rested], [*team, agent("busy", active_chats=3)])) == []


def test_those_who_all_let_it_pass_hold_up_nobody_behind_them() -> None:
    stuck = [handoff(f"stuck {n:03}", passed_by=frozenset({"ana"}), passed_at=NOW) for n in range(100)]
    assert offers(Floor([*stuck, handoff("behind", after=9)], [agent("ana")])) == [("behind", "ana")]


def test_a_plan_reads_no_more_than_it_takes() -> None:
    floor = Floor([handoff(f"{n:05}", after=n) for n in range(5_000)], [agent(f"{n:05}") for n in range(5_000)])
    assert len(offers(floor, limit=10)) == 10
    assert floor.read < 40


AGENTS = st.builds(
    lambda n, department, languages, skills, places, load: agent(
        f"a{n}",
        department=department,
        languages=frozenset(languages),
        skills=skills,
        max_chats=places,
        active_chats=min(load, places),
    ),
    st.integers(0, 9),
    st.sampled_from(["support", "sales"]),
    st.sets(st.sampled_from(["en", "pt"]), min_size=1),
    st.dictionaries(st.sampled_from(["x", "y"]), st.integers(1, 3)),
    st.integers(1, 3),
    st.integers(0, 3),
)
HANDOFFS = st.builds(
    lambda n, department, language, skills, priority, ring, passed: handoff(
        f"h{n:02}", Need(department, language, skills, {"y": 2}, ("sales",)), after=n, priority=priority, ring=ring,
        passed_by=frozenset(passed), passed_at=NOW - timedelta(hours=1),
    ),
    st.integers(0, 30), st.sampled_from(["support", "sales"]), st.sampled_from(["en", "pt"]),
    st.dictionaries(st.sampled_from(["x", "y"]), st.integers(1, 3)), st.integers(0, 3), st.integers(0, 2),
    st.sets(st.sampled_from([f"a{n}" for n in range(10)])),
)  # fmt: skip


@given(st.lists(HANDOFFS, unique_by=lambda h: h.id), st.lists(AGENTS, unique_by=lambda a: a.id))
def test_a_plan_is_what_looking_at_everybody_one_after_the_other_comes_to(
    queue: list[Handoff], team: list[Agent]
) -> None:
    """The same offers as the plain way: in queue order, each to the best of all agents who suit and have room."""
    assert offers(Floor(queue, team), limit=100) == list(_plainly(queue, {one.id: one for one in team}))


def _plainly(queue: list[Handoff], team: dict[str, Agent]) -> Iterator[tuple[str, str]]:
    everybody = list(team.values())
    for one in sorted(queue, key=queue_order):
        assert one.criteria is not None
        assert one.status is Status.WAITING
        fitting = [a for a in team.values() if a.has_room and suits(a.profile, one.criteria)]
        fresh = [a for a in fitting if a.id not in one.passed_by]
        others = [a for a in everybody if suits(a.profile, one.criteria) and a.id not in one.passed_by]
        best = min(fresh if others else fitting, key=lambda a: _plain_key(a, one), default=None)
        if best is not None:
            team[best.id] = replace(best, active_chats=best.active_chats + 1)
            yield one.id, best.id


def _plain_key(a: Agent, one: Handoff) -> tuple[object, ...]:
    need = one.need
    preferred = sum(a.skills.get(name, 0) >= level for name, level in need.preferred.items())
    level = sum(a.skills.get(name, 0) for name in {*need.skills, *need.preferred})
    return (a.department != need.department, -preferred, a.load, -level, a.id)
