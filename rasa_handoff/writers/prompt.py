"""What the model is asked for a summary, and how its answer is read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rasa_handoff.core.citing import Claim
from rasa_handoff.core.known import known_of
from rasa_handoff.core.package import ContextPackage, Part
from rasa_handoff.writers.asking import Answer, Ask, Form
from rasa_handoff.writers.excerpt import Excerpt

MOST_TOKENS = 200

SYSTEM = """\
You write the summary a human support agent reads first when taking over a conversation from a bot.
Say what the customer wants, what was tried, and what is still unresolved: at most three sentences, one for each.
Write in the customer's language, in plain words and the third person. Use the conversation's own words where you can.
Keep order numbers, dates and amounts as written. State only what the lines say, and cite the lines it rests on.
Never tell the agent what to do. No links, no markup."""

_SENTENCE = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "lines": {"type": "array", "items": {"type": "integer"}}},
    "required": ["text", "lines"],
    "additionalProperties": False,
}
FORM = Form(
    name="summary",
    schema={
        "type": "object",
        "properties": {part.value: _SENTENCE for part in Part},
        "required": [part.value for part in Part],
        "additionalProperties": False,
    },
    as_json='Answer with JSON: {"wants": {"text": "...", "lines": [1]}, "tried": {...}, "unresolved": {...}}, where'
    ' "lines" are the numbers of the lines the sentence rests on.',
    as_text="Answer with three lines that begin with Wants:, Tried: and Unresolved:. End each with the numbers of the"
    " lines it rests on in brackets, like [2, 5].",
)

_LABELLED = re.compile(r"^[\s*#•>-]*(wants|tried|unresolved)\W*:\W*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_CITED = re.compile(r"[\[(](?:lines?\s*)?(\d{1,6}(?:\s*(?:,|;|and|-|–)\s*\d{1,6}){0,11})[\])]", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])(?<!\b[Nn]o\.)(?<!\b[MD]r\.)(?<!\bMs\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+")


def question(package: ContextPackage, excerpt: Excerpt) -> Ask:
    """What the model is asked about the package."""
    facts = {
        "handed_over_because": package.reason.value,
        "intent": (package.intent or "")[:200] or None,
        "lines": list(excerpt.lines),
    }
    closing = "Write the summary of these lines."
    return Ask("summary", SYSTEM, facts, closing, MOST_TOKENS, known_of(package), FORM)


def claims(answer: Answer, read: Excerpt) -> tuple[Claim, ...]:
    """The sentences in the answer, at most one for each part, whatever form it has.

    One that cites a line which the model did not read comes without lines.
    """
    told = answer.json()
    found = _of_json(told) if isinstance(told, Mapping) else _of_text(answer.words)
    known = {line.get("line") for line in read.lines}
    held = (claim if known.issuperset(claim.lines) else replace(claim, lines=()) for claim in found)
    return tuple({claim.part: claim for claim in held}.values())


def _of_json(told: Mapping[str, Any]) -> Iterator[Claim]:
    for part in Part:
        said = told.get(part.value)
        if isinstance(said, Mapping) and isinstance(said.get("text"), str):
            lines = said.get("lines")
            numbers = [one for one in lines if type(one) is int] if isinstance(lines, list) else []
            complete = isinstance(lines, list) and len(numbers) == len(lines)
            yield Claim(part, _first_sentence(said["text"]), tuple(numbers) if complete else ())


def _of_text(text: str) -> Iterator[Claim]:
    labelled = {Part(label.lower()): said for label, said in _LABELLED.findall(text)}
    for part, said in labelled.items():
        numbers = tuple(int(number) for cited in _CITED.findall(said) for number in re.findall(r"\d+", cited))
        yield Claim(part, _first_sentence(_CITED.sub("", said)), numbers)


def _first_sentence(text: str) -> str:
    return re.sub(r"\s+([.!?])", r"\1", _SENTENCE_END.split(" ".join(text.split()).strip())[0].strip())
