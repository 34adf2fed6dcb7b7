"""A text as the numbers the classifier weighs: hashed n-grams of letters, words and meanings.

Words are normalised so that what sounds the same looks the same: NFKC, case folded, without invisible characters,
letters of other scripts that pass for Latin ones put right, drawn-out letters shortened, accents taken off (the word
with its accents is a feature of its own). Numbers are one word whatever they are. Everything takes linear time.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from zlib import crc32

from rasa_handoff.core import lexicon
from rasa_handoff.core import text as texts

BUCKETS = 1 << 17
READ = 1000  # characters from either end

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
_TOKEN = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}_])[\w{_MARKS}])+|[?!]")
_PLAIN_TOKEN = re.compile(r"[a-z0-9]+|[?!]")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n+|(?<=[\u3002!?;])(?=[\u3400-\u9fff])")
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S{1,300}|[^\s@]{1,64}@[^\s@]{1,64}\.\w{2,10}")
_ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
_DRAWN_OUT = re.compile(r"([^\W\d])\1{2,}")
_LONGEST_WORD = 24
_MEANINGS = 5  # how many meanings are held against one another
_ELIDED = re.compile(
    r"\b([ldjnscmt]|qu|jusqu|lorsqu|puisqu|un|all|dell|nell|dall|sull|quell|quest|bell|com|dov)'(?=\w)"
)
_SOUNDS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "أ": "ا", "إ": "ا", "آ": "ا",
                         "ى": "ي", "ة": "ه", "ک": "ك", "ی": "ي"})  # fmt: skip
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһӏвкмнтгαορεινυτκ", "aeopcyxijsdhlbkmhtraopeivutk")
_OTHER_LETTERS = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile("[a-z]")

_PERSON = frozenset({"human", "someone", "boss", "service"})
_CONTACT = frozenset({"speak", "call", "connect"})
_BESIDE = ("want", "real", "bot", "not", "past", "others", "are_you", "contact_info", "job", "help", "money",
           "language", "goods")  # fmt: skip
_FAMILIES = {
    "request": ("human", "someone", "boss", "service", "speak", "call", "connect", "real", "bot"),
    "policy": ("law", "regulator", "press", "privacy", "erase", "leak", "hack", "fraud", "charge", "unknown",
               "dispute", "bank", "not", "media_product"),
    "sensitive": ("suicide", "kill", "emergency", "abuse", "child", "alone", "police", "partner", "joke",
                  "media_product"),
    "mood": ("profane", "insult", "again", "unhelpful", "joke"),
}  # fmt: skip

Sentence = tuple[str, ...]


@lru_cache(maxsize=64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The words of each sentence, as written but for case and invisible characters; ? and ! are words."""
    plain = _ADDRESS.sub(" @ ", texts.clean(texts.bounded(text, READ)))
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
    """The word without accents, look-alike letters and drawn-out letters; any number is 0."""
    if word.isdigit():
        return "0"
    if not word.isascii():
        if _OTHER_LETTERS.search(word) and _LATIN.search(word):
            word = word.translate(_LOOKALIKES)
        word = _ACCENTS.sub("", unicodedata.normalize("NFD", word)).translate(_SOUNDS)
        word = unicodedata.normalize("NFC", word)
    return _DRAWN_OUT.sub(r"\1", word)[:_LONGEST_WORD]


def buckets(features: Sequence[str]) -> list[int]:
    """Where the features' weights are."""
    mask = BUCKETS - 1
    return [crc32(feature.encode("utf-8", "replace")) & mask for feature in features]


def of_word(word: str) -> Iterator[str]:
    """The features of a word by itself: as it is, without accents, its letters three to five at a time."""
    plain = folded(word)
    yield f"w {plain}"
    if plain != word:
        yield f"k {word[:_LONGEST_WORD]}"
    if len(plain) > 1:
        edged = f"<{plain}>"
        for size in (3, 4, 5):
            for at in range(len(edged) - size + 1):
                yield edged[at : at + size]


def of_order(words: Sequence[str]) -> Iterator[str]:
    """The features of a sentence's order: words, stems and meanings next to one another, two and three at a time."""
    plain = ["^", *map(folded, words), "$"]
    stems = [word[:4] for word in plain]
    for at in range(len(plain) - 1):
        yield f"2 {plain[at]} {plain[at + 1]}"
        if len(plain[at]) > 4 or len(plain[at + 1]) > 4:
            yield f"s {stems[at]} {stems[at + 1]}"
    for at in range(len(plain) - 2):
        yield f"3 {stems[at]} {stems[at + 1]} {stems[at + 2]}"
        yield f"j {stems[at]} {stems[at + 2]}"
    for at in range(len(plain) - 3):
        if len(plain[at + 1]) == 1:
            yield f"4 {plain[at]} {plain[at + 1]} {plain[at + 2]} {stems[at + 3]}"


def of_meaning(words: Sequence[str]) -> Iterator[str]:
    """The features of what a sentence means, in any language: its meanings, and which comes before which."""
    found = lexicon.meanings(["^", *map(folded, words), "$"])
    row = [(end, start, meant[:3]) for start, end, meant in found]
    yield from _together(row)
    for at, (_, _, meant) in enumerate(row):
        for one in meant:
            yield f"m {one}"
        for later in range(at + 1, min(at + _MEANINGS, len(row))):
            near = row[later][1] - row[at][0] < 2
            for one in meant:
                for other in row[later][2]:
                    yield f"o {one} {other}"
                    if near:
                        yield f"n {one} {other}"
    for at in range(len(row) - 2):
        yield f"t {row[at][2][0]} {row[at + 1][2][0]} {row[at + 2][2][0]}"
    if len(row) < 3:
        shape = " ".join(meant[0] for _, _, meant in row)
        yield f"q {shape} {min(6, len(words))} {'?' in words[-1:]}"


def _together(row: Sequence[tuple[int, int, Sequence[str]]]) -> Iterator[str]:
    """Which meanings of a family stand in one sentence: weighed three times, for they decide the most."""
    there = {one for _, _, meant in row for one in meant}
    for name, family in _FAMILIES.items():
        signature = f"g {name} " + " ".join(one for one in family if one in there)
        yield from (signature, signature, signature)
    person, contact = (bool(there & family) for family in (_PERSON, _CONTACT))
    asked = f"a {person:d}{contact:d} " + " ".join(one for one in _BESIDE if one in there)
    yield from (asked, asked, asked)


def of_sentence(words: Sequence[str]) -> list[int]:
    """All buckets of a sentence, for training; `classifier` adds them up word by word."""
    features = [feature for word in words for feature in of_word(word)]
    return buckets([*features, *of_order(words), *of_meaning(words)])
