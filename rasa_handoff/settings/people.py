"""The parts of handoff.yml about who takes which handoff."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.policy import Route
from rasa_handoff.core.routing import Agent
from rasa_handoff.settings.hours import HoursSettings
from rasa_handoff.settings.sections import STRICT


class DepartmentSettings(BaseModel):
    """A group of agents that handoffs are routed to."""

    model_config = STRICT

    id: str = Field(min_length=1, description="What routes and agents call it.")
    name: str = Field(min_length=1, description="What people call it.")
    hours: HoursSettings | None = Field(None, description="When it answers; always when not set.")


def _known_reason(value: str) -> str:
    known = [reason.value for reason in Reason]
    if value not in known:
        raise ValueError(f"there is no such reason; known: {', '.join(known)}")
    return value


ReasonName = Annotated[str, AfterValidator(_known_reason)]


class RouteSettings(BaseModel):
    """Sends matching handoffs to a department; the first that matches wins."""

    model_config = STRICT

    department: str = Field(description="Where they go.")
    reasons: list[ReasonName] = Field([], description="Only for these reasons; all when empty.")
    intents: list[str] = Field([], description="Only when the customer's last intent is one of these; all when empty.")
    topics: list[str] = Field([], description="Only when one of these groups of topics came up; all when empty.")
    skills: list[str] = Field([], description="Skills an agent must have.")
    priority: int = Field(0, description="Higher goes first in the queue.")

    def route(self) -> Route:
        return Route(
            department=self.department,
            reasons=frozenset(Reason(reason) for reason in self.reasons),
            intents=frozenset(self.intents),
            topics=frozenset(self.topics),
            skills=frozenset(self.skills),
            priority=self.priority,
        )


class AgentSettings(BaseModel):
    """An agent known from the start. Passwords are set with `rasa-handoff agents add`."""

    model_config = STRICT

    id: str = Field(min_length=1, description="The sign-in.")
    name: str = Field(min_length=1, description="What customers see.")
    department: str = Field(description="A department's id.")
    skills: list[str] = Field([], description="What the agent can do.")
    languages: list[str] = Field(["en"], description="ISO 639-1 codes.")
    max_chats: int = Field(3, ge=1, description="How many handoffs at once.")

    def agent(self) -> Agent:
        return Agent(
            id=self.id,
            name=self.name,
            department=self.department,
            skills=frozenset(self.skills),
            languages=frozenset(self.languages),
            max_chats=self.max_chats,
        )
