"""Our routing against the naive one, on the same customers: the share answered within 60 seconds, and the mean wait;
and how often the P90 held that is announced to who has to wait.

The naive router is the usual one: first come, first served; whoever is online, below capacity and has the skills and
the language, the least loaded first. It knows no priorities and no rings, nor who has just let something pass; a skill
that is preferred is needed there, or left out ("ranked" below). Where both only choose another order, theory gives them
the same mean wait: `NOISE` is what chance leaves between them.
"""

import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

from benchmarks.report import Row
from rasa_handoff.core.handoff import Handoff, Offered
from rasa_handoff.core.need import Criteria, suits
from rasa_handoff.core.routing import Agent
from rasa_handoff.core.step import step
from rasa_handoff.settings import Settings
from rasa_handoff.simulation.playing import play
from rasa_handoff.simulation.results import Numbers
from rasa_handoff.simulation.scenario import Scenario
from rasa_handoff.simulation.store import SimulatedStore

HANDLE = {"lognormal": {"median": 240, "p90": 800}}
SKILLS = ("orders", "refunds", "delivery", "account")


def kind(name: str, share: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"name": name, "share": share, "handle": HANDLE, **more}


def needs(priority: int = 0, **skills: list[str]) -> dict[str, Any]:
    return {"department": "support", "priority": priority, **skills}


def team(id: str, count: int, skills: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"id": id, "department": "support", "count": count, "skills": list(skills), "max_chats": 2, **more}


BY_SKILL = [kind(skill, share, route=needs(skills=[skill])) for skill, share in zip(SKILLS, (4, 3, 2, 1), strict=True)]
PREFERRED = [kind(skill, route=needs(preferred=[skill])) for skill in SKILLS]
SCENARIOS: dict[str, dict[str, Any]] = {
    "one skill": {"arrivals": [130], "kinds": [kind("any")], "teams": [team("all", 8)]},
    "specialists and generalists": {
        "arrivals": [130],
        "kinds": BY_SKILL,
        "teams": [*(team(skill, 1, (skill,)) for skill in SKILLS), team("general", 5, SKILLS)],
    },
    "two skills each": {
        "arrivals": [110],
        "kinds": BY_SKILL,
        "teams": [team(f"{a}-{b}", 2, (a, b)) for a, b in zip(SKILLS, (*SKILLS[1:], SKILLS[0]), strict=True)],
    },
    "languages": {
        "arrivals": [120],
        "kinds": [kind("English", 7), kind("German", 2, language="de"), kind("Polish", 1, language="pl")],
        "teams": [
            team("en", 4),
            team("en-de", 2, languages=["en", "de"]),
            team("all", 2, languages=["en", "de", "pl"]),
        ],
    },
    "preferred skills": {
        "arrivals": [110],
        "kinds": PREFERRED,
        "teams": [team(skill, 2, (skill,)) for skill in SKILLS],
    },
    "preferred skills, ranked": {
        "arrivals": [110],
        "kinds": PREFERRED,
        "teams": [team(skill, 2, (skill,)) for skill in SKILLS],
        "settings": {"queue": {"rings": [{"preferred": False}]}},
    },
    "priorities": {
        "arrivals": [120],
        "kinds": [kind("usual", 9), kind("urgent", 1, route=needs(priority=10))],
        "teams": [team("all", 8)],
    },
    "declines and silence": {
        "arrivals": [95],
        "kinds": [kind("any")],
        "teams": [team("all", 8)],
        "answering": {"after": {"exponential": 5}, "declines": 0.1, "misses": 0.1},
    },
    "a day with a peak": {
        "arrivals": [5] * 8 + [60, 120, 150, 130, 90, 110, 130, 100, 60, 40] + [10] * 6,
        "kinds": [
            kind(one["name"], one["share"], route=one["route"], patience={"exponential": 600}) for one in BY_SKILL
        ],
        "teams": [
            team("night", 2, SKILLS),
            team("day", 6, SKILLS, shifts=["08:00-18:00"]),
            team("orders", 2, ("orders",)),
        ],
        "answering": {"after": {"exponential": 5}, "declines": 0.02, "misses": 0.02},
    },
}
HOURS, RUNS = 24.0, 3
NOISE = 0.01


def measure() -> list[Row]:
    rows: list[Row] = []
    promised = kept = 0.0
    for name, tree in SCENARIOS.items():
        scenario = Scenario.model_validate({"hours": HOURS, "warm_up": 1.0, "runs": RUNS, **tree})
        settings = scenario.settings or Settings()
        ours, theirs = play(scenario, settings), play(scenario, settings, assign=naive)
        rows += [*compared(name, ours.whole, theirs.whole), Row(name, (ours.kept or 0.0) * 100, "% of P90 kept")]
        promised, kept = promised + ours.promised, kept + ours.promised * (ours.kept or 0.0)
    coverage = round(kept / promised, 4)
    return [
        *rows,
        Row("announced P90 kept", coverage, "", ">=", 0.85),
        Row("announced P90 kept", coverage, "", "<=", 0.95),
    ]


def compared(name: str, ours: Numbers, theirs: Numbers) -> list[Row]:
    least, most = theirs.within * (1 - NOISE), (theirs.mean_wait or 0.0) * (1 + NOISE)
    return [
        Row(f"{name} · naive", theirs.within * 100, "% in time"),
        Row(name, ours.within * 100, "% in time", ">=", round(least * 100, 2)),
        Row(f"{name} · naive", theirs.mean_wait or 0.0, "s mean"),
        Row(name, ours.mean_wait or 0.0, "s mean", "<=", round(most, 2)),
    ]


def naive(store: SimulatedStore, now: datetime) -> None:
    """Offer what waits, in the order in which it came."""
    agents = {agent.id: agent for agent in store.agents()}
    for handoff in sorted(store.waiting(limit=sys.maxsize), key=lambda one: one.queued_at):
        agent = least_loaded(agents, handoff)
        if agent is not None:
            event = Offered(agent.id, agent.name)
            store.commit(handoff, step(handoff, event, now), event, now)
            agents[agent.id] = replace(agent, active_chats=agent.active_chats + 1)


def least_loaded(agents: dict[str, Agent], handoff: Handoff) -> Agent | None:
    need = handoff.need
    holds = handoff.rules.rings[0].preferred
    wanted = Criteria(
        (need.department,), need.language, tuple({**need.skills, **(need.preferred if holds else {})}.items())
    )
    able = (agent for agent in agents.values() if agent.has_room and suits(agent.profile, wanted))
    return min(able, key=lambda agent: (agent.active_chats, agent.id), default=None)
