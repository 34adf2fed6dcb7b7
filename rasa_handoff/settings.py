"""Every setting, read once: `handoff.yml` (what a designer decides) and the environment (where things are, secrets)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.dataclasses import dataclass as validated
from pydantic_settings import BaseSettings, SettingsConfigDict
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.emergency import HINTS
from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.handoff import Rules
from rasa_handoff.core.offering import DIRECT, IMPLICIT, Offering, Way
from rasa_handoff.core.policy import Policy, Route
from rasa_handoff.core.routing import Agent
from rasa_handoff.core.thresholds import Detection

STRICT = ConfigDict(extra="forbid", strict=True)

# The detector's thresholds as the core knows them, with unknown keys and wrong types refused.
DetectionSettings = validated(Detection, config=ConfigDict(extra="forbid"), frozen=True, slots=True)


class Environment(BaseSettings):
    """Where things are. Each is an environment variable HANDOFF_<NAME>; OPENAI_API_KEY is read as well."""

    model_config = SettingsConfigDict(env_prefix="HANDOFF_", extra="ignore")

    config: Path = Field(Path("handoff.yml"), description="The settings file.")
    database_url: str = Field(
        "sqlite:///handoff.sqlite",
        description="The store: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE.",
    )
    rasa_url: str = Field("http://localhost:5005", description="The Rasa server, started with --enable-api.")
    rasa_token: SecretStr | None = Field(None, description="The --auth-token the Rasa server was started with.")
    secret: SecretStr | None = Field(
        None, description="Signs the desk's cookies; without it sessions end when the desk restarts."
    )
    llm_model: str = Field("gpt-4o-mini", description="The model that writes the summary.")
    llm_base_url: str | None = Field(None, description="Any OpenAI-compatible server; OpenAI's own when not set.")
    llm_api_key: SecretStr | None = Field(
        None, validation_alias="HANDOFF_LLM_API_KEY", description="The model's key. Without key and base URL: no model."
    )
    llm_timeout: float = Field(20.0, gt=0, le=24, description="Seconds the model may take for one summary; at most 24.")
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Used when HANDOFF_LLM_API_KEY is not set."
    )


def load_environment() -> Environment:
    """Errors: SettingsError with the variable that is wrong."""
    try:
        return Environment()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"HANDOFF_{name.upper()}"
        raise SettingsError(f"The environment variable {variable} is wrong: {_said(first)}") from error


def _positive(value: float) -> float:
    if value <= 0:
        raise ValueError("must be more than 0")
    return value


Seconds = Annotated[float, AfterValidator(_positive)]


class QueueSettings(BaseModel):
    """How offers and waiting go."""

    model_config = STRICT

    offer_timeout_seconds: Seconds = Field(20, description="How long an agent has to accept an offer.")
    update_every_seconds: Seconds = Field(60, description="How often a waiting customer is told how it stands.")
    message_limit: int = Field(10_000, gt=0, description="The longest message an agent can send, in characters.")

    def rules(self) -> Rules:
        return Rules(
            offer_timeout=timedelta(seconds=self.offer_timeout_seconds),
            update_every=timedelta(seconds=self.update_every_seconds),
            message_limit=self.message_limit,
        )


def _implicit(value: str) -> str:
    if value in (reason.value for reason in DIRECT):
        raise ValueError("this reason always hands over, without asking")
    if value not in (reason.value for reason in IMPLICIT):
        raise ValueError(f"there is no such reason; known: {', '.join(IMPLICIT)}")
    return value


class OffersSettings(BaseModel):
    """When the customer is asked whether they want a person, instead of being handed over at once.

    Each reason is asked about at most once in an episode. After a no it hands nobody over any more; after an offer that
    was passed over it does, when a message adds to it and its threshold is reached. Requests and topics that go to
    people are never asked about.
    """

    model_config = STRICT

    on: dict[Annotated[str, AfterValidator(_implicit)], Annotated[Way, Field(strict=False)]] = Field(
        {},
        description="By reason (`high_frustration`, `low_confidence`, `max_turns_exceeded`, `complex_issue`): `auto`"
        " asks near the threshold, and from it on when nobody is there or the wait is long, else hands over; `offer`"
        " asks first in any case; `hand_off` never asks; `off` does nothing. `auto` where nothing is said.",
    )
    frustration_margin: float = Field(
        0.1, ge=0, le=1, description="Ask from this far below `detector.frustration_threshold`; 0: not below it."
    )
    misses_margin: int = Field(
        0, ge=0, description="Ask this many misses in a row before `detector.misses_in_a_row`; 0: not before."
    )
    turns_margin: int = Field(0, ge=0, description="Ask this many turns before `detector.max_turns`; 0: not before.")
    long_wait: float = Field(
        3.0, gt=0, description="The wait is long from this many waiting customers for each suitable agent online."
    )
    yes_intents: list[str] = Field(["affirm"], description="The bot's intents that accept an offer, beside the button.")
    no_intents: list[str] = Field(["deny"], description="The bot's intents that decline one, beside the button.")

    def offering(self) -> Offering:
        return Offering(
            on={Reason(reason): way for reason, way in self.on.items()},
            frustration_margin=self.frustration_margin,
            misses_margin=self.misses_margin,
            turns_margin=self.turns_margin,
            long_wait=self.long_wait,
            yes_intents=tuple(self.yes_intents),
            no_intents=tuple(self.no_intents),
        )


class DepartmentSettings(BaseModel):
    """A group of agents that handoffs are routed to."""

    model_config = STRICT

    id: str = Field(min_length=1, description="What routes and agents call it.")
    name: str = Field(min_length=1, description="What people call it.")


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
    queue: QueueSettings = Field(default_factory=QueueSettings, description="How offers and waiting go.")
    departments: list[DepartmentSettings] = Field(
        default_factory=lambda: [DepartmentSettings(id="support", name="Customer support")],
        min_length=1,
        description="Groups of agents. The first is where a handoff goes that no route matches.",
    )
    routing: list[RouteSettings] = Field([], description="Which handoff goes to which department.")
    agents: list[AgentSettings] = Field([], description="Agents known from the start.")
    language: str = Field("en", description="The bot's language, as an ISO 639-1 code.")
    language_slot: str | None = Field(None, description="The bot's slot that holds the customer's language.")
    detail_slots: list[str] = Field([], description="The bot's slots that an agent should see as key details.")
    emergency: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        {},
        description="What `{emergency}` in a response says, by language: whom to call in danger. Numbers of whole"
        " regions where nothing is said; name your country's, and a crisis line.",
    )

    def policy(self) -> Policy:
        """What the core works with."""
        return Policy(
            detection=self.detector,
            rules=self.queue.rules(),
            departments={department.id: department.name for department in self.departments},
            default_department=self.departments[0].id,
            routes=tuple(route.route() for route in self.routing),
            language=self.language,
            language_slot=self.language_slot,
            detail_slots=tuple(self.detail_slots),
            offering=self.offers.offering(),
            emergency={**HINTS, **self.emergency},
        )


Misfit = tuple[tuple[str | int, ...], str]


def _misfits(settings: Settings) -> Iterator[Misfit]:
    """What is wrong between parts of the file: where, and what to say."""
    departments = [department.id for department in settings.departments]
    yield from _repeated("departments", departments)
    yield from _repeated("agents", [agent.id for agent in settings.agents])
    members_of: dict[str, Sequence[RouteSettings | AgentSettings]] = {
        "routing": settings.routing,
        "agents": settings.agents,
    }
    yield from _unknown_topics(settings)
    for part, members in members_of.items():
        for number, member in enumerate(members):
            if member.department not in departments:
                text = f"there is no department {member.department!r}; known: {', '.join(departments)}"
                yield (part, number, "department"), text


def _unknown_topics(settings: Settings) -> Iterator[Misfit]:
    groups = settings.detector.groups  # type: ignore[attr-defined]
    text = f"there is no topic {{!r}}; known: {', '.join(sorted(groups))}"
    for number, route in enumerate(settings.routing):
        for topic in route.topics:
            if topic not in groups:
                yield ("routing", number, "topics"), text.format(topic)
    for topic in settings.detector.topics_off:  # type: ignore[attr-defined]
        if topic not in groups:
            yield ("detector", "topics_off"), text.format(topic)


def _repeated(part: str, ids: Sequence[str]) -> Iterator[Misfit]:
    for number, one in enumerate(ids):
        if one in ids[:number]:
            yield (part, number, "id"), f"{one!r} is there twice; ids must differ"


def load_settings(path: Path) -> Settings:
    """Read and check `path`. Errors: SettingsError with file, line and key of the first thing that is wrong."""
    tree = _parse(path)
    try:
        settings = Settings.model_validate(_plain(tree))
    except ValidationError as error:
        first = error.errors()[0]
        raise _wrong(path, tree, first["loc"], _said(first)) from error
    for location, text in _misfits(settings):
        raise _wrong(path, tree, location, text)
    return settings


def _wrong(path: Path, tree: Any, location: Sequence[str | int], text: str) -> SettingsError:
    place = ".".join(map(str, location)) or "file"
    return SettingsError(f"{path}, line {_line_of(tree, location)}: {place}: {text}")


def _parse(path: Path) -> Any:
    try:
        tree = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file. Write one, or set HANDOFF_CONFIG to yours.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise SettingsError(f"{path}, line {line}: this is not YAML: {error.problem}") from error
    if tree is not None and not isinstance(tree, CommentedMap):
        raise SettingsError(f"{path}, line 1: expected keys such as `detector:` and `agents:` at the top")
    return tree if tree is not None else CommentedMap()


def _plain(node: Any) -> Any:
    """ruamel's round-trip nodes as plain Python values."""
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    for plain in (bool, int, float, str):
        if isinstance(node, plain):
            return plain(node)
    return node


def _line_of(tree: Any, location: Sequence[str | int]) -> int:
    """The line of the innermost part of `location` that is in the file."""
    line = 1
    for part in location:
        try:
            line = (tree.lc.key(part) if isinstance(tree, CommentedMap) else tree.lc.item(part))[0] + 1
            tree = tree[part]
        except (KeyError, IndexError, AttributeError, TypeError):
            break
    return line


def _said(error: Any) -> str:
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return "there is no such setting. Check the spelling; docs/reference/settings.md lists them all"
    found = f" (found {error['input']!r})" if isinstance(error["input"], str | int | float | bool) else ""
    return f"{error['msg'].removeprefix('Value error, ')}{found}"
