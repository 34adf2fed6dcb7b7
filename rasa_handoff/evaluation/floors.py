"""Floors: how good the detector must stay. A file of the same shape as the results, with the numbers it must reach."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rasa_handoff.core.errors import BadInput
from rasa_handoff.evaluation.results import ALL, Tree

_FLOORED = ("f1", "auc", "gt-i", "gt-ii", "gt-iii")
_CEILING = "false_alarms"
_FEW = 8  # positives; a slice with fewer moves too much with one row


def load(path: Path) -> Mapping[str, Any]:
    """Errors: BadInput."""
    try:
        floors = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(floors, dict):
        raise BadInput(f"{path}: expected an object, as --write-floors makes it")
    return floors


def broken(results: Tree, floors: Mapping[str, Any]) -> Iterator[str]:
    """Each floor that is not reached, as a sentence; one that was not measured is not. `false_alarms` is a ceiling."""
    for path, wanted in _leaves(floors):
        got = _at(results, path)
        name = " / ".join(path)
        if not isinstance(wanted, int | float) or isinstance(wanted, bool):
            yield f"{name}: the floor is no number"
        elif got is None:
            yield f"{name}: was not measured, the floor is {wanted}"
        elif path[-1] == _CEILING and got > wanted:
            yield f"{name}: {got} is above {wanted}"
        elif path[-1] != _CEILING and got < wanted:
            yield f"{name}: {got} is below {wanted}"


def of(results: Tree, margin: float) -> dict[str, Any]:
    """Floors `margin` below what was reached: overall, by language, by phenomenon, where positives are enough."""
    floors: dict[str, Any] = {}
    for task, kinds in results.items():
        for kind in (ALL, "language", "phenomenon"):
            for name, numbers in kinds.get(kind, {}).items():
                enough = (numbers.get("positive") or numbers["n"]) >= _FEW
                kept = {measure: _lowered(numbers.get(measure), margin) for measure in _FLOORED}
                kept = {measure: floor for measure, floor in kept.items() if floor}
                if enough and kept:
                    floors.setdefault(task, {}).setdefault(kind, {})[name] = kept
        alarms = kinds[ALL][ALL].get(_CEILING)
        if alarms is not None and ALL in floors.get(task, {}):
            floors[task][ALL][ALL][_CEILING] = math.ceil(alarms * (1 + margin) + 1)
    return floors


def _lowered(number: float | None, margin: float) -> float:
    return round(max(0.0, (number or 0.0) - margin), 3)


def _leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _leaves(child, (*path, str(name)))
    else:
        yield path, node


def _at(node: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node
