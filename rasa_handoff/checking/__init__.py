"""Looks whether everything a handoff needs is there: settings, store, agents, Rasa with its model, action server, desk.

`CHECKS` is the list. Each stands alone: it works while the others fail, and says what is wrong with what mends it.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx

from rasa_handoff.checking import bot, channels, own, servers
from rasa_handoff.checking.findings import Addresses, Check, Finding, Situation, State
from rasa_handoff.core.errors import HandoffError
from rasa_handoff.settings import Environment, Settings, load_settings

__all__ = ["CHECKS", "Addresses", "Finding", "State", "findings"]

TIMEOUT = 5.0

# In the order in which they are worth mending.
CHECKS: tuple[Check, ...] = (
    Check("versions", own.versions),
    Check("settings", own.settings),
    Check("store", own.store),
    Check("agents", own.agents),
    Check("webhooks", own.webhooks),
    Check("mail", own.mail),
    Check("channels", channels.channels),
    Check("language model", own.language_model),
    Check("rasa", bot.rasa),
    Check("action server", servers.action_server),
    Check("desk", servers.desk),
    Check("desk", own.secret),
)


def findings(environment: Environment, addresses: Addresses, models: Path) -> Iterator[Finding]:
    """What all checks find; `models` is the folder of Rasa's. Never raises one of our errors."""
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
        situation = Situation(environment, _settings(environment), addresses, models, http)
        for check in CHECKS:
            yield from check.findings(situation)


def _settings(environment: Environment) -> Settings | None:
    try:
        return load_settings(environment.config)
    except HandoffError:
        return None  # the check of the settings says what is wrong
