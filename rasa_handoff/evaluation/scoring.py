"""Runs the detector over labelled examples and keeps what it said beside what is true."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.decision import Reason
from rasa_handoff.evaluation.dialogue import Said, conversation, details
from rasa_handoff.evaluation.judging import Judge, Judged
from rasa_handoff.evaluation.judging import kind as kind_of
from rasa_handoff.evaluation.labels import Example, Expected, Label, Task

Slices = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One label and what the detector said to it; `score` where the task has one."""

    task: Task
    truth: bool
    said: bool
    score: float | None
    slices: Slices


@dataclass(frozen=True, slots=True)
class Timing:
    """When a person should have taken over, and when the detector would have had them (its first time), and how."""

    where: str
    expected: Expected
    reason: Reason | None
    turn: int | None
    slices: Slices
    decision: str = "stay"

    @property
    def needless(self) -> bool:
        """Nobody had to take over, and yet somebody would have, or the customer would have been asked."""
        return self.expected.turn is None and self.turn is not None


@dataclass(frozen=True, slots=True)
class Details:
    """The values of one kind of key detail in one dialogue: expected and found, folded."""

    kind: str
    gold: frozenset[str]
    found: frozenset[str]
    slices: Slices


@dataclass(slots=True)
class Scored:
    """Everything that was measured."""

    verdicts: list[Verdict] = field(default_factory=list)
    timings: list[Timing] = field(default_factory=list)
    details: list[Details] = field(default_factory=list)


def score(examples: Iterable[Example], judge: Judge, *, with_details: bool = True) -> Scored:
    """Each example's dialogue is judged turn by turn, as far as its labels need."""
    scored = Scored()
    for example in examples:
        judged = dict(judgements(example, judge))
        scored.verdicts += [_verdict(label, judged[label.turn], judge, example) for label in example.labels]
        if example.expected is not None:
            scored.timings.append(_timing(example, example.expected, judged))
        if with_details and example.gold is not None:
            scored.details += _details(example, example.gold)
    return scored


def judgements(example: Example, judge: Judge) -> Iterator[tuple[int, Judged]]:
    """The user turns that an example's labels are about, by number, and what the detector makes of each."""
    wanted = {label.turn for label in example.labels}
    for number, until in enumerate(_user_turns(example.dialogue), 1):
        if number in wanted or example.expected is not None:
            yield number, judge.judge(conversation(example.dialogue[: until + 1]))


def _user_turns(dialogue: tuple[Said, ...]) -> list[int]:
    return [at for at, one in enumerate(dialogue) if one.by_customer]


def needless(scored: Scored) -> list[dict[str, object]]:
    """The dialogues that would have got a person nobody needed: where, under what, when, why, and how."""
    return [
        {"where": one.where, **one.slices, "turn": one.turn, "reason": one.reason, "decision": one.decision}
        for one in scored.timings
        if one.needless
    ]


def _verdict(label: Label, judged: Judged, judge: Judge, example: Example) -> Verdict:
    slices = {**example.slices, "group": label.group} if label.group else example.slices
    match label.task:
        case Task.REQUEST:
            said, score = Reason.CUSTOMER_REQUESTED in judged.reasons, None
        case Task.POLICY:
            said, score = Reason.POLICY_REQUIRED in judged.reasons, None
        case Task.SENSITIVE:
            said, score = Reason.SENSITIVE_TOPIC in judged.reasons, None
        case Task.DISSATISFIED | Task.FRUSTRATED:
            said, score = judged.frustration >= judge.detection.frustration_threshold, judged.frustration
        case _ as never:
            assert_never(never)
    return Verdict(label.task, label.truth, said, score, slices)


def _timing(example: Example, expected: Expected, judged: Mapping[int, Judged]) -> Timing:
    first = next((turn for turn, one in judged.items() if one.reason is not None), None)
    if first is None:
        return Timing(example.where, expected, None, None, example.slices)
    decided = judged[first]
    return Timing(example.where, expected, decided.reason, first, example.slices, kind_of(decided.decision))


def _details(example: Example, gold: Mapping[str, frozenset[str]]) -> Iterator[Details]:
    found = details(example.dialogue)
    for kind in {**gold, **found}:
        wanted = frozenset(_folded(kind, value) for value in gold.get(kind, ()))
        got = frozenset(_folded(kind, value) for value in found.get(kind, ()))
        yield Details(kind, wanted, got, example.slices)


def _folded(kind: str, value: str) -> str:
    """Case, blanks and punctuation do not matter; of a phone number its last nine digits do."""
    if kind == "phone":
        return re.sub(r"\D", "", value)[-9:]
    return re.sub(r"[\s#.,;:]+", " ", value).strip().lower()
