"""The whole of handoff.yml, and what must be right between its parts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from rasa_handoff.core.announcement import TRACKER, Listener
from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.emergency import HINTS
from rasa_handoff.core.frustration import SIGNALS
from rasa_handoff.core.package import Shows
from rasa_handoff.core.policy import Policy
from rasa_handoff.settings.channels import channels_of, takeover
from rasa_handoff.settings.channels import misfits_of as misfits_of_channels
from rasa_handoff.settings.hours import Zone
from rasa_handoff.settings.knowledge import KnowledgeSettings
from rasa_handoff.settings.model import ModelSettings
from rasa_handoff.settings.outside import WebhookSettings
from rasa_handoff.settings.people import AgentSettings, DepartmentSettings, Language, RouteSettings
from rasa_handoff.settings.promise import PromiseSettings
from rasa_handoff.settings.questions import QuestionsSettings
from rasa_handoff.settings.quick import QuickActionSettings, misfits_of
from rasa_handoff.settings.retention import RetentionSettings
from rasa_handoff.settings.sections import (
    STRICT,
    DeskSettings,
    DetectionSettings,
    LeavingSettings,
    OffersSettings,
    PresenceSettings,
    QueueSettings,
)


class Mode(StrEnum):
    """What the gate does with the detector's decisions."""

    LIVE = "live"
    SHADOW = "shadow"


class Settings(BaseModel):
    """The whole of handoff.yml."""

    model_config = STRICT

    mode: Annotated[Mode, Field(strict=False)] = Field(
        Mode.LIVE,
        description="`live`, or `shadow`: the detector's decisions are logged and not acted on; open handoffs go on.",
    )
    detector: DetectionSettings = Field(  # type: ignore[valid-type]
        default_factory=DetectionSettings, description="When a human must take over."
    )
    offers: OffersSettings = Field(
        default_factory=OffersSettings, description="When the customer is asked before a human takes over."
    )
    presence: PresenceSettings = Field(
        default_factory=PresenceSettings, description="How agents who vanish are noticed."
    )
    desk: DeskSettings = Field(default_factory=DeskSettings, description="What agents see.")
    leaving: LeavingSettings = Field(
        default_factory=LeavingSettings, description="When a waiting customer counts as gone."
    )
    queue: QueueSettings = Field(default_factory=QueueSettings, description="How offers and waiting go.")
    model: ModelSettings = Field(
        default_factory=ModelSettings, description="What the language model may read, and bounds on asking it."
    )
    promise: PromiseSettings = Field(
        default_factory=PromiseSettings, description="What is offered to customers who would wait too long."
    )
    departments: list[DepartmentSettings] = Field(
        default_factory=lambda: [DepartmentSettings(id="support", name="Customer support")],
        min_length=1,
        description="Groups of agents. The first is where a handoff goes that no route matches.",
    )
    routing: list[RouteSettings] = Field([], description="Which handoff goes to which department.")
    agents: list[AgentSettings] = Field([], description="Agents known from the start.")
    time_zone: Zone = Field(
        "UTC", description="The clock by which customers are told times, where a department has no hours of its own."
    )
    questions: QuestionsSettings = Field(
        default_factory=QuestionsSettings, description="The bot's questions to agents, without a handoff."
    )
    knowledge: KnowledgeSettings = Field(
        default_factory=KnowledgeSettings, description="The articles that agents answer from."
    )
    quick_actions: list[QuickActionSettings] = Field([], description="What agents can have done with one press.")
    retention: RetentionSettings = Field(
        default_factory=RetentionSettings, description="How long conversations with people are kept."
    )
    webhooks: list[WebhookSettings] = Field([], description="Who is told of handoffs.")
    channels: list[dict[str, Any]] = Field(
        [],
        description="Where people answer beside the desk; each `type` has keys of its own. The first that fits counts.",
    )
    tracker_events: bool = Field(
        True,
        description="Whether handoff events go into the tracker (slot `handoff_event`), and so to Rasa's event broker.",
    )
    language: Language = Field("en", description="The bot's language, as an ISO 639-1 code.")
    language_slot: str | None = Field(None, description="The bot's slot that holds the customer's language.")
    detail_slots: list[str] = Field([], description="The bot's slots that an agent should see as key details.")
    detail_entities: list[str] | None = Field(
        None, description="The bot's entities that an agent should see as key details; all when not set."
    )
    phone_region: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = Field(
        None,
        description="The country (ISO 3166-1) of phone numbers that customers write without a country code; without it"
        " only those with one are checked.",
    )
    emergency: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        {},
        description="What `{emergency}` in a response says, by language: whom to call in danger. Numbers of whole"
        " regions where nothing is said; name your country's, and a crisis line.",
    )

    def _entities(self) -> frozenset[str] | None:
        return None if self.detail_entities is None else frozenset(self.detail_entities)

    def spoken(self) -> frozenset[str]:
        """The bot's language and those of its agents."""
        return frozenset({self.language, *(language for agent in self.agents for language in agent.languages)})

    def policy(self) -> Policy:
        """What the core works with."""
        return Policy(
            detection=self.detector,
            rules=replace(
                self.leaving.rules(self.queue.rules()),
                listeners=tuple(self._listeners()),
                takeovers=tuple(takeover(*one) for one in channels_of(self.channels)),
            ),
            departments={department.id: department.name for department in self.departments},
            default_department=self.departments[0].id,
            zone=self.time_zone,
            hours={one.id: one.hours.hours() for one in self.departments if one.hours},
            grace=timedelta(seconds=self.presence.grace_seconds),
            fallbacks={department.id: tuple(department.fallback) for department in self.departments},
            routes=tuple(route.route() for route in self.routing),
            language=self.language,
            language_slot=self.language_slot,
            shows=Shows(tuple(self.detail_slots), self._entities()),
            offering=self.offers.offering(),
            promise=self.promise.promise(self.phone_region),
            emergency={**HINTS, **self.emergency},
            visibility=self.desk.visibility,
        )

    def _listeners(self) -> Iterator[Listener]:
        if self.tracker_events:
            yield Listener(TRACKER)
        for webhook in self.webhooks:
            yield webhook.listener()


