"""Labelled rows, in any of the shapes that docs/reference/evaluation.md describes, made into one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.errors import BadInput
from rasa_handoff.evaluation.dialogue import Said, message, said
from rasa_handoff.evaluation.jsonlines import Json, OnBad, Row, kind_of, rows, strict
from rasa_handoff.evaluation.jsonlines import field as wanted


class Task(StrEnum):
    """What a label is about. The last two are judged by the frustration score."""

    REQUEST = "request"
    POLICY = "policy"
    SENSITIVE = "sensitive"
    DISSATISFIED = "dissatisfied"
    FRUSTRATED = "frustrated"


@dataclass(frozen=True, slots=True)
class Label:
    """That `task` holds, or not, at a user turn (counted from 1). `group` is which topic, where one is named."""

    task: Task
    turn: int
    truth: bool
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """When a person should take over: at user turn `turn`, give or take `tolerance`; never when there is no reason."""

    reason: Reason | None
    turn: int | None
    tolerance: int


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled dialogue; a sentence is one of one turn. `slices` says under what it counts: language, source ..."""

    where: str
    dialogue: tuple[Said, ...]
    labels: tuple[Label, ...] = ()
    expected: Expected | None = None
    gold: Mapping[str, frozenset[str]] | None = None
    slices: Mapping[str, str] = field(default_factory=dict)
    borderline: bool = False


_SLICES = {"lang": "language", "phenomenon": "phenomenon", "kind": "kind", "near": "near"}
_SENTENCE_LABELS = {
    "request": Task.REQUEST,
    "label": Task.REQUEST,
    "policy": Task.POLICY,
    "policy_required": Task.POLICY,
    "sensitive": Task.SENSITIVE,
    "dissatisfied": Task.DISSATISFIED,
}
_TURN_LABELS = ("frustrated", "label")


def examples(path: Path, bad: OnBad = strict) -> Iterator[Example]:
    """The labelled rows of a file; what is broken or has no label goes to `bad`. Errors: BadInput."""
    try:
        with path.open("rb") as lines:
            for row in rows(lines, str(path), bad):
                try:
                    yield example(row)
                except BadInput as problem:
                    bad(problem)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error


def example(row: Row) -> Example:
    """Errors: BadInput, also for a row without any label."""
    value, where = row.value, row.where
    made = _dialogue(value, where) if "turns" in value else _sentence(value, where)
    if not made.labels and made.expected is None and made.gold is None:
        known = ", ".join(dict.fromkeys([*_SENTENCE_LABELS, "expected", "gold"]))
        raise BadInput(f"{where}: this row has no label; known: {known}, and `frustrated` on turns")
    return made


def _sentence(value: Json, where: str) -> Example:
    given = ((name, task) for name, task in _SENTENCE_LABELS.items() if name in value)
    labels = tuple(_label(task, 1, value[name], f"{where}: `{name}`") for name, task in given)
    said_once = (message(value, where),)
    return Example(where, said_once, labels, slices=_slices(value), borderline=bool(value.get("borderline")))


def _dialogue(value: Json, where: str) -> Example:
    turns = wanted(value, "turns", list, where)
    dialogue = tuple(said(turn, f"{where}, turn {at}") for at, turn in enumerate(turns, 1))
    return Example(
        where,
        dialogue,
        tuple(_turn_labels(turns, dialogue, where)),
        _expected(value["expected"], dialogue, where) if "expected" in value else None,
        _gold(value["gold"], where) if "gold" in value else None,
        _slices(value),
        bool(value.get("borderline")),
    )


def _turn_labels(turns: list[Json], dialogue: tuple[Said, ...], where: str) -> Iterator[Label]:
    number = 0
    for turn, one in zip(turns, dialogue, strict=True):
        if not one.by_customer:
            continue
        number += 1
        for name in _TURN_LABELS:
            if name in turn:
                yield _label(Task.FRUSTRATED, number, turn[name], f"{where}, user turn {number}: `{name}`")


def _label(task: Task, turn: int, value: object, where: str) -> Label:
    """0, 1, true, false; or, of a topic, its name or null."""
    if task in (Task.POLICY, Task.SENSITIVE) and (value is None or isinstance(value, str)):
        return Label(task, turn, bool(value), value or None)
    if not isinstance(value, int) or value not in (0, 1):
        raise BadInput(f"{where} should be 0 or 1, found {value if isinstance(value, int) else kind_of(value)}")
    return Label(task, turn, bool(value))


def _expected(value: object, dialogue: tuple[Said, ...], where: str) -> Expected:
    if not isinstance(value, dict):
        raise BadInput(f"{where}: `expected` should be an object with `reason`, `turn` and `tolerance`")
    where = f"{where}: expected"
    reason = wanted(value, "reason", str, where, None)
    if reason is None:
        return Expected(None, None, 0)
    if reason not in set(Reason):
        raise BadInput(f"{where}: there is no reason {reason!r}; known: {', '.join(Reason)}")
    turn, most = wanted(value, "turn", int, where), sum(one.by_customer for one in dialogue)
    if not 1 <= turn <= most:
        raise BadInput(f"{where}: `turn` is {turn}, but the dialogue has {most} user turns")
    return Expected(Reason(reason), turn, wanted(value, "tolerance", int, where, 0))


def _gold(value: object, where: str) -> dict[str, frozenset[str]]:
    listed = value.items() if isinstance(value, dict) else [("", None)]
    gold = {}
    for kind, found in listed:
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise BadInput(f"{where}: `gold` should be an object of lists of texts, by kind")
        gold[kind] = frozenset(found)
    return gold


def _slices(value: Json) -> dict[str, str]:
    found = {name: value[key] for key, name in _SLICES.items() if isinstance(value.get(key), str)}
    if isinstance(source := value.get("source"), str) and (family := re.match(r"[\w+]+", source)):
        found["source"] = family[0]
    return found
