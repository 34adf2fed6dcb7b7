"""What calls to the model cost and how long they took: for Prometheus and the log. Never what was said in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rasa_handoff.core.citing import Fault
from rasa_handoff.core.package import Part
from rasa_handoff.writers.failures import Outcome

REGISTRY = CollectorRegistry()
_SECONDS = (0.25, 0.5, 1, 2, 4, 8, 16, 32)
_OF_CALL = ("purpose", "model")

_calls = Counter("rasa_handoff_model_calls", "Calls to the language model.", [*_OF_CALL, "outcome"], registry=REGISTRY)
_seconds = Histogram(
    "rasa_handoff_model_seconds", "How long calls took.", _OF_CALL, buckets=_SECONDS, registry=REGISTRY
)
_tokens = Counter(
    "rasa_handoff_model_tokens", "Tokens as the server counted them.", [*_OF_CALL, "kind"], registry=REGISTRY
)
_cost = Counter(
    "rasa_handoff_model_cost", "Cost by model.prices, in their currency.", [*_OF_CALL, "currency"], registry=REGISTRY
)
_redacted = Counter(
    "rasa_handoff_model_redacted_values", "Private values that placeholders stood for.", ["kind"], registry=REGISTRY
)
_open = Gauge("rasa_handoff_model_breaker_open", "1 while the model is given a rest.", ["model"], registry=REGISTRY)
_sentences = Counter(
    "rasa_handoff_summary_sentences",
    "Sentences the model wrote: taken, or why the draft's was used instead.",
    ["model", "check"],
    registry=REGISTRY,
)

log = structlog.get_logger()


def count_sentences(model: str, written: int, faults: Mapping[Part, Fault]) -> None:
    """Count what became of a summary's sentences."""
    _sentences.labels(model, "taken").inc(written - len(faults))
    for fault in faults.values():
        _sentences.labels(model, fault.value).inc()


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost, of the prompt and of the answer."""

    prompt: float = 0.0
    answer: float = 0.0
    currency: str = "USD"

    def of(self, prompt_tokens: int, answer_tokens: int) -> float:
        return (prompt_tokens * self.prompt + answer_tokens * self.answer) / 1_000_000


@dataclass(slots=True)
class Call:
    """One call, filled in while it goes on. `characters` are those sent; tokens are the server's count."""

    purpose: str
    model: str
    prices: Prices
    outcome: Outcome = Outcome.CANCELLED
    seconds: float = 0.0
    sent: int = 0
    characters: int = 0
    redacted: Mapping[str, int] = field(default_factory=dict)
    prompt_tokens: int = 0
    answer_tokens: int = 0
    request_id: str | None = None

    def record(self, *, breaker_open: bool) -> None:
        """Count the call and write it to the log."""
        whose = (self.purpose, self.model)
        cost = self.prices.of(self.prompt_tokens, self.answer_tokens)
        _calls.labels(*whose, self.outcome.value).inc()
        _open.labels(self.model).set(breaker_open)
        if self.sent:
            _seconds.labels(*whose).observe(self.seconds)
            _tokens.labels(*whose, "prompt").inc(self.prompt_tokens)
            _tokens.labels(*whose, "answer").inc(self.answer_tokens)
            _cost.labels(*whose, self.prices.currency).inc(cost)
            for kind, number in self.redacted.items():
                _redacted.labels(kind).inc(number)
        self._log(cost)

    def _log(self, cost: float) -> None:
        log.info(
            "model.called",
            purpose=self.purpose,
            model=self.model,
            outcome=self.outcome.value,
            seconds=round(self.seconds, 3),
            sent=self.sent,
            characters=self.characters,
            redacted=dict(self.redacted),
            prompt_tokens=self.prompt_tokens,
            answer_tokens=self.answer_tokens,
            cost=round(cost, 6),
            request_id=self.request_id,
        )
