"""VADER as the detector's sense of tone. English; other languages come out as neutral."""

from collections.abc import Callable
from functools import lru_cache

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_READ = 300


def vader() -> Callable[[str], float]:
    """A function from a text to its compound sentiment in [-1, 1].

    It reads the first 300 characters of a text and remembers 4,096 of them.
    """
    analyzer = SentimentIntensityAnalyzer()  # type: ignore[no-untyped-call]

    @lru_cache(maxsize=4096)
    def remembered(text: str) -> float:
        return float(analyzer.polarity_scores(text)["compound"])  # type: ignore[no-untyped-call]

    return lambda text: remembered(text[:_READ])
