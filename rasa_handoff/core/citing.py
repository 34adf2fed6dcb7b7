"""A model's sentences held against the lines they cite: what does not hold is replaced by the draft's sentence.

The check is cheap and strict: every figure must stand in the cited lines, most of the words too, and whoever is said to
have spoken must have. A good paraphrase may fail it; the draft is no loss then, because it quotes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.injection import addresses_the_model, gives_orders, has_markup
from rasa_handoff.core.languages import ALL_STOPS, language_of
from rasa_handoff.core.masking import masked
from rasa_handoff.core.package import Basis, Part, Summary, SummaryState
from rasa_handoff.core.text import UNSPACED, clean, listed, visible, words

LONGEST = 400  # characters of a sentence
_MOST_LINES = 12  # a sentence that rests on everything rests on nothing
_SHARE = 0.4  # of a sentence's telling words that its lines must have
_WARY_SHARE = 0.75  # where somebody in the conversation writes to the model
_STEM = 5
_FIGURE = re.compile(r"[\w.,:/+-]*\d[\w.,:/+-]*")
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+\w")
_CENTS = re.compile(r"[.,]00(?!\d)")
_BETWEEN = re.compile(r"[\W_]")
_TELLING_NOTHING = frozenset(
    listed("""
        customer, customers, client, user, bot, chatbot, assistant, agent, human, person, wants, want, asked, asks, ask,
        wrote, writes, says, said, tried, tries, try, suggested, suggests, recommended, offered, answered, replied,
        told,
        explained, unresolved, resolved,
        remains, remain, issue, problem, request, requests, requested, nothing, yet,
        conversation, needs, need, would, like, also, been, help, question, matter, open, kunde, kundin, möchte,
        client, cliente, quiere, veut, klant, klient, vuole, quer, offen, ungelöst, pendiente, résolu, aperto, aberto,
        客户, 机器人""")
)


class Fault(StrEnum):
    """Why a sentence was not taken. A closed set."""

    EMPTY = "empty"
    NO_SUCH_LINES = "no_such_lines"
    WRONG_SPEAKER = "wrong_speaker"
    MARKUP = "markup"
    ORDERS = "orders"
    FIGURES = "figures"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of the model's and the lines, counted from 1, that it says it rests on."""

    part: Part
    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of the claims: the summary, and the faults by part. `summary` is None when no claim held."""

    summary: Summary | None
    faults: dict[Part, Fault]


def checked(claims: Iterable[Claim], draft: Summary, history: Sequence[Line], source: str, left_out: int) -> Checked:
    """The claims that hold, and the draft's sentences in place of those that do not."""
    by_part = {claim.part: _tidy(claim) for claim in claims}
    wary = any(addresses_the_model(line.text) for line in history)
    faults = {part: found for part, claim in by_part.items() if (found := fault(claim, history, wary=wary))}
    drafted = {basis.part: (sentence, basis) for sentence, basis in draft.cited}
    told = []
    for part in Part:
        if part in by_part and part not in faults:
            claim = by_part[part]
            told.append((claim.text, Basis(part, claim.lines, source, _comparable(claim, history))))
        elif part in drafted:
            told.append(drafted[part])
    if all(basis.source != source for _, basis in told):
        return Checked(None, faults)
    sentences, basis = tuple(text for text, _ in told), tuple(one for _, one in told)
    return Checked(Summary(sentences, SummaryState.READY, source, None, basis, left_out), faults)


def fault(claim: Claim, history: Sequence[Line], *, wary: bool = False) -> Fault | None:
    """What is wrong with the claim; `wary` where somebody in the conversation writes to the model."""
    if not any(character.isalpha() for character in claim.text) or len(claim.text) > LONGEST:
        return Fault.EMPTY
    if not claim.lines or len(claim.lines) > _MOST_LINES or not all(1 <= one <= len(history) for one in claim.lines):
        return Fault.NO_SUCH_LINES
    if has_markup(claim.text):
        return Fault.MARKUP
    lines = [history[number - 1] for number in claim.lines]
    if gives_orders(claim.text) or any(addresses_the_model(line.text) for line in lines):
        return Fault.ORDERS
    if not any(_may_tell(claim.part, line.author) for line in lines):
        return Fault.WRONG_SPEAKER
    if not _figures(claim.text) <= _figures(" ".join(line.text for line in lines)):
        return Fault.FIGURES
    return None if _supported(claim, history, wary) else Fault.WORDS


def _tidy(claim: Claim) -> Claim:
    return Claim(claim.part, masked(" ".join(visible(claim.text).split())), tuple(sorted(set(claim.lines))))


def _may_tell(part: Part, author: Author) -> bool:
    """Only the bot (or an agent) shows what was tried; a customer could make that up."""
    return author is Author.CUSTOMER if part is Part.WANTS else part is Part.UNRESOLVED or author is not Author.CUSTOMER


def _telling_lines(claim: Claim, history: Sequence[Line]) -> str:
    lines = (history[number - 1] for number in claim.lines)
    return "\n".join(line.text for line in lines if _may_tell(claim.part, line.author))


def _figures(text: str) -> set[str]:
    """Numbers, ids, amounts and addresses, without what people put between digits."""
    plain = _CENTS.sub("", clean(text))
    found = {_BETWEEN.sub("", figure) for figure in _FIGURE.findall(plain)} | set(_EMAIL.findall(plain))
    whole = {_BETWEEN.sub("", run) for run in re.findall(r"\d[\d .,/-]{3,}\d", plain)}
    return found if not whole else found | {figure for figure in whole if len(figure) <= 16}


def _comparable(claim: Claim, history: Sequence[Line]) -> bool:
    """Sentence and lines are in one language, as far as that shows."""
    there = _telling_lines(claim, history)
    ours, theirs = language_of(claim.text, words(claim.text)), language_of(there, words(there))
    return ours == theirs or ours is None or theirs is None


def _supported(claim: Claim, history: Sequence[Line], wary: bool) -> bool:
    said = _stems(claim.text)
    there = _stems(_telling_lines(claim, history))
    shared = len(said & there)
    if not _comparable(claim, history):
        figures = _figures(claim.text) & _figures(_telling_lines(claim, history))
        return not wary and bool(figures or shared)
    share = _WARY_SHARE if wary else _SHARE
    return shared >= share * len(said) if said else claim.part is not Part.WANTS


def _stems(text: str) -> set[str]:
    """The beginnings of the words that tell something; of scripts without blanks, pairs of characters."""
    found = words(text)
    alone = "".join(word if UNSPACED.fullmatch(word) else " " for word in found)
    pairs = {alone[at : at + 2] for at in range(len(alone) - 1) if " " not in alone[at : at + 2]}
    telling = (word for word in found if len(word) > 2 and word not in ALL_STOPS and word not in _TELLING_NOTHING)
    return {word[:_STEM] for word in telling} | (pairs - _TELLING_NOTHING)
