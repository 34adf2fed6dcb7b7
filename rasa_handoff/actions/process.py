"""This process's parts: what every action works with."""

from functools import cache

from rasa_handoff.settings import load_environment
from rasa_handoff.wiring import Parts, build


@cache
def parts() -> Parts:
    """This process's parts, made at first use. Errors: SettingsError, Unreachable."""
    made = build(load_environment())
    if len(made.settings.spoken()) > 1:
        made.languages.load_soon()
    return made
