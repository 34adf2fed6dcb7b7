"""A scenario from what the store remembers: who came when with what, how long it took, and who answers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.need import Need
from rasa_handoff.core.routing import Agent
from rasa_handoff.ports import Store
from rasa_handoff.simulation.scenario import HOURS_OF_A_DAY

MOST = 100_000
LENGTHS = 200
"""Of each kind at most as many lengths are written, spread evenly over those that were seen."""


def from_history(store: Store, days: int, now: datetime) -> dict[str, Any]:
    """The tree of a scenario file, from the last `days` days. The hours of its day are in UTC.

    Nobody leaves in it: how long customers would have waited is not known. Errors: SettingsError, without handoffs.
    """
    handoffs = [one for one in store.handoffs(open_only=False, limit=MOST) if one.queued_at >= now - timedelta(days)]
    served = [one for one in handoffs if one.accepted_at is not None and one.closed_at is not None]
    if not served:
        raise SettingsError(f"No handoff of the last {days} days was answered and closed: there is nothing to go by.")
    since = min(one.queued_at for one in handoffs)
    whole_days = max(1.0, (now - since) / timedelta(days=1))
    by_hour = Counter(one.queued_at.hour for one in handoffs)
    return {
        "hours": float(HOURS_OF_A_DAY),
        "arrivals": [round(by_hour[hour] / whole_days, 3) for hour in range(HOURS_OF_A_DAY)],
        "kinds": list(_kinds(served)),
        "teams": [_team(agent) for agent in store.agents()],
    }


def _kinds(served: Iterable[Handoff]) -> Iterable[dict[str, Any]]:
    groups: dict[str, list[Handoff]] = defaultdict(list)
    for one in served:
        groups[_name(one)].append(one)
    for name, group in sorted(groups.items()):
        first = group[0]
        lengths = sorted((one.closed_at - one.accepted_at).total_seconds() for one in group)  # type: ignore[operator]
        yield {
            "name": name,
            "share": len(group),
            "reason": first.reason.value,
            "language": first.need.language,
            "route": {**_wanted(first.need), "priority": first.priority},
            "handle": {"empirical": [round(one, 1) for one in _spread(lengths)]},
        }


def _name(handoff: Handoff) -> str:
    wanted = _wanted(handoff.need)
    skills = " ".join([*wanted.get("skills", ()), *wanted.get("preferred", ())])
    parts = (wanted["department"], skills, handoff.need.language, handoff.reason.value, f"priority {handoff.priority}")
    return ", ".join(part for part in parts if part)


def _wanted(need: Need) -> dict[str, Any]:
    """The need as a route says it."""
    said = {"department": need.department, "skills": dict(need.skills), "preferred": dict(need.preferred)}
    return {name: value for name, value in said.items() if value}


def _team(agent: Agent) -> dict[str, Any]:
    """The agent as a team of one."""
    return {
        "id": agent.id,
        "department": agent.department,
        "skills": dict(agent.skills),
        "languages": sorted(agent.languages),
        "max_chats": agent.max_chats,
        "count": 1,
    }


def _spread(ordered: Sequence[float]) -> Sequence[float]:
    if len(ordered) <= LENGTHS:
        return ordered
    return [ordered[round(n * (len(ordered) - 1) / (LENGTHS - 1))] for n in range(LENGTHS)]
