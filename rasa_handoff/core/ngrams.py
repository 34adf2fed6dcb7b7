"""A text as words, and a word as the numbers the classifier weighs: its hashed n-grams of letters.

Words are normalised so that what sounds the same looks the same: NFKC, case folded, without invisible characters,
letters of other scripts that pass for Latin ones put right, drawn-out letters shortened, accents taken off (the word
with its accents is a feature of its own). Numbers are one word whatever they are. Everything takes linear time.
What words mean together is in `context`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

from rasa_handoff.core import text as texts

BUCKETS = 1 << 17
READ = 1000  # characters from either end
NUMBER = "0"  # what any number is

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_TOKEN = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}_])[\w{_MARKS}])+|[?!]")
_PLAIN_TOKEN = re.compile(r"[a-z0-9]+|[?!]")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+|(?<=[\u3002!?;])(?=[\u3400-\u9fff])")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S{1,300}|[^\s@]{1,64}@[^\s@]{1,64}\.\w{2,10}")
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")
_LONGEST_WORD = 24
# "the" in Arabic, with "and", "so", "with", "like" before it, or "to" grown together with it.
_ARTICLE = re.compile("^(?:[\u0648\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644)(?=\\w{3})")
_ELIDED = re.compile(
    r"\b([ldjnscmt]|qu|jusqu|lorsqu|puisqu|un|all|dell|nell|dall|sull|quell|quest|bell|com|dov)'(?=\w)"
)
_SOUNDS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "أ": "ا", "إ": "ا", "آ": "ا",
                         "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي"})  # fmt: skip
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏвкмнтгαορεινυτκ", "aeopcyxijsdhlbkmhtraopeivutk")
_OTHER_LETTERS = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[a-z]")

Sentence = tuple[str, ...]


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The words of each sentence, as written but for case and invisible characters; ? and ! are words."""
    plain = texts.bounded(texts.clean(texts.bounded(text, READ)), READ)  # NFKC makes eighteen letters of one
    if "@" in plain or "://" in plain or "www." in plain:
        plain = _ADDRESS.sub(" @ ", plain)
    if "'" in plain:
        plain = _ELIDED.sub(r"\1 ", plain)
    if plain.isascii():
        plain, token = plain.replace("'", ""), _PLAIN_TOKEN
    else:
        plain, token = unicodedata.normalize("NFC", plain.replace("'", "")), _TOKEN
    found = (tuple(token.findall(part)) for part in _SENTENCE_END.split(plain))
    return tuple(words for words in found if words)


@lru_cache(maxsize=16384)
def folded(word: str) -> str:
    """The word without accents, look-alike letters, drawn-out letters and Arabic's article; any number is 0."""
    if word.isdigit():
        return NUMBER
    if not word.isascii():
        if _OTHER_LETTERS.search(word) and _LATIN.search(word):
            word = word.translate(_LOOKALIKES)
        word = _ACCENTS.sub("", unicodedata.normalize("NFD", word)).translate(_SOUNDS)
        word = _ARTICLE.sub("", unicodedata.normalize("NFC", word))
    return _DRAWN_OUT.sub(r"\1", word)[:_LONGEST_WORD]


def hashed(text: str) -> int:
    """A number of 32 bits."""
    return crc32(text.encode("utf-8", "replace"))


def of_word(word: str) -> list[int]:
    """The buckets of a word by itself: as it is, without accents, its letters three to five at a time."""
    return [hashed(feature) & BUCKETS - 1 for feature in _features(word)]


def _features(word: str) -> Iterator[str]:
    plain = folded(word)
    yield f"w {plain}"
    if plain != word and plain != NUMBER:
        yield f"k {word[:_LONGEST_WORD]}"
    if len(plain) > 1:
        edged = f"<{plain}>"
        for size in (3, 4, 5):
            for at in range(len(edged) - size + 1):
                yield edged[at : at + size]
