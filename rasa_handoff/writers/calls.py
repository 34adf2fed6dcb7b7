"""What surrounds every call: a place, the circuit breaker, metrics and the log."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
import openai

from rasa_handoff.core.errors import Busy
from rasa_handoff.timeouts import timeout
from rasa_handoff.writers.breaker import Breaker
from rasa_handoff.writers.failures import Failure, Outcome, Where, failure
from rasa_handoff.writers.metrics import Call, Prices

_PLACE_SECONDS = 0.5  # how long a call may wait for a place before it is sent away


class Calls:
    """The calls to one model. At most `at_once` are under way."""

    def __init__(self, where: Where, breaker: Breaker, at_once: int, prices: Prices) -> None:
        self._where = where
        self._breaker = breaker
        self._places = asyncio.Semaphore(at_once)
        self._prices = prices

    @asynccontextmanager
    async def begin(self, purpose: str, redacted: Mapping[str, int]) -> AsyncIterator[Call]:
        """One call, its end told to the breaker, the metrics and the log. Errors: `Failure`, Busy."""
        call = Call(purpose, self._where.model, self._prices, redacted=redacted)
        started = time.monotonic()
        try:
            async with self._place(), self._current():
                yield call
            call.outcome = Outcome.OK
        except (TimeoutError, openai.OpenAIError, httpx.HTTPError, ValueError, Failure) as error:
            known = failure(self._where, error)
            call.outcome = known.outcome
            raise known from error
        except Busy:
            call.outcome = Outcome.BUSY
            raise
        finally:
            call.seconds = time.monotonic() - started
            call.record(breaker_open=self._breaker.is_open)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        try:
            async with timeout(_PLACE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            why = f"{self._where} is asked as much at once as `model.at_once` allows. It comes as soon as it can."
            raise Busy(why, retry_after=random.uniform(1, 3)) from None  # noqa: S311
        try:
            yield
        finally:
            self._places.release()

    @asynccontextmanager
    async def _current(self) -> AsyncIterator[None]:
        """Through the breaker, if it is closed."""
        if wait := self._breaker.wait():
            why = f"{self._where} failed several times in a row and is given a rest. Check that it is up."
            raise Failure(Outcome.BREAKER_OPEN, why, wait)
        try:
            yield
        except Exception as error:
            if failure(self._where, error).sick:
                self._breaker.failed()
            else:
                self._breaker.succeeded()
            raise
        except BaseException:
            self._breaker.dropped()
            raise
        self._breaker.succeeded()
