"""VADER as the detector's sense of tone. English; other languages come out as neutral."""

from collections.abc import Callable
from functools import lru_cache
from string import punctuation

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_READ = 300


def vader() -> Callable[[str], float]:
    """A function from a text to its compound sentiment in [-1, 1].

    It reads the first 300 characters of a text and remembers 4,096 of them.
    """
    analyzer = SentimentIntensityAnalyzer()  # type: ignore[no-untyped-call]
    weighed = frozenset([*analyzer.lexicon, *analyzer.emojis])

    @lru_cache(maxsize=4096)
    def remembered(text: str) -> float:
        if _silent(text, weighed):
            return 0.0
        return float(analyzer.polarity_scores(text)["compound"])  # type: ignore[no-untyped-call]

    return lambda text: remembered(text[:_READ])


def _silent(text: str, weighed: frozenset[str]) -> bool:
    """None of its words and signs is weighed, so that the analyzer, which is slow, would find nothing."""
    if not text.isascii() and not weighed.isdisjoint(text):
        return False
    words = text.lower().split()
    return weighed.isdisjoint(words) and weighed.isdisjoint([word.strip(punctuation) for word in words])
