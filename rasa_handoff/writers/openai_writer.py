"""The summary by a language model: asked for, checked against the conversation, mended with the draft."""

import re

import structlog

from rasa_handoff.core.citing import checked
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.package import ContextPackage, Summary
from rasa_handoff.writers import metrics
from rasa_handoff.writers.asking import Answer
from rasa_handoff.writers.excerpt import Excerpt, excerpt
from rasa_handoff.writers.failures import Failure, Outcome
from rasa_handoff.writers.model import LanguageModel
from rasa_handoff.writers.prompt import claims, question

_REFUSAL = re.compile(r"^(?:i'?m sorry|sorry|i can(?:'|no)?t|i am unable|i'm unable|as an ai)\b", re.IGNORECASE)
_SHARES = (0.7, 0.3, 0.1)  # of the budget for the conversation: placeholders can be longer than what they stand for

log = structlog.get_logger()


class OpenAIWriter:
    """Implements `ports.Writer`; the courier is who tries again."""

    def __init__(self, model: LanguageModel) -> None:
        self.name = model.name
        self._model = model

    async def summarise(self, package: ContextPackage, draft: Summary) -> Summary:
        """At most three sentences on what is wanted, what was tried and what is open, each with its lines.

        Errors: Unreachable; with `retry_after` (seconds) when another try may help.
        """
        answer, read = await self._ask(package, draft)
        found = claims(answer, read)
        if not found:
            raise self._unusable(answer)
        told = checked(found, draft, package.history, self.name, read.left_out)
        metrics.count_sentences(self.name, len(found), told.faults)
        log.info(
            "summary.checked", claims=len(found), faults={part.value: why.value for part, why in told.faults.items()}
        )
        if told.summary is None:
            why = "wrote nothing that the conversation supports. The draft stands; read the transcript."
            raise Unreachable(f"The model {self.name} {why}")
        return told.summary

    async def _ask(self, package: ContextPackage, draft: Summary) -> tuple[Answer, Excerpt]:
        for share in _SHARES:
            read = excerpt(package, draft, int(share * self._model.limits.prompt_tokens))
            try:
                return await self._model.ask(question(package, read)), read
            except Failure as failure:
                if failure.outcome is not Outcome.TOO_LONG or share == _SHARES[-1]:
                    raise
        raise AssertionError("the last share raises")

    def _unusable(self, answer: Answer) -> Unreachable:
        told = f"The model {self.name}"
        if _REFUSAL.match(answer.text):
            return Unreachable(f"{told} declined to summarise this conversation. Read the transcript instead.")
        if answer.cut:
            return Unreachable(f"{told} was cut off by the limit of tokens. Check that it is a chat model.")
        what = "no usable summary" if answer.text else "an empty summary"
        return Unreachable(f"{told} wrote {what}. Check that HANDOFF_LLM_MODEL is a chat model.")
