"""Plays a scenario as often as it says, and finds how many agents its target needs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.settings import Settings
from rasa_handoff.simulation.customers import HOUR, customers
from rasa_handoff.simulation.floor import Assigning, Floor, Visit
from rasa_handoff.simulation.kinds import policy_of
from rasa_handoff.simulation.people import resized, workers
from rasa_handoff.simulation.results import Outcome, outcome
from rasa_handoff.simulation.scenario import Scenario

Passed = Callable[[str, float], None]
"""Told what is being played, and how much of it is: in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Needed:
    """`count` agents in `team` are the fewest that reach the target; `tried` are all that were played, by number."""

    team: str
    count: int
    tried: tuple[tuple[int, float], ...]
    outcome: Outcome


def _quiet(what: str, share: float) -> None:
    pass


def visits(
    scenario: Scenario, settings: Settings, passed: Passed = _quiet, what: str = "", assign: Assigning | None = None
) -> list[list[Visit]]:
    """The customers of each run, with what became of them."""
    people, policy = workers(scenario, settings), policy_of(scenario, settings)
    runs = []
    for number in range(scenario.runs):
        floor = Floor(scenario, policy, people, scenario.seed + number, assign)
        title = f"{what}run {number + 1} of {scenario.runs}"
        runs.append(floor.run(partial(_told, passed, title, scenario.hours * HOUR)))
    return runs


def _told(passed: Passed, title: str, whole: float, at: float) -> None:
    passed(title, at / whole)


def play(
    scenario: Scenario, settings: Settings, passed: Passed = _quiet, what: str = "", assign: Assigning | None = None
) -> Outcome:
    """All runs of a scenario."""
    return outcome(scenario, workers(scenario, settings), visits(scenario, settings, passed, what, assign))


def needed(scenario: Scenario, settings: Settings, team: str, passed: Passed = _quiet) -> Needed:
    """The fewest agents in `team` with which the target is reached, the other teams as they are.

    The same customers come each time. Errors: SettingsError, when there is no such team or none would be enough.
    """
    if team not in [one.id for one in scenario.teams]:
        known = ", ".join(one.id for one in scenario.teams) or "none"
        raise SettingsError(f"There is no team {team!r} in the scenario to find the size of; teams: {known}.")
    found: dict[int, Outcome] = {}

    def reaches(count: int) -> bool:
        if count not in found:
            found[count] = play(resized(scenario, team, count), settings, passed, f"{team}: {count}, ")
        return found[count].whole.within >= scenario.target.share

    # With an agent for each customer, more are of no use.
    most = sum(1 for _ in customers(scenario, scenario.seed)) + 1
    count = _fewest(reaches, max(1, next(one.count for one in scenario.teams if one.id == team)), most)
    if count is None:
        raise SettingsError(
            f"With {max(found):,} agents in {team} the target is still missed. Do they have the skills, languages and"
            " shifts that the customers need?"
        )
    return Needed(team, count, tuple((n, found[n].whole.within) for n in sorted(found)), found[count])


def _fewest(reaches: Callable[[int], bool], guess: int, most: int) -> int | None:
    """The smallest number that reaches it, from 0 on; None when `most` does not. More are taken not to be worse."""
    short, enough = -1, guess
    while not reaches(enough):
        if enough >= most:
            return None
        short, enough = enough, min(most, enough * 2)
    while enough - short > 1:
        middle = (enough + short) // 2
        short, enough = (short, middle) if reaches(middle) else (middle, enough)
    return enough
