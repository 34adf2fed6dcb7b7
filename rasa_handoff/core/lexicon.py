"""What words of twelve languages mean (`data/lexicon.txt`): the bridge from one way of saying it to another.

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


@dataclass(frozen=True, slots=True)
class _Start:
    """What begins with a word: phrases by their second word, longest first, and what the word means by itself."""

    phrases: dict[str, tuple[Entry, ...]]
    stems: tuple[Entry, ...]
    meanings: Words


@lru_cache(maxsize=16384)
def _start(word: str) -> _Start:
    found = sorted(dict.fromkeys(_lexicon().starting_with(word)), key=lambda entry: -len(entry.rest))
    longer = [entry for entry in found if entry.rest]
    seconds = {entry.rest[0] for entry in longer if not entry.rest[0].endswith("*")}
    phrases = {second: tuple(entry for entry in longer if entry.rest[0] == second) for second in seconds}
    stems = tuple(entry for entry in longer if entry.rest[0].endswith("*"))
    return _Start(phrases, stems, tuple(dict.fromkeys(entry.meaning for entry in found if not entry.rest)))


def meanings(words: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Where folded words mean something: start, end, and the meanings of the longest phrase there."""
    found, at = [], 0
    while at < len(words):
        start = _start(words[at])
        size, meant = _longest(start, words, at) if start.phrases or start.stems else (1, start.meanings)
        if meant:
            found.append((at, at + size, meant))
        at += size
    return found


def _longest(start: _Start, words: Sequence[str], at: int) -> tuple[int, Words]:
    if at + 1 < len(words):
        fits = [
            entry
            for entry in (*start.phrases.get(words[at + 1], ()), *start.stems)
            if _follow(entry.rest, words, at + 1)
        ]
        if fits:
            size = max(len(entry.rest) for entry in fits)
            return size + 1, tuple(dict.fromkeys(entry.meaning for entry in fits if len(entry.rest) == size))
    return 1, start.meanings


def _follow(rest: Words, words: Sequence[str], at: int) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(
        said.startswith(word[:-1]) if word.endswith("*") else said == word
        for word, said in zip(rest, words[at : at + len(rest)], strict=True)
    )
