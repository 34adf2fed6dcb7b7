"""What follows from a bot's files: facts that both the changes and the advice look at."""

import json
from collections.abc import Mapping

from rasa_handoff.adding import fragment
from rasa_handoff.adding.bot import Bot
from rasa_handoff.adding.existing import Existing
from rasa_handoff.settings.languages import LANGUAGES

_YES = """
affirm affirmation affirmative yes confirm confirmation agree accept ok ja si oui sim afirmar afirmacion aceptar
bestaetigen zustimmen confermare conferma evet
"""
_NO = """
deny denial no negative negate disagree decline reject nein non nao negar negacion rechazar ablehnen verneinen negare
nega hayir
"""
YES, NO = frozenset(_YES.split()), frozenset(_NO.split())


def has_rules(bot: Bot) -> bool:
    """Whether a RulePolicy is among the bot's policies."""
    policies = bot.config.get("policies") or ()
    return any(isinstance(one, Mapping) and str(one.get("name", "")).endswith("RulePolicy") for one in policies)


def own_fallback(bot: Bot) -> bool:
    """Whether the bot has a fallback action of its own."""
    return fragment.FALLBACK in bot.domain["actions"] or fragment.FALLBACK in bot.action_classes


def spoken(bot: Bot) -> str:
    """The bot's language as ISO 639-1; "en" where nothing is said that we know."""
    language = str(bot.config.get("language") or "en").lower().replace("_", "-").split("-")[0]
    return language if language in LANGUAGES else "en"


def first_settings(bot: Bot, found: Existing) -> list[str]:
    """handoff.yml with what the bot itself tells of it."""
    intents = list(bot.domain["intents"])
    slots = [name for name in bot.domain["slots"] if name != "requested_slot"]
    return fragment.settings_file(
        request_intents=", ".join(map(_quoted, found.intents)),
        yes_intents=", ".join(_quoted(name) for name in intents if name.lower() in YES),
        no_intents=", ".join(_quoted(name) for name in intents if name.lower() in NO),
        language=_quoted(spoken(bot)),
        slots=", ".join(slots[:8]) or "none",
    )


def _quoted(name: str) -> str:
    """As YAML: `no` alone would be a false."""
    plain = name.replace("_", "").isalpha() and name.lower() not in ("no", "yes", "on", "off", "null", "true", "false")
    return name if plain else json.dumps(name, ensure_ascii=False)
