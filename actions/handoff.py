"""The plugin's actions, for rasa_sdk to find. Settings and store are checked now, not on a customer's first turn."""

import sys

from rasa_handoff.actions import (
    AskHandoffCallbackTime,
    AskHandoffEmail,
    AskHandoffPhone,
    DefaultFallback,
    HandoffAnswer,
    HandoffAsk,
    HandoffCallback,
    HandoffEmail,
    HandoffGate,
    HandoffInform,
    HandoffInitiate,
    HandoffOffer,
    HandoffOfferDeclined,
    HandoffResume,
    HandoffRoute,
    HandoffStay,
    ValidateHandoffCallbackForm,
    ValidateHandoffEmailForm,
    parts,
)
from rasa_handoff.core.errors import HandoffError

try:
    parts()
except HandoffError as error:
    sys.exit(f"rasa-handoff cannot start: {error}")

__all__ = [
    "AskHandoffCallbackTime",
    "AskHandoffEmail",
    "AskHandoffPhone",
    "DefaultFallback",
    "HandoffAnswer",
    "HandoffAsk",
    "HandoffCallback",
    "HandoffEmail",
    "HandoffGate",
    "HandoffInform",
    "HandoffInitiate",
    "HandoffOffer",
    "HandoffOfferDeclined",
    "HandoffResume",
    "HandoffRoute",
    "HandoffStay",
    "ValidateHandoffCallbackForm",
    "ValidateHandoffEmailForm",
]
