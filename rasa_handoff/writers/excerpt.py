"""What of a conversation the model reads: the most telling lines that fit the budget, and where some are left out."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.package import ContextPackage, Summary
from rasa_handoff.core.text import clipped
from rasa_handoff.writers.asking import tokens_of

_LINE = 1_000  # characters
_FIRST, _LAST = 2, 12
_AROUND = 14  # tokens of JSON around a line


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`lines` as the model reads them: {"line", "by", "text"}, and {"left_out"} where some are missing."""

    lines: tuple[dict[str, Any], ...]
    left_out: int


def excerpt(package: ContextPackage, draft: Summary, budget: int) -> Excerpt:
    """Lines of the history that come to about `budget` tokens, the most telling first, shown in their order."""
    history, kept = package.history, dict[int, dict[str, Any]]()
    for number in dict.fromkeys(_by_importance(package, draft)):
        if not 0 < number <= len(history):
            continue
        shown = _shown(number, history[number - 1])
        budget -= tokens_of(json.dumps(shown, ensure_ascii=False)) + _AROUND
        if budget < 0:
            break
        kept[number] = shown
    return Excerpt(tuple(_with_gaps(kept, len(history))), len(history) - len(kept))


def _by_importance(package: ContextPackage, draft: Summary) -> Iterator[int]:
    """The numbers of all lines: what the draft rests on, how it began, the details, the end, the bot's attempts."""
    history = package.history
    customers = [number for number, line in enumerate(history, start=1) if line.author is Author.CUSTOMER]
    yield from (number for basis in draft.basis for number in basis.lines)
    yield from customers[:_FIRST]
    yield from range(len(history), max(0, len(history) - _LAST // 2), -1)
    turns = (detail.turn for detail in package.details)
    yield from (customers[turn - 1] for turn in turns if 0 < turn <= len(customers))
    yield from range(len(history), max(0, len(history) - _LAST), -1)
    yield from _attempts(history, (one.text for one in package.attempted_solutions))
    yield from range(len(history), 0, -1)


def _attempts(history: Sequence[Line], tried: Iterable[str]) -> Iterator[int]:
    told = set(tried)
    for number, line in enumerate(history, start=1):
        if line.author is Author.BOT and clipped(line.text, 200) in told:
            yield number


def _shown(number: int, line: Line) -> dict[str, Any]:
    return {"line": number, "by": line.author.value, "text": clipped(line.text, _LINE) or "(sent an attachment)"}


def _with_gaps(kept: dict[int, dict[str, Any]], total: int) -> Iterator[dict[str, Any]]:
    for is_kept, run in groupby(range(1, total + 1), key=kept.__contains__):
        numbers = list(run)
        if is_kept:
            yield from (kept[number] for number in numbers)
        else:
            yield {"left_out": f"lines {numbers[0]} to {numbers[-1]}"}
