"""Numbers that say how good decisions are. Pure; a number that has no meaning (0 of 0) is None."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEVELS = {"GT-I": 1, "GT-II": 2, "GT-III": 3}


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Counts:
    """How often something was said (`said`), and how often it was true (`truth`)."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    @property
    def precision(self) -> float | None:
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float | None:
        return ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float | None:
        """None without a positive; 0 when there are some and none is found."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn) if self.tp + self.fn else None

    @property
    def false_alarms(self) -> float | None:
        """In a thousand negatives."""
        return ratio(1000 * self.fp, self.fp + self.tn)


def counts(pairs: Iterable[tuple[bool, bool]]) -> Counts:
    """Of (truth, said)."""
    cells = [0, 0, 0, 0]
    for truth, said in pairs:
        cells[2 * truth + said] += 1
    tn, fp, fn, tp = cells
    return Counts(tp, fp, fn, tn)


def auc(pairs: Iterable[tuple[bool, float]]) -> float | None:
    """The area under the ROC curve of (truth, score): how often a positive scores above a negative; ties are half."""
    ordered = sorted(pairs, key=lambda pair: pair[1])
    positives = sum(truth for truth, _ in ordered)
    ranks, at = 0.0, 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][1] == ordered[at][1]:
            end += 1
        ranks += (at + 1 + end) / 2 * sum(truth for truth, _ in ordered[at:end])
        at = end
    return ratio(ranks - positives * (positives + 1) / 2, positives * (len(ordered) - positives))


def gtt(golden: Sequence[int], predicted: Sequence[int], tolerance: int, patience: float = 0.0) -> float:
    """Golden Transfer within Tolerance of one dialogue, in [0, 1] (Liu et al., AAAI 2021).

    `golden` and `predicted` are the turns at which a human should, and would, take over. Each predicted one scores by
    its distance d (late is positive) to the golden one it fits best, exp(-c d^2 / (2 T^2)) with the tolerance T, and
    the dialogue scores their mean. c is 1 / (1 - patience sign(d)): a patience in (0, 1] forgives early transfers more
    than late ones, one in [-1, 0) the other way round, 0 neither. Without a golden transfer the score is 1 if none is
    predicted, else 0; with one and none predicted it is 0. The levels I, II and III have the tolerances 1, 2 and 3.
    """
    if not golden or not predicted:
        return float(not golden and not predicted)
    best = [max(_credit(at - gold, tolerance, patience) for gold in golden) for at in predicted]
    return sum(best) / len(best)


def _credit(distance: int, tolerance: int, patience: float) -> float:
    if distance == 0:
        return 1.0
    forgiven = 1.0 - patience * math.copysign(1, distance)
    return math.exp(-(distance**2) / (2 * tolerance**2) / forgiven) if forgiven > 0 else 0.0


def mean(values: Sequence[float]) -> float | None:
    return ratio(sum(values), len(values))