Misfit = tuple[tuple[str | int, ...], str]


def misfits(settings: Settings) -> Iterator[Misfit]:
    """What is wrong between parts of the file: where, and what to say."""
    departments = [department.id for department in settings.departments]
    yield from _repeated("departments", departments)
    yield from misfits_of_channels(settings.channels, departments)
    yield from _repeated("channels", [str(one.get("id")) for one in settings.channels])
    yield from _repeated("webhooks", [webhook.id for webhook in settings.webhooks])
    yield from _repeated("quick_actions", [action.id for action in settings.quick_actions])
    yield from misfits_of(settings.quick_actions, settings.detail_slots)
    yield from _repeated("agents", [agent.id for agent in settings.agents])
    members_of: dict[str, Sequence[RouteSettings | AgentSettings]] = {
        "routing": settings.routing,
        "agents": settings.agents,
    }
    yield from _unknown_names(settings)
    for part, members in members_of.items():
        for number, member in enumerate(members):
            if member.department not in departments:
                yield (part, number, "department"), _no_department(member.department, departments)
    for number, department in enumerate(settings.departments):
        for place, other in enumerate(department.fallback):
            if other == department.id:
                yield ("departments", number, "fallback", place), "a department cannot help itself out; name another"
            elif other not in departments:
                yield ("departments", number, "fallback", place), _no_department(other, departments)


def _no_department(name: str, known: Sequence[str]) -> str:
    return f"there is no department {name!r}; known: {', '.join(known)}"


def _unknown_names(settings: Settings) -> Iterator[Misfit]:
    groups = settings.detector.groups  # type: ignore[attr-defined]
    text = f"there is no topic {{!r}}; known: {', '.join(sorted(groups))}"
    for number, route in enumerate(settings.routing):
        for topic in route.topics:
            if topic not in groups:
                yield ("routing", number, "topics"), text.format(topic)
    for topic in settings.detector.topics_off:  # type: ignore[attr-defined]
        if topic not in groups:
            yield ("detector", "topics_off"), text.format(topic)
    for signal in settings.detector.frustration_off:  # type: ignore[attr-defined]
        if signal not in SIGNALS:
            known = ", ".join(SIGNALS)
            yield ("detector", "frustration_off"), f"there is no signal {signal!r}; known: {known}"


def _repeated(part: str, ids: Sequence[str]) -> Iterator[Misfit]:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            yield (part, number, "id"), f"{one!r} is there twice; ids must differ"
