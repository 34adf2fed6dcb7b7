"""What was measured as a tree of numbers: task, slice's kind, slice, measure. Rounded to four digits."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from rasa_handoff.evaluation import metrics
from rasa_handoff.evaluation.labels import Task
from rasa_handoff.evaluation.scoring import Details, Scored, Timing, Verdict

ALL = "all"

Numbers = dict[str, Any]
Tree = dict[str, dict[str, dict[str, Numbers]]]


class _Sliced(Protocol):
    @property
    def slices(self) -> Mapping[str, str]: ...


S = TypeVar("S", bound=_Sliced)


def tree(scored: Scored) -> Tree:
    """{"request": {"all": {"all": {"n", "positive", "f1", ...}}, "language": {"en": ...}, ...}, "timing": ..., ...}."""
    made: Tree = {}
    for task in Task:
        verdicts = [verdict for verdict in scored.verdicts if verdict.task is task]
        if verdicts:
            made[task.value] = _by_slice(verdicts, classified)
    if scored.timings:
        made["handover"] = _by_slice(scored.timings, handed_over)
        made["timing"] = _by_slice(scored.timings, timed)
    if scored.details:
        by_kind = [Details(one.kind, one.gold, one.found, {"detail": one.kind, **one.slices}) for one in scored.details]
        made["details"] = _by_slice(by_kind, detailed)
    return made


def classified(verdicts: Sequence[Verdict]) -> Numbers:
    """Precision, recall, F1, false alarms in 1,000, and the AUC where there is a score."""
    numbers = _counted(metrics.counts((one.truth, one.said) for one in verdicts))
    if verdicts[0].score is not None:
        numbers["auc"] = _rounded(metrics.auc((one.truth, one.score or 0.0) for one in verdicts))
    return numbers


def handed_over(timings: Sequence[Timing]) -> Numbers:
    """Of whole dialogues: was anybody to take over at all, and did they."""
    return _counted(metrics.counts((one.expected.turn is not None, one.turn is not None) for one in timings))


def timed(timings: Sequence[Timing]) -> Numbers:
    """GT-T at its three levels; where the transfer fell, and how many customers were asked first; how often its reason
    was the expected one.
    """
    numbers: Numbers = {"n": len(timings)}
    for level, tolerance in metrics.LEVELS.items():
        scores = [metrics.gtt(_turns(one.expected.turn), _turns(one.turn), tolerance) for one in timings]
        numbers[level.lower()] = _rounded(metrics.mean(scores))
    for place in ("on_time", "early", "late", "missed", "needless", "rightly_stayed"):
        numbers[place] = sum(_place(one) == place for one in timings)
    numbers["asked_first"] = sum(one.decision == "offer" for one in timings)
    both = [one for one in timings if one.turn is not None and one.expected.turn is not None]
    numbers["right_reason"] = _rounded(metrics.ratio(sum(one.reason is one.expected.reason for one in both), len(both)))
    return numbers


def detailed(found: Sequence[Details]) -> Numbers:
    """Precision over values; recall over dialogues with at least one right value."""
    tp, fp = sum(len(one.gold & one.found) for one in found), sum(len(one.found - one.gold) for one in found)
    wanted = [one for one in found if one.gold]
    precision = metrics.ratio(tp, tp + fp)
    recall = metrics.ratio(sum(bool(one.gold & one.found) for one in wanted), len(wanted))
    sizes = {"n": len(found), "positive": len(wanted), "tp": tp, "fp": fp}
    f1 = metrics.ratio(2 * (precision or 0) * (recall or 0), (precision or 0) + (recall or 0))
    return {**sizes, "precision": _rounded(precision), "recall": _rounded(recall), "f1": _rounded(f1 or 0.0)}


def _place(one: Timing) -> str:
    wanted, got = one.expected.turn, one.turn
    if wanted is None:
        return "needless" if one.needless else "rightly_stayed"
    if got is None:
        return "missed"
    if abs(got - wanted) <= one.expected.tolerance:
        return "on_time"
    return "early" if got < wanted else "late"


def _turns(turn: int | None) -> list[int]:
    return [] if turn is None else [turn]


def _counted(counts: metrics.Counts) -> Numbers:
    return {
        "n": counts.tp + counts.fp + counts.fn + counts.tn,
        "positive": counts.tp + counts.fn,
        "tp": counts.tp,
        "fp": counts.fp,
        "precision": _rounded(counts.precision),
        "recall": _rounded(counts.recall),
        "f1": _rounded(counts.f1),
        "false_alarms": _rounded(counts.false_alarms),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _by_slice(found: Iterable[S], measure: Callable[[Sequence[S]], Numbers]) -> dict[str, dict[str, Numbers]]:
    groups: dict[str, dict[str, list[S]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        groups[ALL][ALL].append(one)
        for kind, name in one.slices.items():
            groups[kind][name].append(one)
    return {kind: {name: measure(members) for name, members in named.items()} for kind, named in groups.items()}
