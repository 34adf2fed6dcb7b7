"""The parts of handoff.yml about who takes which handoff."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.policy import Route
from rasa_handoff.core.routing import Agent, Role
from rasa_handoff.settings.hours import HoursSettings
from rasa_handoff.settings.languages import LANGUAGES
from rasa_handoff.settings.promise import known_address
from rasa_handoff.settings.sections import STRICT


class DepartmentSettings(BaseModel):
    """A group of agents that handoffs are routed to."""

    model_config = STRICT

    id: str = Field(min_length=1, description="What routes and agents call it.")
    name: str = Field(min_length=1, description="What people call it.")
    email: Annotated[str, AfterValidator(known_address)] | None = Field(
        None, description="Where the team reads what customers ask by e-mail."
    )
    hours: HoursSettings | None = Field(None, description="When it answers; always when not set.")
    fallback: list[str] = Field([], description="Departments that help out in the rings that say so, best first.")


def _known_reason(value: str) -> str:
    known = [reason.value for reason in Reason]
    if value not in known:
        raise ValueError(f"there is no such reason; known: {', '.join(known)}")
    return value


ReasonName = Annotated[str, AfterValidator(_known_reason)]


def _levels(value: object) -> object:
    """A list of skills is short for all of them at level 1."""
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return dict.fromkeys(value, 1)
    return value


Skills = Annotated[dict[str, Annotated[int, Field(ge=1)]], BeforeValidator(_levels)]


def _known_language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError("there is no such language; write a code of ISO 639-1, such as en or pt")
    return value


Language = Annotated[str, AfterValidator(_known_language)]


class RouteSettings(BaseModel):
    """Sends matching handoffs to a department; the first that matches wins."""

    model_config = STRICT

    department: str = Field(description="Where they go.")
    reasons: list[ReasonName] = Field([], description="Only for these reasons; all when empty.")
    intents: list[str] = Field([], description="Only when the customer's last intent is one of these; all when empty.")
    topics: list[str] = Field([], description="Only when one of these groups of topics came up; all when empty.")
    skills: Skills = Field(
        {}, description="Skills an agent must have: `[refunds]`, or with the least level, `{refunds: 2}`."
    )
    preferred: Skills = Field({}, description="Skills an agent had better have; `queue.rings` says for how long.")
    priority: int = Field(
        0, ge=-1000, le=1000, description="Higher goes first in the queue; `queue.ageing` says how much earlier."
    )

    def route(self) -> Route:
        return Route(
            department=self.department,
            reasons=frozenset(Reason(reason) for reason in self.reasons),
            intents=frozenset(self.intents),
            topics=frozenset(self.topics),
            skills=self.skills,
            preferred=self.preferred,
            priority=self.priority,
        )


class AgentSettings(BaseModel):
    """An agent known from the start. Passwords are set with `rasa-handoff agents add`."""

    model_config = STRICT

    id: str = Field(min_length=1, description="The sign-in.")
    name: str = Field(min_length=1, description="What customers see.")
    department: str = Field(description="A department's id.")
    skills: Skills = Field(
        {}, description="What the agent can do: `[refunds]`, or with levels, `{refunds: 3, billing: 1}`."
    )
    languages: list[Language] = Field(["en"], min_length=1, description="ISO 639-1 codes.")
    max_chats: int = Field(3, ge=1, le=1000, description="How many handoffs at once.")
    role: Annotated[Role, Field(strict=False)] = Field(
        Role.AGENT,
        description="`agent`, or `supervisor`, who sees everybody's conversations, is told of waits that are too long,"
        " and may pass on anybody's conversation.",
    )

    email: Annotated[str, AfterValidator(known_address)] | None = Field(
        None, description="By which takeover channels such as Slack know them."
    )

    def agent(self) -> Agent:
        return Agent(
            id=self.id,
            name=self.name,
            department=self.department,
            skills=self.skills,
            languages=frozenset(self.languages),
            max_chats=self.max_chats,
            role=self.role,
            email=self.email,
        )
