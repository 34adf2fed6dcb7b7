"""What each signal is worth: the same examples without it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from rasa_handoff.core.frustration import SIGNALS
from rasa_handoff.core.offering import IMPLICIT, Way
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation.judging import Judge
from rasa_handoff.evaluation.labels import Example
from rasa_handoff.evaluation.results import ALL, Numbers, Tree, tree
from rasa_handoff.evaluation.scoring import judgements, score

# The one number of each task that a loss is told in.
_TOLD = {"dissatisfied": "auc", "frustrated": "auc", "timing": "gt-i"}
# Evidence that only tells more of another one, and goes with it.
_DETAILS = {"explicit_request": "request_probability", "failures": "action_failed", "unresolved_issues": "unresolved"}


@dataclass(frozen=True, slots=True)
class Without:
    """The detector with one thing switched off.

    `name` is a setting, a group of topics, "signal" and an evidence's, "frustration" and one of its, "reason" and one.
    """

    name: str
    judge: Judge


def measures(task: str) -> str:
    """The number that stands for a task."""
    return _TOLD.get(task, "f1")


def switches(judge: Judge, signals: Sequence[str] = ()) -> Iterator[Without]:
    """All that can be off: the tone of voice, settings, `signals` of evidence, what frustration is made of, reasons."""
    yield Without("sentiment", replace(judge, sentiment=lambda text: 0.0))
    for name, detection in _settings_off(judge.detection):
        yield Without(name, replace(judge, detection=detection))
    for signal in signals:
        yield Without(f"signal {signal}", replace(judge, muted=frozenset({signal, _DETAILS.get(signal, signal)})))
    for signal in SIGNALS:
        off = replace(judge.detection, frustration_off=(*judge.detection.frustration_off, signal))
        yield Without(f"frustration {signal}", replace(judge, detection=off))
    for reason in IMPLICIT:
        offering = replace(judge.offering, on={**judge.offering.on, reason: Way.OFF})
        yield Without(f"reason {reason}", replace(judge, offering=offering))


def ablate(examples: Sequence[Example], judge: Judge, whole: Tree, signals: Sequence[str]) -> dict[str, Numbers]:
    """{what was switched off: {task: how much its number changed}}, only what changed anything."""
    changed = {}
    for without in switches(judge, signals):
        rest = tree(score(examples, without.judge, with_details=False))
        differences = _differences(whole, rest)
        if any(differences.values()):
            changed[without.name] = differences
    return changed


def signals_seen(examples: Sequence[Example], judge: Judge) -> list[str]:
    """The signals in the evidence that each example's turns show, but for what frustration is made of."""
    seen: set[str] = set()
    for example in examples:
        for _, judged in judgements(example, judge):
            found = judged.signals
            evidence = (*found.requested, *found.policy, *found.sensitive, *found.complex, *found.misses)
            seen |= {one.signal for one in evidence}
    return sorted(seen - set(_DETAILS.values()))


def _settings_off(detection: Detection) -> Iterator[tuple[str, Detection]]:
    for field in fields(detection):
        for suffix, value in _off(getattr(detection, field.name)):
            changes: dict[str, Any] = {field.name: value}
            yield field.name + suffix, replace(detection, **changes)


def _off(value: Any) -> Iterator[tuple[str, Any]]:
    """Ways to do without a setting: a switch off, a list empty, a group of topics left out."""
    if value is True:
        yield "", False
    elif isinstance(value, tuple) and value:
        yield "", ()
    elif isinstance(value, Mapping):
        for group in value:
            yield f".{group}", {name: listed for name, listed in value.items() if name != group}


def _differences(whole: Tree, rest: Tree) -> Numbers:
    told = {}
    for task, slices in whole.items():
        before = slices[ALL][ALL].get(measures(task))
        after = rest[task][ALL][ALL].get(measures(task)) if task in rest else None
        if before is not None and after is not None:
            told[task] = round(after - before, 4)
    return told
