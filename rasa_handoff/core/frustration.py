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
_MISSES = (0.15, 0.25, 0.35)  # the first miss, the second in a row, and each more
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
    each = list(_each(turns, first, missed, sentiment))
    if off:
        each = [tuple(one for one in found if one.signal not in off) for found in each]
    if not any(each):
        return Frustration()
    strained = len(each) < 2 or any(one.signal not in _TONES for found in each for one in found)
    part = 1.0 if strained else _UNAIMED
    friendly = bool(turns) and voice.is_friendly(_said(turns[-1]), sentiment)
    share, calm = 1.0, 1.0
    for found in reversed(each):
        if found:
            calm *= 1.0 - share * (1.0 - prod([1.0 - part * one.weight for one in found]))
        share = share * _FADE if share < 1.0 else _CARRY * (_COOLED if friendly else 1.0)
    made = [
        Contribution(one.signal, round(part * one.weight, 4), number, one.words)
        for number, found in enumerate(each, first + 1)
        if found
        for one in found
    ]
    return Frustration(round(1.0 - calm, 4), tuple(sorted(made, key=lambda one: (-one.weight, -one.turn))))


def _said(turn: Turn) -> str:
    """The customer's own words, bounded; a button's payload is none of them."""
    text = turn.text
    return "" if text.startswith("/") else text if len(text) <= 1000 else texts.bounded(text, 500)


def _each(
    turns: Sequence[Turn], first: int, missed: Sequence[bool], sentiment: Sentiment
) -> Iterator[tuple[Contribution, ...]]:
    """What each turn from `first` on adds. A turn's part hangs on few before it: it is the same on the next message."""
    start, row = max(0, first - _LOOKED_BACK), 0
    said = tuple(map(_said, turns[start:]))
    for at in range(first, len(turns)):
        turn, place = turns[at], at - start
        row = row + 1 if missed[at - first] else 0
        yield _turn(
            said[place],
            said[max(0, place - _LOOKED_BACK) : place],
            turn.replies,
            turns[at - 1].replies if at else (),
            min(row, len(_MISSES)),
            _FORM_LEFT in turn.actions,
            sentiment,
        )


@lru_cache(maxsize=1024)
def _turn(
    said: str,
    before: tuple[str, ...],
    replies: tuple[str, ...],
    replied: tuple[str, ...],
    row: int,
    left: bool,
    sentiment: Sentiment,
) -> tuple[Contribution, ...]:
    """What a turn adds: its words, repetitions, `row` misses that end with it, a form that was `left`."""
    found = [*_without_habit(voice.heard(said, sentiment), before)]
    if _repeats(said, before):
        found.append(Contribution("repeating", 0.35, 0, "Customer repeats a question"))
    if repeated := _again(replies, replied):
        found.append(Contribution("bot_repeats", 0.3, 0, f"The bot repeated itself: {repeated}"))
    if row:
        words = "The bot did not understand" + (f", {row} times in a row" if row > 1 else "")
        found.append(Contribution("miss", _MISSES[row - 1], 0, words))
    if left:
        found.append(Contribution("form_left", 0.3, 0, "Customer left a form"))
    return tuple(found)


def _without_habit(heard: Sequence[Contribution], before: Sequence[str]) -> Iterator[Contribution]:
    """Capitals are loud where the customer wrote otherwise before, or where something else is angry, too."""
    shouted = any(one.signal == "shouting" for one in heard)
    aimed = any(one.signal not in _TONES and one.signal != "shouting" for one in heard)
    loud = not shouted or aimed or not all(voice.is_shouted(message) for message in before if message)
    for one in heard:
        yield one if loud or one.signal != "shouting" else replace(one, weight=_HABIT * one.weight)


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(ngrams.folded(word)[:5] for sentence in ngrams.sentences(text) for word in sentence)


def _alike(one: frozenset[str], other: frozenset[str], share: float) -> bool:
    return bool(one) and len(one & other) >= share * len(one | other)


def _repeats(message: str, before: tuple[str, ...]) -> bool:
    newest = _stems(message)
    return len(newest) >= 3 and any(_alike(newest, one, 0.5) or _holds(newest, one) for one in map(_stems, before))


def _holds(newest: frozenset[str], earlier: frozenset[str]) -> bool:
    """An earlier message stands in the newest, whatever else that says."""
    return len(earlier) >= 3 and len(newest & earlier) >= 0.8 * len(earlier)


def _again(replies: tuple[str, ...], before: tuple[str, ...]) -> str | None:
    """What the bot said that is what it had said to the message before, or nearly."""
    for reply in replies:
        if any(_alike(_stems(reply[:500]), _stems(other[:500]), 0.7) for other in before):
            return texts.clipped(reply, 80)
    return None
