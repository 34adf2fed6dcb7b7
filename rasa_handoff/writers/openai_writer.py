"""The summary by a language model."""

import re

from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.known import known_of
from rasa_handoff.core.masking import masked
from rasa_handoff.core.package import ContextPackage, Summary
from rasa_handoff.writers.asking import Answer
from rasa_handoff.writers.model import LanguageModel
from rasa_handoff.writers.prompt import question

_SENTENCES = 3
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])(?<!\b[Nn]o\.)(?<!\b[MD]r\.)(?<!\bMs\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d[.)])\s+|^\s*#+\s.*$", re.MULTILINE)
_REFUSAL = re.compile(r"^(?:i'?m sorry|sorry|i can(?:'|no)?t|i am unable|i'm unable|as an ai)\b", re.IGNORECASE)
_LONGEST = 1_500  # characters that 200 tokens can hardly make


class OpenAIWriter:
    """Implements `ports.Writer`; the courier is who tries again."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._model = model

    async def summarise(self, package: ContextPackage, draft: Summary) -> tuple[str, ...]:
        """At most three sentences on what is wanted, what was tried and what is open.

        Errors: Unreachable; with `retry_after` (seconds) when another try may help.
        """
        return self._parsed(await self._model.ask(question(package, known_of(package))))

    def _parsed(self, answer: Answer) -> tuple[str, ...]:
        text, told = answer.words, f"The model {self.name}"
        if _REFUSAL.match(text):
            raise Unreachable(f"{told} declined to summarise this conversation. Read the transcript instead.")
        if answer.cut:
            raise Unreachable(f"{told} was cut off by the limit of tokens. Check that it is a chat model.")
        if len(text) > _LONGEST or not any(character.isalpha() for character in text):
            what = "an empty summary" if not text else "no usable summary"
            raise Unreachable(f"{told} wrote {what}. Check that HANDOFF_LLM_MODEL is a chat model.")
        return sentences(text)


def sentences(text: str) -> tuple[str, ...]:
    """The first three sentences, without list marks and headings, card numbers masked."""
    plain = " ".join(_LIST_MARK.sub("", text).split())
    return tuple(part for part in _SENTENCE_END.split(masked(plain)) if part)[:_SENTENCES]
