"""The reply that an agent is suggested: by the model from the package and cited articles, or the best article's words.

What comes is for the composer. Nothing is sent from here.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.knowledge import Article, Hit
from rasa_handoff.core.known import known_of
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.suggestion import CitationsOut, Suggestion, checked
from rasa_handoff.core.text import clipped
from rasa_handoff.knowledge.articles import plain
from rasa_handoff.ports import Entry, KnowledgeBase
from rasa_handoff.writers.asking import Ask
from rasa_handoff.writers.model import LanguageModel
from rasa_handoff.writers.transcript import transcript

MOST_TOKENS = 300
SHOWN = 3
_ASKED_BY = 3  # of the customer's newest messages; the newest counts twice
_WISH = 8  # words of a message that may do no more than ask for a person
_OURS = 3_000  # bytes of a request that are not transcript and articles

SYSTEM = """\
You draft the next message that a human support agent will send to the customer; the agent reads and edits it first.
Write it as the agent, to the customer, in the language the customer writes. Professional, warm, short: at most 120
words of plain text, no heading, no list, no subject, no signature. Answer what the customer asked last. Do not ask
for what they have already told. State as facts only what the conversation or the articles say, and after each fact
from an article put its number in brackets, such as [1]. Promise nothing that neither says: where you do not know, say
that you look into it. No links."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The articles the suggestion may rest on; a citation's number is the place among them, from 1."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The next piece of its text."""

    text: str


Piece = Sources | Words | Suggestion


class Suggester:
    """Belongs to one event loop."""

    def __init__(self, knowledge: KnowledgeBase, model: LanguageModel | None) -> None:
        self._knowledge = knowledge
        self._model = model

    async def articles(
        self, handoff: Handoff, package: ContextPackage, lines: Sequence[Line], asked: str = ""
    ) -> tuple[Hit, ...]:
        """Those that fit what was `asked`, or else what the customer says. Errors: Unreachable."""
        text = asked.strip() or _question(package, lines)
        return await asyncio.to_thread(self._knowledge.search, text, handoff.need.language, SHOWN)

    async def suggest(self, handoff: Handoff, package: ContextPackage, lines: Sequence[Line]) -> AsyncIterator[Piece]:
        """Sources first, words as they come, the whole suggestion last. Closing the iterator ends the model's call.

        Errors: Unreachable, when the model or the articles cannot be had.
        """
        hits = await self.articles(handoff, package, lines)
        yield Sources(hits)
        if self._model is None:
            yield passage(hits)
            return
        ask = _ask(self._model.limits.prompt_tokens, handoff, package, lines, hits)
        out = CitationsOut()
        async with aclosing(self._model.stream(ask)) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                if ready := out.add(piece):
                    yield Words(ready)
        if rest := out.rest():
            yield Words(rest)
        known = [line.text for line in lines] + [text for hit in hits for text in (hit.article.title, hit.article.body)]
        known += [detail.value for detail in package.details]
        cited = tuple(hits[number - 1].article for number in out.numbers if 1 <= number <= len(hits))
        yield replace(checked(out.text, known), citations=cited, source=self._model.name)


def conversation(package: ContextPackage, entries: Sequence[Entry]) -> tuple[Line, ...]:
    """The lines before the handoff and since."""
    authors = {"customer_messaged": Author.CUSTOMER, "agent_messaged": Author.AGENT}
    said = [entry for entry in entries if entry.kind in authors]
    return (*package.history, *(Line(authors[entry.kind], entry.data["text"], entry.at) for entry in said))


def passage(hits: Sequence[Hit]) -> Suggestion:
    """Without a model: the paragraph of the best article in which the search found most."""
    if not hits:
        return Suggestion("", warnings=("No article fits. Write the reply yourself, or take a canned one.",))
    best = hits[0]
    wanted = set(best.snippet.text.split())
    paragraph = max(plain(best.article.body).splitlines(), key=lambda line: len(wanted & set(line.split())))
    return Suggestion(paragraph, (best.article,), "article", ("These are the article's words. Make them an answer.",))


def _question(package: ContextPackage, lines: Sequence[Line]) -> str:
    """The newest messages, the newest twice. Those that only ask for a person say nothing of the matter."""
    said = [line.text for line in lines if line.author is Author.CUSTOMER]
    wishes = {fact.turn for fact in package.evidence} if package.reason is Reason.CUSTOMER_REQUESTED else set()
    matter = [text for turn, text in enumerate(said, 1) if turn not in wishes or len(text.split()) > _WISH]
    asked = [text for text in matter or said if text.strip()][-_ASKED_BY:]
    return "\n".join([*reversed(asked), *asked[-1:]])


def _ask(tokens: int, handoff: Handoff, package: ContextPackage, lines: Sequence[Line], hits: Sequence[Hit]) -> Ask:
    """Transcript and articles share what the model's budget leaves."""
    said = " ".join(line.text for line in lines)
    width = len(said.encode(errors="replace")) / max(len(said), 1)
    room = max(1_500, int((tokens * 3 - _OURS) / max(width, 1.0)))
    facts: dict[str, Any] = {
        "handed_over_because": package.reason.value,
        "summary": list(handoff.summary.sentences),
        "already_told": {detail.kind: detail.value for detail in reversed(package.details)},
        "articles": [_told(number, hit.article, room // 6) for number, hit in enumerate(hits, 1)],
        "transcript": transcript(lines, room // 2),
    }
    return Ask("suggestion", SYSTEM, facts, "Write the agent's next message.", MOST_TOKENS, known_of(package))


def _told(number: int, article: Article, most: int) -> dict[str, Any]:
    return {"number": number, "title": article.title, "text": clipped(plain(article.body), most)}
