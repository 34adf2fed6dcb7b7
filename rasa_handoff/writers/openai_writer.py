"""The summary by a language model: any server that speaks OpenAI's chat completions."""

import asyncio
import re
from typing import Any

import openai
from openai.types.chat import ChatCompletion

from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.masking import masked
from rasa_handoff.core.package import ContextPackage, Summary
from rasa_handoff.writers.prompt import messages

MOST_TOKENS = 200
_SENTENCES = 3
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])(?<!\b[Nn]o\.)(?<!\b[MD]r\.)(?<!\bMs\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d[.)])\s+|^\s*#+\s.*$", re.MULTILINE)
_REFUSAL = re.compile(r"^(?:i'?m sorry|sorry|i can(?:'|no)?t|i am unable|i'm unable|as an ai)\b", re.IGNORECASE)
_LONGEST = 1_500  # characters that 200 tokens can hardly make
_AGAIN = 5.0  # seconds until a server that did not say is worth another try


class OpenAIWriter:
    """Implements `ports.Writer`. `timeout` seconds are for the whole request; the courier is who tries again."""

    def __init__(
        self, model: str, base_url: str | None = None, api_key: str | None = None, timeout: float = 15.0
    ) -> None:
        self.name = model
        self._timeout = timeout
        self._where = base_url or "the OpenAI API"
        self._client = openai.AsyncOpenAI(base_url=base_url, api_key=api_key or "none", timeout=timeout, max_retries=0)

    async def summarise(self, package: ContextPackage, draft: Summary) -> tuple[str, ...]:
        """At most three sentences on what is wanted, what was tried and what is open.

        Errors: Unreachable; with `retry_after` (seconds) when another try may help.
        """
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.chat.completions.create(
                    model=self.name,
                    messages=messages(package, draft),  # type: ignore[arg-type]  # a plain list of role and content
                    max_tokens=MOST_TOKENS,
                )
        except (TimeoutError, openai.APITimeoutError) as error:
            why = f"{self._told()} did not answer within {self._timeout:g} seconds. Check that it is not overloaded."
            raise Unreachable(why, _AGAIN) from error
        except openai.APIStatusError as error:
            raise self._refused_by_server(error) from error
        except openai.APIConnectionError as error:
            why = f"{self._told()} cannot be reached. Check HANDOFF_LLM_BASE_URL and the network."
            raise Unreachable(why, _AGAIN) from error
        except (openai.OpenAIError, ValueError) as error:
            raise Unreachable(f"{self._told()} gave an answer that cannot be read. {self._check_url()}") from error
        return self._parsed(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _told(self) -> str:
        return f"The summary model {self.name} at {self._where}"

    def _check_url(self) -> str:
        return "Check that HANDOFF_LLM_BASE_URL is a chat completions API."

    def _refused_by_server(self, error: openai.APIStatusError) -> Unreachable:
        status = error.status_code
        if status == 429:
            why = f"{self._told()} has too many requests (429). Check the account's rate limit and credit."
        elif status in (401, 403):
            why = f"{self._told()} does not accept the key ({status}). Check HANDOFF_LLM_API_KEY."
        elif status == 404:
            why = f"{self._told()} was not found (404). Check HANDOFF_LLM_MODEL and HANDOFF_LLM_BASE_URL."
        elif status >= 500:
            why = f"{self._told()} has a problem of its own ({status}). It is tried again; nothing to do here."
        else:
            why = f"{self._told()} refuses the request ({status}). Check that the model does chat completions."
        passing = status in (408, 409, 425, 429) or status >= 500
        return Unreachable(why, (_retry_after(error) or _AGAIN) if passing else None)

    def _parsed(self, answer: Any) -> tuple[str, ...]:
        if not isinstance(answer, ChatCompletion) or not answer.choices or answer.choices[0].message is None:
            raise Unreachable(f"{self._told()} gave an answer that cannot be read. {self._check_url()}")
        choice = answer.choices[0]
        text = (choice.message.content or "").strip()
        if choice.message.refusal or choice.finish_reason == "content_filter" or _REFUSAL.match(text):
            raise Unreachable(f"{self._told()} declined to summarise this conversation. Read the transcript instead.")
        if choice.finish_reason == "length":
            raise Unreachable(f"{self._told()} was cut off after {MOST_TOKENS} tokens. Check that it is a chat model.")
        if len(text) > _LONGEST or not any(character.isalpha() for character in text):
            what = "an empty summary" if not text else "no usable summary"
            raise Unreachable(f"{self._told()} wrote {what}. Check that HANDOFF_LLM_MODEL is a chat model.")
        return sentences(text)


def sentences(text: str) -> tuple[str, ...]:
    """The first three sentences, without list marks and headings, card numbers masked."""
    plain = " ".join(_LIST_MARK.sub("", text).split())
    return tuple(part for part in _SENTENCE_END.split(masked(plain)) if part)[:_SENTENCES]


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Seconds, as the server asks; its other form, a date, is rare and left to our own pause."""
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None
