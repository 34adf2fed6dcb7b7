"""The one way to a language model: any server that speaks OpenAI's chat completions.

Every call is redacted, bounded in tokens, time, tries and number at once, given a rest by a circuit breaker when the
server is ill, and counted. Summaries and suggested replies both come this way. Never call it in a customer's turn.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import openai
from openai import AsyncStream
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from rasa_handoff.core.private import Private
from rasa_handoff.core.redaction import Redacted, redacted
from rasa_handoff.timeouts import timeout
from rasa_handoff.writers.asking import Answer, Ask, messages, tokens_of
from rasa_handoff.writers.breaker import Breaker
from rasa_handoff.writers.calls import Calls
from rasa_handoff.writers.dialect import Dialect
from rasa_handoff.writers.failures import Failure, Outcome, Where, declined, failure, unreadable
from rasa_handoff.writers.metrics import Call, Prices
from rasa_handoff.writers.streaming import Restored

_DIALECTS = 4  # how often a server may refuse how we ask


@dataclass(frozen=True, slots=True)
class Limits:
    """`timeout`: seconds for a whole call, tries and all; of a stream, for each piece. `prompt_tokens`: in a request.

    `at_once`: calls under way. `failures` in a row give the server a rest of `rest` seconds.
    """

    timeout: float = 20.0
    prompt_tokens: int = 4_000
    at_once: int = 4
    failures: int = 5
    rest: float = 30.0


class LanguageModel:
    """A client for one event loop.

    Errors, all calls: `Unreachable`, with `retry_after` (seconds) when another try may help; `Busy`.
    """

    def __init__(
        self,
        name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        limits: Limits | None = None,
        prices: Prices | None = None,
        allowed: Iterable[Private] = (),
    ) -> None:
        self.name = name
        self.limits = limits or Limits()
        self._allowed = frozenset(allowed)
        self._where = Where(name, base_url or "the OpenAI API", self.limits.timeout)
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=api_key or "none", timeout=self.limits.timeout, max_retries=0
        )
        breaker = Breaker(self.limits.failures, self.limits.rest)
        self._calls = Calls(self._where, breaker, self.limits.at_once, prices or Prices())
        self._dialect = Dialect()

    async def ask(self, ask: Ask) -> Answer:
        """The whole answer."""
        hidden = await self._redacted(ask)
        async with self._calls.begin(ask.purpose, hidden.counts) as call, timeout(self.limits.timeout):
            completion = await self._send(ask, hidden, call, stream=False)
            return self._read(completion, hidden, call)

    async def stream(self, ask: Ask) -> AsyncIterator[str]:
        """The answer in pieces as they come, private values put back. Closing the iterator ends the call."""
        hidden = await self._redacted(ask)
        async with self._calls.begin(ask.purpose, hidden.counts) as call:
            async with timeout(self.limits.timeout):
                pieces = await self._send(ask, hidden, call, stream=True)
            restored = Restored(hidden)
            async with pieces:
                async for text in self._pieces(pieces, call):
                    if ready := restored.add(text):
                        yield ready
            if rest := restored.rest():
                yield rest

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _redacted(self, ask: Ask) -> Redacted:
        return await asyncio.to_thread(redacted, ask.data, ask.known, self._allowed)

    async def _send(self, ask: Ask, hidden: Redacted, call: Call, *, stream: bool) -> Any:
        """Send it, and again after failures that pass, as often as the question allows and the time lasts."""
        deadline = time.monotonic() + self.limits.timeout
        for left in range(ask.tries - 1, -1, -1):
            try:
                return await self._spoken(ask, hidden, call, stream=stream)
            except (openai.OpenAIError, ValueError) as error:
                known = failure(self._where, error)
                pause = known.retry_after
                if not left or pause is None or time.monotonic() + pause >= deadline:
                    raise known from error
                await asyncio.sleep(pause)
        raise AssertionError("a question is asked at least once")

    async def _spoken(self, ask: Ask, hidden: Redacted, call: Call, *, stream: bool) -> Any:
        """Send it in the dialect that the server is known to understand, or in simpler ones until it does."""
        dialect = self._dialect
        for _ in range(_DIALECTS):
            try:
                answer = await self._sent(ask, hidden, call, dialect, stream=stream)
            except openai.APIStatusError as error:
                simpler = dialect.simpler(error, ask, stream=stream)
                if simpler is None:
                    raise
                dialect = simpler
            else:
                self._dialect = dialect
                return answer
        raise Failure(
            Outcome.REFUSED, f"{self._where} refuses every way of asking. Check that it does chat completions."
        )

    async def _sent(self, ask: Ask, hidden: Redacted, call: Call, dialect: Dialect, *, stream: bool) -> Any:
        words = messages(ask, hidden, dialect.shape)
        self._check_length(words)
        call.sent += 1
        call.characters = sum(len(message["content"]) for message in words)
        options = dialect.options(ask, stream=stream)
        create: Any = self._client.chat.completions.create
        answer = await create(model=self.name, messages=words, **options)
        call.request_id = getattr(answer, "_request_id", None) or getattr(answer, "id", None)
        return answer

    def _check_length(self, words: list[dict[str, str]]) -> None:
        tokens = sum(tokens_of(message["content"]) for message in words)
        if tokens > self.limits.prompt_tokens:
            most = self.limits.prompt_tokens
            why = f"The question is about {tokens:,} tokens long; `model.prompt_tokens` allows {most:,}."
            raise Failure(Outcome.TOO_LONG, why)

    def _read(self, completion: Any, hidden: Redacted, call: Call) -> Answer:
        if not isinstance(completion, ChatCompletion) or not completion.choices or not completion.choices[0].message:
            raise unreadable(self._where)
        self._count(completion, call)
        choice = completion.choices[0]
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise declined(self._where)
        return Answer((choice.message.content or "").strip(), hidden, cut=choice.finish_reason == "length")

    def _count(self, told: ChatCompletion | ChatCompletionChunk, call: Call) -> None:
        if told.usage is not None:
            call.prompt_tokens = told.usage.prompt_tokens or 0
            call.answer_tokens = told.usage.completion_tokens or 0

    async def _pieces(self, pieces: AsyncStream[ChatCompletionChunk], call: Call) -> AsyncIterator[str]:
        while True:
            async with timeout(self.limits.timeout):
                chunk = await anext(pieces, None)
            if chunk is None:
                return
            self._count(chunk, call)
            call.request_id = call.request_id or chunk.id
            for choice in (chunk.choices or [])[:1]:
                if choice.finish_reason == "content_filter" or (choice.delta and choice.delta.refusal):
                    raise declined(self._where)
                if choice.delta and choice.delta.content:
                    yield choice.delta.content
