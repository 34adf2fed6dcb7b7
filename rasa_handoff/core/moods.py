"""What lets a customer's mood be heard: swearing, insults, complaints, laughter, thanks, in twelve languages.

The words stand in `data/moods.txt`, read when the first message comes. A look-up costs the same however long it is.
"""

from collections.abc import Mapping, Sequence
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


@lru_cache(maxsize=1024)
def heard(message: str) -> Moods:
    """The moods of a message by name, each with what said so, in order. Never raises."""
    found: dict[str, list[str]] = {}
    for words in ngrams.sentences(message):
        _listen([ngrams.folded(word) for word in words], words, found)
    for mood, signs in _SIGNS.items():
        found.setdefault(mood, []).extend(sign for sign in signs if sign in message)
    return {mood: tuple(dict.fromkeys(said)) for mood, said in found.items() if said} or _NONE


def _listen(folded: Sequence[str], words: Sequence[str], found: dict[str, list[str]]) -> None:
    at = 0
    while at < len(folded):
        fits = [entry for entry in _starting(folded[at]) if _follows(entry.rest, folded, at + 1)]
        size = max((len(entry.rest) for entry in fits), default=0) + 1
        for entry in fits:
            if len(entry.rest) == size - 1:
                found.setdefault(entry.meaning, []).append(" ".join(words[at : at + size]))
        at += size


def _follows(rest: Sequence[str], words: Sequence[str], at: int) -> bool:
    if at + len(rest) > len(words):
        return False
    return all(
        said.startswith(word[:-1]) if word.endswith("*") else said == word
        for word, said in zip(rest, words[at : at + len(rest)], strict=True)
    )


@lru_cache(maxsize=8192)
def _starting(word: str) -> tuple[Entry, ...]:
    return tuple(_moods().starting_with(word))


@cache
def _moods() -> Lexicon:
    source = files("rasa_handoff").joinpath("data/moods.txt").read_text(encoding="utf-8")
    return parsed(source, lambda phrase: [ngrams.folded(word) for part in ngrams.sentences(phrase) for word in part])
