"""A sentence's words together, as the numbers the classifier weighs: which stand next to which, and what they mean.

What a message says a thousand times counts once. A word's place among others is hashed with sums of numbers that are
made once for each word, so that reading a sentence makes no strings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rasa_handoff.core import lexicon, ngrams

_MEANINGS = 5  # how many meanings are held against one another
_WORD = 0xFFFFFFFF
_FACTORS = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F)  # odd: one for each place in a row
_SHIFT = 33 - ngrams.BUCKETS.bit_length()  # the upper bits depend on all lower ones
_BUCKET = ngrams.BUCKETS - 1
_STEM = 4
_STARTS, _ENDS = "^", "$"

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

Places = tuple[int, ...]
Meant = tuple[int, int, tuple[Places, ...]]


def _kind(name: str) -> int:
    return ngrams.hashed(name) * _FACTORS[0] & _WORD


_TWO, _STEMS, _THREE, _JUMP, _FOUR = map(_kind, ("two", "stems", "three", "jump", "four"))
_ONE_MEANT, _ORDER, _NEAR, _TRIO, _SHAPE = map(_kind, ("meaning", "order", "near", "trio", "shape"))


@dataclass(frozen=True, slots=True)
class Context:
    """The buckets of a sentence: each counts once, but for those that say which meanings stand together (`THRICE`)."""

    once: frozenset[int]
    thrice: frozenset[int]


THRICE = 3


@dataclass(frozen=True, slots=True)
class _Form:
    """A word's numbers for each place in a row, as a whole and by its beginning."""

    plain: str
    whole: Places
    stem: Places


def of_sentence(words: ngrams.Sentence) -> Context:
    """What the sentence says beyond its single words."""
    forms = [_form(_STARTS), *map(_form, words), _form(_ENDS)]
    found = lexicon.meanings([form.plain for form in forms])
    row: list[Meant] = [(start, end, tuple(map(_places, meant[:3]))) for start, end, meant in found]
    sums = {*_of_order(forms), *_of_meaning(row)}
    if len(row) < 3:
        sums.add(_SHAPE + ngrams.hashed(_shape(found, words)))
    there = frozenset([one for _, _, meant in found for one in meant[:3]])
    return Context(frozenset([one >> _SHIFT & _BUCKET for one in sums]), _together(there))


def _shape(found: Sequence[tuple[int, int, Sequence[str]]], words: ngrams.Sentence) -> str:
    return " ".join(meant[0] for _, _, meant in found) + f" {min(6, len(words))} {'?' in words[-1:]}"


@lru_cache(maxsize=16384)
def _form(word: str) -> _Form:
    plain = word if word in (_STARTS, _ENDS) else ngrams.folded(word)
    return _Form(plain, _places(plain), _places(plain[:_STEM]))


@lru_cache(maxsize=16384)
def _places(text: str) -> Places:
    number = ngrams.hashed(text)
    return tuple(number * factor & _WORD for factor in _FACTORS)


def _of_order(forms: Sequence[_Form]) -> Iterator[int]:
    """Words and stems next to one another, two and three at a time."""
    first, second, third, _ = zip(*[form.whole for form in forms], strict=True)
    stem1, stem2, stem3, stem4 = zip(*[form.stem for form in forms], strict=True)
    long = [len(form.plain) > _STEM for form in forms]
    yield from [_TWO + one + other for one, other in zip(first, second[1:], strict=False)]
    pairs = zip(stem1, stem2[1:], long, long[1:], strict=False)
    yield from [_STEMS + one + other for one, other, either, both in pairs if either or both]
    yield from [_THREE + a + b + c for a, b, c in zip(stem1, stem2[1:], stem3[2:], strict=False)]
    yield from [_JUMP + a + c for a, c in zip(stem1, stem3[2:], strict=False)]
    for at, form in enumerate(forms[1:-2]):
        if len(form.plain) == 1:
            yield _FOUR + first[at] + second[at + 1] + third[at + 2] + stem4[at + 3]


def _of_meaning(row: Sequence[Meant]) -> Iterator[int]:
    """Meanings, and which comes before which, in any language."""
    for at, (_, end, meant) in enumerate(row):
        yield from [_ONE_MEANT + one[0] for one in meant]
        for start, _, others in row[at + 1 : at + _MEANINGS]:
            for one in meant:
                sums = [one[0] + other[1] for other in others]
                yield from [_ORDER + both for both in sums]
                if start - end < 2:
                    yield from [_NEAR + both for both in sums]
    for (_, _, a), (_, _, b), (_, _, c) in zip(row, row[1:], row[2:], strict=False):
        yield _TRIO + a[0][0] + b[0][1] + c[0][2]


@lru_cache(maxsize=4096)
def _together(there: frozenset[str]) -> frozenset[int]:
    """Which meanings of a family stand in one sentence: they decide the most."""
    signatures = [f"g {name} " + " ".join(one for one in family if one in there) for name, family in _FAMILIES.items()]
    person, contact = (bool(there & family) for family in (_PERSON, _CONTACT))
    signatures.append(f"a {person:d}{contact:d} " + " ".join(one for one in _BESIDE if one in there))
    return frozenset(ngrams.hashed(signature) & _BUCKET for signature in signatures)
