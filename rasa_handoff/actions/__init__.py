"""The Rasa actions: they read the tracker, ask the service, and answer with slots and responses. No words of their own.

Every word a customer reads is a response (`utter_handoff_*`) in the bot's domain. None of them calls the Rasa server:
a turn holds the conversation's lock.
"""

from rasa_handoff.actions.alternatives import (
    AskHandoffCallbackTime,
    AskHandoffEmail,
    AskHandoffPhone,
    HandoffCallback,
    HandoffEmail,
    HandoffStay,
    ValidateHandoffCallbackForm,
    ValidateHandoffEmailForm,
)
from rasa_handoff.actions.gate import HandoffGate
from rasa_handoff.actions.offer import HandoffOffer, HandoffOfferDeclined
from rasa_handoff.actions.process import parts
from rasa_handoff.actions.question import HandoffAnswer, HandoffAsk
from rasa_handoff.actions.takeover import HandoffInform, HandoffInitiate, HandoffResume, HandoffRoute

__all__ = [
    "AskHandoffCallbackTime",
    "AskHandoffEmail",
    "AskHandoffPhone",
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
    "parts",
]
