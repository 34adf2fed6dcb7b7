"""A message as the readers of details see it: its text, and its words, so that a reader knows when not to look."""

import re
from dataclasses import dataclass, field

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Message:
    """`words` are the case-folded words of `text`; `digits` is how many digits it has."""

    text: str
    words: frozenset[str] = field(init=False)
    digits: int = field(init=False)

    def __post_init__(self) -> None:
        folded = self.text.casefold().replace("’", "'")
        object.__setattr__(self, "words", frozenset(_WORD.findall(folded)))
        object.__setattr__(self, "digits", len(_DIGIT.findall(folded)))

    def has(self, words: frozenset[str]) -> bool:
        """Any of the words is in it."""
        return not self.words.isdisjoint(words)
