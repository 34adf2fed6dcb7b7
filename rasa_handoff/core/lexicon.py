"""What words of twelve languages mean (`data/lexicon.txt`): the classifier's bridge from one way of saying it to another.

Read once, when the first message comes. A look-up costs the same however long the list is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files

Words = tuple[str, ...]
_LONGEST_STEM = 14


@dataclass(frozen=True, slots=True)
class Entry:
    """A phrase's further words after its first, and what it means. A word of it that ends in * is a beginning."""

    rest: Words
    meaning: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries by their first word: whole words, and beginnings of words."""

    words: dict[str, list[Entry]] = field(default_factory=dict)
    stems: dict[str, list[Entry]] = field(default_factory=dict)

    def starting_with(self, word: str) -> Iterator[Entry]:
        yield from self.words.get(word, ())
        for size in range(1, min(len(word), _LONGEST_STEM) + 1):
            yield from self.stems.get(word[:size], ())


def parsed(source: str, split: Callable[[str], Sequence[str]]) -> Lexicon:
    """The lexicon of a text in the format of `data/lexicon.txt`; `split` makes folded words of a phrase."""
    made, meaning = Lexicon(), ""
    for line in source.splitlines():
        if line.startswith("["):
            meaning = line.strip("[] ")
        elif line and not line.startswith("#"):
            for phrase in line.split(","):
                _add(made, phrase.split(), meaning, split)
    return made


def _add(lexicon: Lexicon, phrase: Sequence[str], meaning: str, split: Callable[[str], Sequence[str]]) -> None:
    words: list[str] = []
    for part in phrase:
        found = list(split(part.rstrip("*")))
        if found and part.endswith("*"):
            found[-1] += "*"
        words += found
    if all(word == "0" for word in words):
        return
    first, *rest = words
    index = lexicon.stems if first.endswith("*") else lexicon.words
    index.setdefault(first.rstrip("*"), []).append(Entry(tuple(rest), meaning))


@cache
def _lexicon() -> Lexicon:
    from rasa_handoff.core.ngrams import folded, sentences  # they need the lexicon as well

    def split(phrase: str) -> list[str]:
        return [folded(word) for sentence in sentences(phrase) for word in sentence]

    source = files("rasa_handoff").joinpath("data/lexicon.txt").read_text(encoding="utf-8")
    return parsed(source, split)


@lru_cache(maxsize=16384)
def _entries(word: str) -> tuple[Entry, ...]:
    found = dict.fromkeys(_lexicon().starting_with(word))
    return tuple(sorted(found, key=lambda entry: -len(entry.rest)))


def meanings(words: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Where folded words mean something: start, end, and the meanings of the longest phrase there."""
    found, at = [], 0
    while at < len(words):
        size, meant = _longest(words, at)
        if meant:
            found.append((at, at + size, meant))
        at += size
    return found


def _longest(words: Sequence[str], at: int) -> tuple[int, tuple[str, ...]]:
    size, meant = 0, dict[str, None]()
    for entry in _entries(words[at]):
        if len(entry.rest) < size - 1:
            break
        if not entry.rest or _follow(entry.rest, words, at + 1):
            size = len(entry.rest) + 1
            meant[entry.meaning] = None
    return max(1, size), tuple(meant)


def _follow(rest: Words, words: Sequence[str], at: int) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(
        said.startswith(word[:-1]) if word.endswith("*") else said == word
        for word, said in zip(rest, words[at:], strict=False)
    )
