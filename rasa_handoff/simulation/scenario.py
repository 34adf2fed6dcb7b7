"""The scenario file: who comes when with what, who answers, and what is aimed at."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from rasa_handoff.core.decision import Reason
from rasa_handoff.settings import AgentSettings, RouteSettings, Settings
from rasa_handoff.settings.file import load
from rasa_handoff.settings.hours import span
from rasa_handoff.settings.people import Language, ReasonName
from rasa_handoff.settings.sections import STRICT, Seconds
from rasa_handoff.settings.whole import Misfit
from rasa_handoff.settings.whole import misfits as settings_misfits
from rasa_handoff.simulation.lengths import Length

HOURS_OF_A_DAY = 24


def _a_day(rates: list[float]) -> list[float]:
    if len(rates) not in (1, HOURS_OF_A_DAY):
        raise ValueError(
            f"write one number, or {HOURS_OF_A_DAY}, one for each hour from midnight; here are {len(rates)}"
        )
    return rates


def _shift(text: str) -> str:
    span(text)
    return text


class Kind(BaseModel):
    """A kind of handoff, routed by the settings' `routing` from its reason and intent, or by a route of its own."""

    model_config = STRICT

    name: str = Field(min_length=1, description="What the report calls it.")
    share: float = Field(1.0, gt=0, description="How many of the customers, beside the other kinds' shares.")
    reason: ReasonName = Field(Reason.CUSTOMER_REQUESTED.value, description="The reason of the handoff.")
    intent: str | None = Field(None, description="What the customer came for, as the bot's NLU names it.")
    language: Language = Field("en", description="The customer's language, as an ISO 639-1 code.")
    route: RouteSettings | None = Field(None, description="Where it goes, when `routing` does not say.")
    handle: Length = Field(description="How long an agent has it, from accepting to closing.")
    patience: Length | None = Field(None, description="How long a customer waits before they leave; for ever if unset.")


class Answering(BaseModel):
    """What agents do with what they are offered."""

    model_config = STRICT

    after: Length = Field(default_factory=lambda: Length(always=0.0), description="How long they take to answer.")
    declines: float = Field(0.0, ge=0, le=1, description="The share of customers that an agent declines.")
    misses: float = Field(
        0.0, ge=0, le=1, description="The share of their time in which they are not there, and let everything pass."
    )
    spell: Seconds = Field(
        300.0, description="Seconds for which they are not there, or stay with their mind about a customer."
    )


class Team(AgentSettings):
    """Agents who are alike. `id` and a number is what each is called."""

    name: str = Field("", description="What customers see; nobody does.")
    count: int = Field(1, ge=0, description="How many they are.")
    shifts: list[Annotated[str, AfterValidator(_shift)]] = Field(
        [], description="When they are online, each day, such as `09:00-17:00`; around the clock when empty."
    )
    answering: Answering | None = Field(None, description="What they do with offers, if not what the others do.")


class Target(BaseModel):
    """What is aimed at."""

    model_config = STRICT

    within: Seconds = Field(60.0, description="Seconds in which a customer should be answered.")
    share: float = Field(0.8, gt=0, lt=1, description="The share of all customers for whom that should be so.")


class Scenario(BaseModel):
    """The whole file. Times of day and of shifts are told by one clock, from midnight of the first day."""

    model_config = STRICT

    hours: float = Field(24.0, gt=0, le=24 * 366, description="How long customers come.")
    warm_up: float = Field(0.0, ge=0, description="Hours at the start that the numbers leave out.")
    seed: int = Field(1, description="The same seed gives the same numbers.")
    runs: int = Field(1, ge=1, description="How often it is played, each time with customers of its own.")
    target: Target = Field(default_factory=Target, description="What is aimed at.")
    arrivals: Annotated[list[Annotated[float, Field(ge=0)]], AfterValidator(_a_day)] = Field(
        description="Customers an hour: one number, or 24, one for each hour of the day."
    )
    kinds: list[Kind] = Field(min_length=1, description="What they come with.")
    teams: list[Team] = Field([], description="Who answers; when empty, the agents of the settings, around the clock.")
    answering: Answering = Field(default_factory=Answering, description="What agents do with what they are offered.")
    noticing: float = Field(
        30.0, ge=0, description="Seconds in which an agent finds out that a customer they accepted has left."
    )
    settings: Settings | None = Field(None, description="A handoff.yml of its own, instead of the bot's.")


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario file, YAML or JSON. Errors: SettingsError with file, line and key of what is wrong."""
    return load(path, Scenario, _misfits)


def _misfits(scenario: Scenario) -> Iterator[Misfit]:
    if scenario.warm_up >= scenario.hours:
        yield ("warm_up",), "the warm-up is as long as the whole; nothing would be left"
    if not any(scenario.arrivals):
        yield ("arrivals",), "nobody comes: one of the numbers must be more than 0"
    for part, names in (("kinds", [k.name for k in scenario.kinds]), ("teams", [t.id for t in scenario.teams])):
        for number, name in enumerate(names):
            if name in names[:number]:
                yield (part, number), f"{name!r} is there twice; names must differ"
    for number, team in enumerate(scenario.teams):
        yield from _too_often(team.answering, ("teams", number, "answering"))
    yield from _too_often(scenario.answering, ("answering",))
    if scenario.settings is not None:
        yield from ((("settings", *place), text) for place, text in settings_misfits(scenario.settings))


def _too_often(answering: Answering | None, place: tuple[str | int, ...]) -> Iterator[Misfit]:
    if answering is not None and answering.declines + answering.misses >= 1:
        yield place, "nothing would ever be accepted: declines and misses must stay below 1 together"
