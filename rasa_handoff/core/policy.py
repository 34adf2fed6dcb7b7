"""What a team decided about handoffs: what triggers one, whom it goes to, the rules it lives by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from rasa_handoff.core.conversation import Conversation
from rasa_handoff.core.decision import HandOff, Reason
from rasa_handoff.core.emergency import HINTS, hint
from rasa_handoff.core.handoff import Rules
from rasa_handoff.core.hours import Hours
from rasa_handoff.core.need import Levels, Need
from rasa_handoff.core.offering import Offering
from rasa_handoff.core.package import Shows
from rasa_handoff.core.promise import Promise
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.core.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Route:
    """Handoffs that match go to `department`; the first route wins. An empty set matches everything."""

    department: str
    reasons: frozenset[Reason] = frozenset()
    intents: frozenset[str] = frozenset()
    skills: Levels = field(default_factory=dict)
    preferred: Levels = field(default_factory=dict)
    priority: int = 0
    topics: frozenset[str] = frozenset()

    def matches(self, decision: HandOff, intent: str | None) -> bool:
        return (
            (not self.reasons or decision.reason in self.reasons)
            and (not self.intents or intent in self.intents)
            and (not self.topics or any(evidence.topic in self.topics for evidence in decision.evidence))
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """`departments` maps ids to names, `hours` those that close to when they answer. Times are told by the clock of
    `zone` where a department has none of its own. `language_slot` is the bot's slot that holds the customer's language.

    `grace` is how long an agent's desk may be silent. `fallbacks` are the departments that may help
    another one out, best first. `emergency` says by language whom to call in danger.
    """

    detection: Detection = field(default_factory=Detection)
    rules: Rules = field(default_factory=Rules)
    grace: timedelta = timedelta(seconds=60)
    departments: Mapping[str, str] = field(default_factory=lambda: {"support": "Customer support"})
    default_department: str = "support"
    hours: Mapping[str, Hours] = field(default_factory=dict)
    zone: str = "UTC"
    fallbacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    language: str = "en"
    language_slot: str | None = None
    shows: Shows = field(default_factory=Shows)
    offering: Offering = field(default_factory=Offering)
    emergency: Mapping[str, str] = field(default_factory=lambda: HINTS)
    promise: Promise = field(default_factory=Promise)
    visibility: Visibility = Visibility.DEPARTMENT

    def emergency_hint(self, conversation: Conversation) -> str:
        """Whom to call in danger, in the conversation's language."""
        return hint(self.emergency, self.slotted(conversation.slots) or self.language, self.language)

    def zone_of(self, department: str) -> str:
        """The department's clock."""
        return self.hours[department].zone if department in self.hours else self.zone

    def route(self, decision: HandOff, conversation: Conversation, written: str | None = None) -> tuple[Need, int]:
        """Whom this handoff needs, and its priority (higher is sooner).

        `written` is the language of the customer's messages; the bot's slot comes before it.
        """
        intent = self._matter(conversation)
        language = self.slotted(conversation.slots) or written or self.language
        default = Route(self.default_department)
        route = next((route for route in self.routes if route.matches(decision, intent)), default)
        fallback = self.fallbacks.get(route.department, ())
        return Need(route.department, language, route.skills, route.preferred, fallback), route.priority

    def _matter(self, conversation: Conversation) -> str | None:
        """What the customer came for: the episode's newest intent that is neither a miss nor the request itself."""
        no_matter = {*self.detection.request_intents, *self.detection.miss_intents}
        named = [turn.intent for turn in conversation.turns if turn.intent and turn.intent not in no_matter]
        return named[-1] if named else None

    def slotted(self, slots: Mapping[str, Any]) -> str | None:
        """The language in the bot's slot."""
        value = slots.get(self.language_slot) if self.language_slot else None
        return value if isinstance(value, str) and value else None
