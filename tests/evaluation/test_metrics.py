"""The numbers, against examples worked out by hand."""

from math import exp

import pytest

from rasa_handoff.evaluation.metrics import Counts, auc, counts, gtt


def test_precision_recall_and_f1_by_hand() -> None:
    found = counts([(True, True), (True, True), (True, False), (False, True), *[(False, False)] * 6])
    assert found == Counts(tp=2, fp=1, fn=1, tn=6)
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.f1 == pytest.approx(2 / 3)
    assert found.false_alarms == pytest.approx(1000 / 7)


def test_what_has_no_meaning_is_none_and_not_nought() -> None:
    nothing = counts([(False, False)])
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    assert counts([(True, False)]).f1 == 0
    assert counts([(True, True)]).false_alarms is None
    assert auc([(True, 0.5)]) is None


@pytest.mark.parametrize(
    ("pairs", "area"),
    [
        ([(True, 0.9), (False, 0.1)], 1.0),
        ([(True, 0.1), (False, 0.9)], 0.0),
        ([(True, 0.5), (False, 0.5)], 0.5),
        # Of the six pairs of a positive (.8, .4) and a negative (.6, .4, .2) four are in order, one is a tie.
        ([(True, 0.8), (True, 0.4), (False, 0.6), (False, 0.4), (False, 0.2)], 4.5 / 6),
    ],
)
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(pairs: list[tuple[bool, float]], area: float) -> None:
    assert auc(pairs) == pytest.approx(area)


@pytest.mark.parametrize(
    ("golden", "predicted", "scores"),
    [
        ([], [], (1.0, 1.0, 1.0)),  # nobody was to take over, nobody did
        ([], [2], (0.0, 0.0, 0.0)),  # called for nothing
        ([3], [], (0.0, 0.0, 0.0)),  # missed
        ([3], [3], (1.0, 1.0, 1.0)),
        ([3], [4], (exp(-1 / 2), exp(-1 / 8), exp(-1 / 18))),  # one late
        ([3], [2], (exp(-1 / 2), exp(-1 / 8), exp(-1 / 18))),  # one early costs as much
        ([3], [6], (exp(-9 / 2), exp(-9 / 8), exp(-9 / 18))),
        ([2, 6], [5], (exp(-1 / 2), exp(-1 / 8), exp(-1 / 18))),  # the golden one it fits best
        ([2], [2, 4], ((1 + exp(-4 / 2)) / 2, (1 + exp(-4 / 8)) / 2, (1 + exp(-4 / 18)) / 2)),  # the mean of both
    ],
)
def test_golden_transfer_within_tolerance_by_hand(
    golden: list[int], predicted: list[int], scores: tuple[float, float, float]
) -> None:
    assert tuple(gtt(golden, predicted, tolerance) for tolerance in (1, 2, 3)) == pytest.approx(scores)


def test_patience_forgives_early_transfers_more_than_late_ones() -> None:
    assert gtt([3], [2], 1, patience=0.5) == pytest.approx(exp(-1 / 2 / 1.5))
    assert gtt([3], [4], 1, patience=0.5) == pytest.approx(exp(-1 / 2 / 0.5))
    assert gtt([3], [4], 1, patience=1.0) == 0
    assert gtt([3], [2], 1, patience=-1.0) == 0
