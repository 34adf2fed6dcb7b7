"""How frustrated the customer is, in [0, 1], and why: a state over an episode's turns, which fades with calm ones."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod

from rasa_handoff.core import ngrams, voice
from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.voice import Contribution, Sentiment

REMEMBERED = 8
# Everything that can add to the score; a designer can turn each off (`frustration_off`).
SIGNALS = (
    "dissatisfied", "sentiment", "profanity", "insult", "complaint", "not_asked", "again", "shouting", "exclaiming",
    "repeating", "bot_repeats", "miss", "form_left",
)  # fmt: skip

_FADE = 0.4  # what a turn still counts, one turn later
_CARRY = 0.85  # what all earlier turns count, beside the newest
_COOLED = 0.3  # what they count after a friendly message
_LOOKED_BACK = 4  # among how many earlier messages a repetition is looked for
_TONES = frozenset({"dissatisfied", "sentiment", "profanity", "exclaiming"})
_UNAIMED = 0.6  # the part that these count in a conversation in which there is nothing else
_HABIT = 0.3  # the part that capitals count for somebody who always writes them
_MISSES = (0.15, 0.25, 0.35)  # the first miss, the second in a row, and each further one
_FORM_LEFT = "action_deactivate_loop"


@dataclass(frozen=True, slots=True)
class Frustration:
    """The score in [0, 1] and its contributions, the heaviest first."""

    score: float = 0.0
    contributions: tuple[Contribution, ...] = ()


def measure(
    turns: Sequence[Turn], missed: Sequence[bool], sentiment: Sentiment, off: Collection[str] = ()
) -> Frustration:
    """The score after the last of `turns`; `missed` says for the last `REMEMBERED` whether the bot understood.

    `off` are signals that do not count.
    """
    first = max(0, len(turns) - REMEMBERED)
    newest = turns[first:]
    said = tuple(_said(turn) for turn in newest)
    each = _calmed([_contributions(newest, at, said, missed, sentiment, off) for at in range(len(newest))])
    carry = _CARRY * (_COOLED if said and voice.is_friendly(said[-1], sentiment) else 1.0)
    calm = 1.0
    for age, found in enumerate(reversed(each)):
        share = carry * _FADE ** (age - 1) if age else 1.0
        calm *= 1.0 - share * (1.0 - prod(1.0 - one.weight for one in found))
    numbered = (replace(one, turn=first + at) for at, found in enumerate(each, 1) for one in found)
    return Frustration(round(1.0 - calm, 4), tuple(sorted(numbered, key=lambda one: (-one.weight, -one.turn))))


def _calmed(each: list[list[Contribution]]) -> list[list[Contribution]]:
    """Where nothing in a conversation is aimed at us or goes wrong, bad news and swearing are its tone, not anger."""
    if len(each) < 2 or any(one.signal not in _TONES for found in each for one in found):
        return each
    return [[replace(one, weight=_UNAIMED * one.weight) for one in found] for found in each]


def _said(turn: Turn) -> str:
    """The customer's own words, bounded; a button's payload is none of them."""
    return "" if turn.text.startswith("/") else texts.bounded(turn.text, 500)


def _contributions(
    turns: Sequence[Turn],
    at: int,
    said: tuple[str, ...],
    missed: Sequence[bool],
    sentiment: Sentiment,
    off: Collection[str],
) -> list[Contribution]:
    found = (
        *_without_habit(voice.heard(said[at], sentiment), said[:at]),
        *_repetitions(turns, at, said),
        *_trouble(turns[at], missed[: at + 1]),
    )
    return [one for one in found if one.signal not in off]


def _without_habit(heard: Sequence[Contribution], before: Sequence[str]) -> Iterator[Contribution]:
    """Capitals are loud where the customer wrote otherwise before, or where something else is angry, too."""
    aimed = any(one.signal not in _TONES and one.signal != "shouting" for one in heard)
    loud = aimed or not all(voice.is_shouted(message) for message in before if message)
    for one in heard:
        yield one if loud or one.signal != "shouting" else replace(one, weight=_HABIT * one.weight)


def _repetitions(turns: Sequence[Turn], at: int, said: tuple[str, ...]) -> Iterator[Contribution]:
    if _repeats(said[at], said[max(0, at - _LOOKED_BACK) : at]):
        yield Contribution("repeating", 0.35, 0, "Customer repeats a question")
    if at and (repeated := _again(turns[at].replies, turns[at - 1].replies)):
        yield Contribution("bot_repeats", 0.3, 0, f"The bot repeated itself: {repeated}")


def _trouble(turn: Turn, missed: Sequence[bool]) -> Iterator[Contribution]:
    if row := len(missed) - 1 - max((at for at, one in enumerate(missed) if not one), default=-1):
        words = "The bot did not understand" + (f", {row} times in a row" if row > 1 else "")
        yield Contribution("miss", _MISSES[min(row, len(_MISSES)) - 1], 0, words)
    if _FORM_LEFT in turn.actions:
        yield Contribution("form_left", 0.3, 0, "Customer left a form")


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(ngrams.folded(word)[:5] for sentence in ngrams.sentences(text) for word in sentence)


def _alike(one: frozenset[str], other: frozenset[str], share: float) -> bool:
    return bool(one) and len(one & other) >= share * len(one | other)


@lru_cache(maxsize=1024)
def _repeats(message: str, before: tuple[str, ...]) -> bool:
    newest = _stems(message)
    return len(newest) >= 3 and any(_alike(newest, one, 0.5) or _holds(newest, one) for one in map(_stems, before))


def _holds(newest: frozenset[str], earlier: frozenset[str]) -> bool:
    """An earlier message stands in the newest, whatever else that says."""
    return len(earlier) >= 3 and len(newest & earlier) >= 0.8 * len(earlier)


@lru_cache(maxsize=1024)
def _again(replies: tuple[str, ...], before: tuple[str, ...]) -> str | None:
    """What the bot said that is what it had said to the message before, or nearly."""
    for reply in replies:
        if any(_alike(_stems(reply[:500]), _stems(other[:500]), 0.7) for other in before):
            return texts.clipped(reply, 80)
    return None
