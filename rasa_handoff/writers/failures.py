"""What can go wrong with a call to the model, in words for the agent and the operator."""

from dataclasses import dataclass

import httpx
import openai

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.retrying import may_pass, retry_after

AGAIN = 5.0  # seconds until a server that did not say is worth another try
LONGEST_PAUSE = 3600.0


class Outcome(StrEnum):
    """How a call ended, for metrics and the log. A closed set."""

    OK = "ok"
    CUT_OFF = "cut_off"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    LIMITED = "rate_limited"
    FAILED = "server_error"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    BREAKER_OPEN = "breaker_open"
    BUSY = "busy"
    TOO_LONG = "too_long"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Where:
    """Which model, and at which server: the beginning of every complaint. `patience`: its seconds for a call."""

    model: str
    url: str
    patience: float

    def __str__(self) -> str:
        return f"The model {self.model} at {self.url}"


class Failure(Unreachable):
    """A call that came to nothing. With `retry_after` seconds when another try may help; `sick`: the server is ill."""

    def __init__(self, outcome: Outcome, message: str, retry_after: float | None = None, *, sick: bool = False) -> None:
        super().__init__(message, retry_after)
        self.outcome = outcome
        self.sick = sick


def failure(where: Where, error: Exception) -> Failure:
    """What an exception of the client library means."""
    match error:
        case Failure():
            return error
        case TimeoutError() | openai.APITimeoutError():
            why = f"{where} did not answer within {where.patience:g} seconds. Check that it is not overloaded."
            return Failure(Outcome.TIMED_OUT, why, AGAIN, sick=True)
        case openai.APIStatusError():
            return _of_status(where, error)
        case openai.APIConnectionError() | httpx.HTTPError():
            why = f"{where} cannot be reached. Check HANDOFF_LLM_BASE_URL and the network."
            return Failure(Outcome.UNREACHABLE, why, AGAIN, sick=True)
        case _:
            return unreadable(where)


def unreadable(where: Where) -> Failure:
    why = f"{where} gave an answer that cannot be read. Check that HANDOFF_LLM_BASE_URL is a chat completions API."
    return Failure(Outcome.UNREADABLE, why)


def declined(where: Where) -> Failure:
    return Failure(Outcome.DECLINED, f"{where} declined to write about this conversation. Read the transcript instead.")


def _of_status(where: Where, error: openai.APIStatusError) -> Failure:
    status = error.status_code
    if status == 429:
        outcome, why = Outcome.LIMITED, "has too many requests (429). Check the account's rate limit and credit."
    elif status in (401, 403):
        outcome, why = Outcome.REFUSED, f"does not accept the key ({status}). Check HANDOFF_LLM_API_KEY."
    elif status == 404:
        outcome, why = Outcome.REFUSED, "was not found (404). Check HANDOFF_LLM_MODEL and HANDOFF_LLM_BASE_URL."
    elif status >= 500:
        outcome, why = Outcome.FAILED, f"has a problem of its own ({status}). It is tried again; nothing to do here."
    else:
        outcome, why = Outcome.REFUSED, f"refuses the request ({status}). Check that the model does chat completions."
    passing = may_pass(status)
    pause = (retry_after(error.response.headers.get("retry-after"), LONGEST_PAUSE) or AGAIN) if passing else None
    return Failure(outcome, f"{where} {why}", pause, sick=passing)
