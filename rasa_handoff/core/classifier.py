"""What a message is about: a probability for each of `HEADS`, in any language, from a small network over n-grams.

Standard library only. The weights (`data/detector.bin`, made by `python -m training.train`) are read when the first
message comes. What a word adds is remembered, so that a message costs little more than its word order. A bucket's
weights, one byte a hidden unit, lie in one integer of three-byte lanes: a sum of integers adds up all units at once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import exp, sqrt, tanh
from operator import mul
from typing import Any

from rasa_handoff.core import ngrams

POLICY = ("legal", "regulator_press", "data_protection", "security", "payment_dispute")
SENSITIVE = ("self_harm", "threat", "medical_emergency", "abuse", "minor")
HEADS = ("request", "dissatisfied", "policy", "sensitive", *POLICY, *SENSITIVE)

_LANE = 3
_ZERO = 128  # a byte of this value is a weight of 0
_SENTENCES = 40

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

    @property
    def width(self) -> int:
        return _LANE * len(self.scales)


@cache
def _model() -> _Model:
    data = files("rasa_handoff").joinpath("data")
    manifest: dict[str, Any] = json.loads(data.joinpath("detector.json").read_text(encoding="utf-8"))
    raw = data.joinpath("detector.bin").read_bytes()
    table = bytearray(_LANE * len(raw))
    table[::_LANE] = raw
    heads = tuple((tuple(manifest["heads"][name]["weights"]), manifest["heads"][name]["bias"]) for name in HEADS)
    return _Model(bytes(table), tuple(manifest["scales"]), tuple(manifest["biases"]), heads)


def scores(text: str) -> Scores:
    """The probability of each head, in [0, 1], by name. Never raises; reads 1,000 characters from either end.

    A message of several sentences is read as a whole and sentence by sentence; the surest reading counts.
    """
    return _scores(text[: ngrams.READ] + "\n" + text[-ngrams.READ :] if len(text) > 2 * ngrams.READ else text)


@lru_cache(maxsize=2048)
def _scores(text: str) -> Scores:
    sums = [_sentence(sentence) for sentence in ngrams.sentences(text)[:_SENTENCES]]
    if not sums:
        return dict.fromkeys(HEADS, 0.0)
    whole = sums[0]
    for one in sums[1:]:
        whole += one
    readings = [_margins(one) for one in ([whole] if len(sums) == 1 else [whole, *sums])]
    return {name: _probability(max(reading[at] for reading in readings)) for at, name in enumerate(HEADS)}


def telling(text: str, head: str, most: int = 3) -> tuple[str, ...]:
    """The words of the message that speak for the head, the strongest first.

    A word's say is what its own features add at the point where the network stands (its gradient there).
    """
    sentences = ngrams.sentences(text)[:_SENTENCES]
    if not sentences:
        return ()
    at = HEADS.index(head)
    total, words = max(
        ((_sentence(sentence), sentence) for sentence in sentences), key=lambda pair: _margins(pair[0])[at]
    )
    model = _model()
    weights, _ = model.heads[at]
    slopes = [(1 - unit * unit) * weight for unit, weight in zip(_hidden(total), weights, strict=True)]
    say = {word: sum(map(mul, _weights(_word(word)), slopes)) for word in words}
    ordered = sorted((word for word in say if say[word] > 0 and word.isalpha()), key=lambda word: -say[word])
    return tuple(ordered[:most])


def _probability(margin: float) -> float:
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, margin))))


def _margins(total: Sum) -> tuple[float, ...]:
    hidden = _hidden(total)
    return tuple(bias + sum(map(mul, hidden, weights)) for weights, bias in _model().heads)


def _hidden(total: Sum) -> list[float]:
    root = sqrt(max(1, total.count))
    return [tanh(bias + weight / root) for bias, weight in zip(_model().biases, _weights(total), strict=True)]


def _weights(total: Sum) -> list[float]:
    """What the lanes hold, for each hidden unit."""
    model = _model()
    raw, nothing, read = total.lanes.to_bytes(model.width + 1, "little"), _ZERO * total.count, int.from_bytes
    return [
        scale * (read(raw[lane : lane + _LANE], "little") - nothing)
        for lane, scale in zip(range(0, model.width, _LANE), model.scales, strict=True)
    ]


def _sentence(words: Sequence[str]) -> Sum:
    features = [*ngrams.of_order(words), *ngrams.of_meaning(words)]
    total = _sum([ngrams.bucket(feature) for feature in features])
    return sum(map(_word, words), total)


@lru_cache(maxsize=8192)
def _word(word: str) -> Sum:
    return _sum([ngrams.bucket(feature) for feature in ngrams.of_word(word)])


def _sum(buckets: Sequence[int]) -> Sum:
    table, width, read = _model().table, _model().width, int.from_bytes
    lanes = sum(read(table[at * width : (at + 1) * width], "little") for at in buckets)
    return Sum(lanes, len(buckets))
