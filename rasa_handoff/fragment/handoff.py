"""The plugin's actions: rasa_sdk finds what is imported. Settings and store are checked now, not on a first turn."""

import sys

import rasa_handoff.actions.fallback  # noqa: F401 (action_default_fallback, for a bot that has none of its own)
from rasa_handoff.actions import parts
from rasa_handoff.core.errors import HandoffError

try:
    parts()
except HandoffError as error:
    sys.exit(f"rasa-handoff cannot start: {error}")
