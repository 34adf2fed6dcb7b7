"""What a message is about: a probability for each of `HEADS`, in any language, from a small network over n-grams.

Standard library only. The weights (`data/detector.bin`, made by `python -m training.train`) are read when the first
message comes. What a word adds is remembered, so that a message costs little more than its word order. A bucket's
weights, one byte a hidden unit, lie in one integer of four-byte lanes: a sum of integers adds up all units at once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import exp, sqrt, tanh
from operator import mul
from struct import Struct
from typing import Any

from rasa_handoff.core import ngrams

POLICY = ("legal", "regulator_press", "data_protection", "security", "payment_dispute")
SENSITIVE = ("self_harm", "threat", "medical_emergency", "abuse", "minor")
HEADS = ("request", "dissatisfied", "policy", "sensitive", *POLICY, *SENSITIVE)

_LANE = 4
_ZERO = 128  # a byte of this value is a weight of 0
_SENTENCES = 20
_KINDS = 4  # how many heads come before the groups
_MEANT = 0.02  # a kind's probability from which its groups are looked at

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Sum:
    """Added-up weights of `count` features, as bytes in lanes."""

    lanes: int = 0
    count: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.lanes + other.lanes, self.count + other.count)


@dataclass(frozen=True, slots=True)
class _Model:
    """`table` holds a row of lanes for each bucket; a head is its weights of the hidden layer, and its bias."""

    table: bytes
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    heads: tuple[tuple[tuple[float, ...], float], ...]
    lanes: Struct


@cache
def _model() -> _Model:
    data = files("rasa_handoff").joinpath("data")
    manifest: dict[str, Any] = json.loads(data.joinpath("detector.json").read_text(encoding="utf-8"))
    raw = data.joinpath("detector.bin").read_bytes()
    table = bytearray(_LANE * len(raw))
    table[::_LANE] = raw
    heads = tuple((tuple(manifest["heads"][name]["weights"]), manifest["heads"][name]["bias"]) for name in HEADS)
    lanes = Struct(f"<{len(manifest['scales'])}I")
    return _Model(bytes(table), tuple(manifest["scales"]), tuple(manifest["biases"]), heads, lanes)


def scores(text: str) -> Scores:
    """The probability of each head, in [0, 1], by name. Never raises; reads 1,000 characters from either end.

    A message of several sentences is read as a whole and sentence by sentence; the surest reading counts.
    """
    return _scores(text[: ngrams.READ] + "\n" + text[-ngrams.READ :] if len(text) > 2 * ngrams.READ else text)


@lru_cache(maxsize=2048)
def _scores(text: str) -> Scores:
    sums = [_sentence(sentence) for sentence in _read(text)]
    if not sums:
        return dict.fromkeys(HEADS, 0.0)
    whole = sums[0]
    for one in sums[1:]:
        whole += one
    readings = [_hidden(one) for one in ([whole] if len(sums) == 1 else [whole, *sums])]
    return _of(readings)


def _of(readings: Sequence[Sequence[float]]) -> Scores:
    """The heads' probabilities by their surest reading; a kind's groups are told apart only where it may be meant."""
    found = dict.fromkeys(HEADS, 0.0)
    for at, name in enumerate(HEADS[:_KINDS]):
        found[name] = _probability(max(_margin(hidden, at) for hidden in readings))
    for kind, groups in (("policy", POLICY), ("sensitive", SENSITIVE)):
        for name in groups if found[kind] >= _MEANT else ():
            found[name] = _probability(max(_margin(hidden, HEADS.index(name)) for hidden in readings))
    return found


def _read(text: str) -> tuple[ngrams.Sentence, ...]:
    """The sentences that are read: so many from either end."""
    found = ngrams.sentences(text)
    return found if len(found) <= 2 * _SENTENCES else found[:_SENTENCES] + found[-_SENTENCES:]


def telling(text: str, head: str, most: int = 3) -> tuple[str, ...]:
    """The words of the message that speak for the head, the strongest first.

    A word's say is what its own features add at the point where the network stands (its gradient there).
    """
    sentences = _read(text)
    if not sentences:
        return ()
    at = HEADS.index(head)
    words = sentences[0]
    if len(sentences) > 1:
        words = max(sentences, key=lambda sentence: _margin(_hidden(_sentence(sentence)), at))
    total = _sentence(words)
    model = _model()
    weights, _ = model.heads[at]
    parts = zip(_hidden(total), weights, model.scales, strict=True)
    slopes = [(1 - unit * unit) * weight * scale for unit, weight, scale in parts]
    nothing, held = _ZERO * sum(slopes), {word: _word(word) for word in words if word.isalpha()}
    say = {word: sum(map(mul, _held(one), slopes)) - nothing * one.count for word, one in held.items()}
    ordered = sorted((word for word in say if say[word] > 0), key=lambda word: -say[word])
    return tuple(ordered[:most])


def _probability(margin: float) -> float:
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, margin))))


def _margin(hidden: Sequence[float], at: int) -> float:
    weights, bias = _model().heads[at]
    return sum(map(mul, hidden, weights), bias)


def _hidden(total: Sum) -> list[float]:
    model, root, nothing = _model(), sqrt(max(1, total.count)), _ZERO * total.count
    parts = zip(_held(total), model.scales, model.biases, strict=True)
    return [tanh(bias + scale * (level - nothing) / root) for level, scale, bias in parts]


def _held(total: Sum) -> tuple[int, ...]:
    """What the lanes hold, for each hidden unit."""
    lanes = _model().lanes
    return lanes.unpack(total.lanes.to_bytes(lanes.size, "little"))


@lru_cache(maxsize=256)
def _sentence(words: ngrams.Sentence) -> Sum:
    return sum(map(_word, words), _sum([*ngrams.of_order(words), *ngrams.of_meaning(words)]))


@lru_cache(maxsize=8192)
def _word(word: str) -> Sum:
    return _sum(list(ngrams.of_word(word)))


def _sum(features: Sequence[str]) -> Sum:
    model, read = _model(), int.from_bytes
    table, width = model.table, model.lanes.size
    places = [at * width for at in ngrams.buckets(features)]
    return Sum(sum([read(table[at : at + width], "little") for at in places]), len(places))
