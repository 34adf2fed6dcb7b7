"""What lets a customer's mood be heard: swearing, insults, complaints, laughter, thanks, in twelve languages.

The words stand in `data/moods.txt`, read when the first message comes. A look-up costs the same however long it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType

from rasa_handoff.core import ngrams
from rasa_handoff.core.lexicon import Entry, Lexicon, parsed

Moods = Mapping[str, tuple[str, ...]]

_NONE: Moods = MappingProxyType({})
_SIGNS = {
    "laughter": ("😂", "🤣", "😆", "😄", "😁", "😅", "😜", "😹", ":D", "xD", "XD", ";)", ";-)", ":P"),
    "warm": ("😊", "🙏", "👍", "🥰", "🎉", "😍", "❤", ":)", ":-)"),
    "complaint": ("😡", "🤬", "😠", "👿", "💢", "🖕", "😤"),
}
_SIGN = re.compile("|".join(re.escape(sign) for signs in _SIGNS.values() for sign in signs))


@lru_cache(maxsize=1024)
def heard(message: str) -> Moods:
    """The moods of a message by name, each with what said so, in order. Never raises."""
    found: dict[str, list[str]] = {}
    for words in ngrams.sentences(message):
        _listen([ngrams.folded(word) for word in words], words, found)
    if _SIGN.search(message):
        for mood, signs in _SIGNS.items():
            if there := [sign for sign in signs if sign in message]:
                found.setdefault(mood, []).extend(there)
    return {mood: tuple(dict.fromkeys(said)) for mood, said in found.items()} or _NONE


@dataclass(frozen=True, slots=True)
class _Start:
    """What begins with a word: what it means by itself, and longer phrases by their second word."""

    alone: tuple[str, ...]
    longer: dict[str, tuple[Entry, ...]]
    stems: tuple[Entry, ...]  # phrases whose second word is the beginning of one


def _listen(folded: Sequence[str], words: Sequence[str], found: dict[str, list[str]]) -> None:
    at, last = 0, len(folded) - 1
    while at <= last:
        start, size = _starting(folded[at]), 1
        meant = start.alone
        if at < last and (start.longer or start.stems):
            several = (*start.longer.get(folded[at + 1], ()), *start.stems)
            fits = [entry for entry in several if _follows(entry.rest, folded, at + 1)]
            if fits:
                size = 1 + max(len(entry.rest) for entry in fits)
                meant = tuple(entry.meaning for entry in fits if len(entry.rest) == size - 1)
        for mood in meant:
            found.setdefault(mood, []).append(" ".join(words[at : at + size]))
        at += size


def _follows(rest: Sequence[str], words: Sequence[str], at: int) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(
        said.startswith(word[:-1]) if word.endswith("*") else said == word
        for word, said in zip(rest, words[at : at + len(rest)], strict=True)
    )


@lru_cache(maxsize=8192)
def _starting(word: str) -> _Start:
    entries = list(dict.fromkeys(_moods().starting_with(word)))
    longer: dict[str, tuple[Entry, ...]] = {}
    for entry in entries:
        if entry.rest and not entry.rest[0].endswith("*"):
            longer[entry.rest[0]] = (*longer.get(entry.rest[0], ()), entry)
    stems = tuple(entry for entry in entries if entry.rest and entry.rest[0].endswith("*"))
    return _Start(tuple(entry.meaning for entry in entries if not entry.rest), longer, stems)


@cache
def _moods() -> Lexicon:
    source = files("rasa_handoff").joinpath("data/moods.txt").read_text(encoding="utf-8")
    return parsed(source, lambda phrase: [ngrams.folded(word) for part in ngrams.sentences(phrase) for word in part])
