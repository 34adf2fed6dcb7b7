"""Every setting, read once: `handoff.yml` (what a designer decides) and the environment (where things are, secrets)."""

from rasa_handoff.settings.environment import Environment, load_environment
from rasa_handoff.settings.file import load_settings
from rasa_handoff.settings.hours import HoursSettings
from rasa_handoff.settings.knowledge import KnowledgeSettings
from rasa_handoff.settings.model import ModelSettings, PriceSettings
from rasa_handoff.settings.outside import WebhookSettings
from rasa_handoff.settings.people import AgentSettings, DepartmentSettings, RouteSettings
from rasa_handoff.settings.promise import ConfirmationSettings, PromiseSettings
from rasa_handoff.settings.questions import QuestionsSettings, Unanswered
from rasa_handoff.settings.quick import CallSettings, QuickActionSettings, RunSettings
from rasa_handoff.settings.retention import RetentionSettings
from rasa_handoff.settings.sections import (
    DeskSettings,
    DetectionSettings,
    LeavingSettings,
    OffersSettings,
    PresenceSettings,
    QueueSettings,
    RingSettings,
)
from rasa_handoff.settings.whole import Mode, Settings

__all__ = [
    "AgentSettings",
    "CallSettings",
    "ConfirmationSettings",
    "DepartmentSettings",
    "DeskSettings",
    "DetectionSettings",
    "Environment",
    "HoursSettings",
    "KnowledgeSettings",
    "LeavingSettings",
    "Mode",
    "ModelSettings",
    "OffersSettings",
    "PresenceSettings",
    "PriceSettings",
    "PromiseSettings",
    "QuestionsSettings",
    "QueueSettings",
    "QuickActionSettings",
    "RetentionSettings",
    "RingSettings",
    "RouteSettings",
    "RunSettings",
    "Settings",
    "Unanswered",
    "WebhookSettings",
    "load_environment",
    "load_settings",
]
