"""What happens to a handoff's summary, as events."""

from dataclasses import dataclass

from rasa_handoff.core.package import Basis


@dataclass(frozen=True, slots=True)
class SummaryWritten:
    """The model's summary is here: at most three sentences, each with what it rests on."""

    sentences: tuple[str, ...]
    source: str
    basis: tuple[Basis, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class SummaryRequested:
    """An agent wants the model to try again."""

    agent_id: str


@dataclass(frozen=True, slots=True)
class SummaryFailed:
    error: str


SummaryEvent = SummaryWritten | SummaryRequested | SummaryFailed
