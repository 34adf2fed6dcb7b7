"""The words of the checks, and how they ask a process over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.errors import HandoffError, Unreachable
from rasa_handoff.settings import Environment, Settings

Json = dict[str, Any]


class State(StrEnum):
    """Whether it is as it should be. `NOTE` is worth knowing and nothing wrong."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and found; `mend` is what to do about it, a command where there is one."""

    about: str
    state: State
    what: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the parts answer, without a path."""

    rasa: str
    actions: str
    desk: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What the checks look at. `settings` is None where handoff.yml is wrong; `models` is the folder of Rasa's."""

    environment: Environment
    settings: Settings | None
    addresses: Addresses
    models: Path
    http: httpx.Client


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is looked at. `look` may raise our errors: they are what is wrong."""

    about: str
    look: Callable[[Situation], Iterator[Finding]]

    def findings(self, situation: Situation) -> Iterator[Finding]:
        """Never raises one of our errors."""
        try:
            yield from self.look(situation)
        except Unanswered as error:
            yield Finding(self.about, State.WRONG, str(error), error.mend)
        except HandoffError as error:
            what, _, mend = str(error).partition(" Run: ")
            yield Finding(self.about, State.WRONG, what, mend)


class Unanswered(Unreachable):
    """A process did not answer as it should; `mend` is what to do."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.mend = mend


def ask(
    http: httpx.Client,
    whose: str,
    url: str,
    start: str,
    params: Mapping[str, str] | None = None,
    mends: Mapping[int, str] | None = None,
) -> Any:
    """The JSON at the address; `start` is what starts the process, `mends` what a status code asks for.

    Errors: Unanswered.
    """
    try:
        response = http.get(url, params=params, headers={"accept": "application/json"})
        response.raise_for_status()
        return response.json()
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        raise Unanswered(f"{whose} answered {code} to {url}", (mends or {}).get(code, start)) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unanswered(f"{whose} does not answer at {url}", start) from error
