"""The classifier's weights (`data/detector.bin`, made by `python -m training.train`), and how they add up.

A bucket's weights, one byte a hidden unit, lie in one integer of two-byte lanes: a sum of integers adds up all units at
once. Before the lanes could run over they are spread over two integers of four-byte lanes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import sqrt, tanh
from struct import Struct
from typing import Any

from rasa_handoff.core.ngrams import BUCKETS

ZERO = 128  # a byte of this value is a weight of 0
_LANE = 2
_FULL = 256  # so many bytes fit into a lane
_LONG = 800  # from so many features on, more of them say no more


@dataclass(frozen=True, slots=True)
class Sum:
    """Added-up weights of `count` features: the even units in one integer, the odd ones in another."""

    even: int = 0
    odd: int = 0
    count: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.even + other.even, self.odd + other.odd, self.count + other.count)

    def __sub__(self, other: "Sum") -> "Sum":
        """Without the features of `other`, which are among them."""
        return Sum(self.even - other.even, self.odd - other.odd, self.count - other.count)

    def __mul__(self, times: int) -> "Sum":
        return Sum(self.even * times, self.odd * times, self.count * times)


@dataclass(frozen=True, slots=True)
class Head:
    """What a head adds up: a weight for each hidden unit, and the bias."""

    weights: tuple[float, ...]
    bias: float


@dataclass(frozen=True, slots=True)
class Model:
    """`table` holds a row of lanes for each bucket. Hidden units stand in the order of `Sum`: even, then odd."""

    table: bytes
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    heads: dict[str, Head]
    lanes: Struct
    low: int


@cache
def model() -> Model:
    """Read once, when the first message comes."""
    data = files("rasa_handoff").joinpath("data")
    manifest: dict[str, Any] = json.loads(data.joinpath("detector.json").read_text(encoding="utf-8"))
    raw = data.joinpath("detector.bin").read_bytes()
    table = bytearray(_LANE * len(raw))
    table[::_LANE] = raw
    units = len(manifest["scales"])
    heads = {name: Head(_ordered(head["weights"]), head["bias"]) for name, head in manifest["heads"].items()}
    lanes = Struct(f"<{units // 2}I")
    low = int.from_bytes(b"\xff\xff\0\0" * (units // 2), "little")
    return Model(bytes(table), _ordered(manifest["scales"]), _ordered(manifest["biases"]), heads, lanes, low)


def _ordered(units: Sequence[float]) -> tuple[float, ...]:
    return (*units[::2], *units[1::2])


def added(buckets: Sequence[int]) -> Sum:
    """The weights of the buckets' rows, added up."""
    if len(buckets) > _FULL:
        return added(buckets[:_FULL]) + added(buckets[_FULL:])
    known, lanes = model(), sum(map(_row, buckets))
    return Sum(lanes & known.low, lanes >> 16 & known.low, len(buckets))


@lru_cache(maxsize=32768)
def _row(bucket: int) -> int:
    """A bucket's weights. Most of a message's n-grams have been in one before."""
    table = model().table
    width = len(table) // BUCKETS
    return int.from_bytes(table[bucket * width : bucket * width + width], "little")


def total(sums: Sequence[Sum]) -> Sum:
    """All of them added up."""
    return Sum(sum([one.even for one in sums]), sum([one.odd for one in sums]), sum([one.count for one in sums]))


def held(total: Sum) -> tuple[int, ...]:
    """What the lanes hold, for each hidden unit."""
    lanes = model().lanes
    even, odd = (one.to_bytes(lanes.size, "little") for one in (total.even, total.odd))
    return lanes.unpack(even) + lanes.unpack(odd)


def hidden(total: Sum) -> list[float]:
    """The hidden units' levels, each in [-1, 1]."""
    known, root, nothing = model(), length(total.count), ZERO * total.count
    parts = zip(held(total), known.scales, known.biases, strict=True)
    return [tanh(bias + scale * (level - nothing) / root) for level, scale, bias in parts]


def length(count: int) -> float:
    """What a sum of so many features is divided by: its root, so that a long text does not drown in its words.

    From `_LONG` on it is a mean: however much somebody writes, it adds up to no more.
    """
    return sqrt(max(1, count)) if count <= _LONG else count / sqrt(_LONG)
