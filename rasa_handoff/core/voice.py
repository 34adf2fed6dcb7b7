"""What the words of one message say of the customer's mood, whichever turn it is: the parts of frustration.

Three look at it: the classifier (any language), lists of words (`moods`, twelve languages), a sense of tone (English).
None is sure alone: the classifier's word counts more where another agrees, and laughter takes the edge off all of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rasa_handoff.core import classifier, moods, ngrams
from rasa_handoff.core.moods import Moods
from rasa_handoff.core.requests import is_english

Sentiment = Callable[[str], float]

_DOUBT = 0.25  # a probability of dissatisfaction below it says nothing
_ALONE = 0.45  # what the classifier's word counts when nothing else speaks for it
_AGREED = 0.55
_FRAGMENT = 0.5  # the part of it that counts for one or two words
_TONE = 0.8
_TOLD = 0.6  # the part of a negative tone that counts where the classifier hears only bad news
_LISTS = {"profanity": 0.5, "insult": 0.5, "complaint": 0.45, "not_asked": 0.45, "again": 0.3}
_AIMED = ("insult", "complaint", "not_asked", "again")  # what is hardly ever said in good humour
_LAUGHED_OFF = 0.35  # the part that counts in a message that laughs
_PLEASED = 0.2  # a tone of voice from which on a message praises
_PRAISED = 0.3  # the part of swearing, and of the classifier's word, that counts in one that praises


@dataclass(frozen=True, slots=True)
class Contribution:
    """One thing that adds to the score: what it is, how much of it on its own in [0, 1], its turn, and for a person."""

    signal: str
    weight: float
    turn: int
    words: str


@lru_cache(maxsize=1024)
def heard(message: str, sentiment: Sentiment) -> tuple[Contribution, ...]:
    """What speaks for frustration in the message; `sentiment` is in [-1, 1]. Turns are left at 0."""
    if not message:
        return ()
    said, tone = moods.heard(message), tone_of(message, sentiment)
    part = _good_humour(said, tone)
    found = (*_listed(said), *_toned(message, tone), *_loud(message))
    return tuple(
        replace(one, weight=round(one.weight * part.get(one.signal, part[""]), 4))
        for one in (*_classified(message, agreed=bool(found)), *found)
    )


def tone_of(message: str, sentiment: Sentiment) -> float:
    """The sentiment where it can be known: it reads English, and takes the German "die" for a word of grief."""
    foreign = len(moods.heard(message).get("other_language", ()))
    return 0.0 if foreign and (foreign > 1 or not is_english(message)) else sentiment(message)


def is_friendly(message: str, sentiment: Sentiment) -> bool:
    """The message thanks or praises, and nothing in it is angry."""
    if not message:
        return False
    said = moods.heard(message)
    if any(mood in said for mood in _AIMED) or classifier.scores(message)["dissatisfied"] >= 0.5:
        return False
    return "warm" in said or tone_of(message, sentiment) >= _PLEASED


def _good_humour(said: Moods, tone: float) -> dict[str, float]:
    """The part of each signal that counts, under "" for all others, given how the rest of the message sounds."""
    everything = _LAUGHED_OFF if "laughter" in said else 1.0
    praised = ("warm" in said or tone >= _PLEASED) and not any(mood in said for mood in _AIMED)
    swearing = min(everything, _PRAISED) if praised else everything
    return {"": everything, "profanity": swearing, "exclaiming": swearing, "dissatisfied": swearing}


def _classified(message: str, *, agreed: bool) -> Iterator[Contribution]:
    upset, words = classifier.scores(message)["dissatisfied"], _words(message)
    if upset < _DOUBT or not words:
        return
    weight = (_AGREED if agreed else _ALONE) * (_FRAGMENT if words < 3 else 1.0)
    telling = f" ({', '.join(classifier.telling(message, 'dissatisfied'))})" if upset >= 0.5 else ""
    yield Contribution("dissatisfied", weight * upset, 0, f"Dissatisfied {upset:.2f}{telling}")


def _words(message: str) -> int:
    return sum(word[0].isalpha() for sentence in ngrams.sentences(message) for word in sentence)


def _listed(said: Moods) -> Iterator[Contribution]:
    for mood, weight in _LISTS.items():
        if hits := said.get(mood):
            words = f"Customer said: {', '.join(hits[:3])}"
            yield Contribution(mood, weight + 0.05 * min(2, len(hits) - 1), 0, words)


def _toned(message: str, tone: float) -> Iterator[Contribution]:
    if tone <= -0.05:
        upset = classifier.scores(message)["dissatisfied"]
        yield Contribution(
            "sentiment", _TONE * -tone * (_TOLD + (1 - _TOLD) * upset), 0, f"Negative tone ({tone:+.2f})"
        )


def _loud(message: str) -> Iterator[Contribution]:
    if is_shouted(message):
        yield Contribution("shouting", 0.4, 0, "Customer writes in capitals")
    if any(mark in message for mark in ("!!", "??", "?!", "!?", "！！", "？？", "؟؟")):
        yield Contribution("exclaiming", 0.15, 0, "Customer writes !! or ??")


def is_shouted(message: str) -> bool:
    """At least three longer words, and half of them, are in capitals. Scripts without capitals never shout."""
    if message.islower():
        return False
    spoken = [word for word in message.split() if len(word) > 2 and word.strip(".,!?;:").isalpha()]
    loud = sum(word.isupper() for word in spoken)
    return loud >= 3 and loud * 2 >= len(spoken)
