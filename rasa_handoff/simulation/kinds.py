"""The settings under which a scenario is played: the bot's own, or the scenario's, with routes for its kinds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.policy import Policy, Route
from rasa_handoff.settings import RouteSettings, Settings
from rasa_handoff.simulation.scenario import Kind, Scenario

LANGUAGE_SLOT = "simulated_language"


def policy_of(scenario: Scenario, settings: Settings) -> Policy:
    """The policy as the service has it. Kinds with a route of their own come first; nobody listens to events."""
    policy = settings.policy()
    own = (_own_route(kind, kind.route) for kind in scenario.kinds if kind.route)
    rules = replace(policy.rules, listeners=())
    return replace(policy, routes=(*own, *policy.routes), rules=rules, language_slot=LANGUAGE_SLOT)


def topic_of(kind: Kind) -> str | None:
    """The intent that stands for the kind in the routing: one of its own when it has a route of its own."""
    return f"kind:{kind.name}" if kind.route else kind.intent


def _own_route(kind: Kind, route: RouteSettings) -> Route:
    everything: frozenset[Any] = frozenset()
    return replace(route.route(), intents=frozenset({f"kind:{kind.name}"}), reasons=everything, topics=everything)


def check(scenario: Scenario, settings: Settings, source: Path) -> None:
    """Errors: SettingsError, when the scenario names departments or asks for agents that the settings do not have."""
    known = {department.id for department in settings.departments}
    routes = [kind.route.department for kind in scenario.kinds if kind.route]
    for named in (*routes, *(team.department for team in scenario.teams)):
        if named not in known:
            raise SettingsError(f"{source}: there is no department {named!r}; known: {', '.join(sorted(known))}")
    if not scenario.teams and not settings.agents:
        raise SettingsError(f"{source}: there is nobody to answer. Give it teams, or handoff.yml agents.")
