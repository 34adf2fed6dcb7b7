"""What-if settings: those that were asked for, and each numeric threshold at several values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation.configured import changed, labels

_COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Variant:
    """Other settings. `setting` and `value` where it is one numeric setting: then it is a point of that one's sweep."""

    label: str
    detection: Detection
    setting: str | None = None
    value: float | None = None
    asked: bool = False


def variants(detection: Detection, changes: Sequence[str], *, sweep: bool) -> tuple[Variant, ...]:
    """Each once, those asked for first. Errors: SettingsError."""
    asked = [_asked(detection, change, label) for change, label in zip(changes, labels(changes), strict=True)]
    swept = list(_sweep(detection)) if sweep else []
    return tuple({variant.label: variant for variant in (*swept, *asked)}.values())


def numbers(detection: Detection) -> dict[str, float]:
    """The numeric settings as they are."""
    values = {field.name: getattr(detection, field.name) for field in fields(detection)}
    return {name: value for name, value in values.items() if _is_number(value)}


def _asked(detection: Detection, change: str, label: str) -> Variant:
    made = changed(detection, change)
    different = {name: value for name, value in numbers(made).items() if value != numbers(detection)[name]}
    if label.count("=") == 1 and len(different) == 1:
        [(name, value)] = different.items()
        return Variant(f"{name}={value:g}", made, name, value, asked=True)
    return Variant(label, made, asked=True)


def _sweep(detection: Detection) -> Iterator[Variant]:
    for name, current in numbers(detection).items():
        tried = _SHARES if isinstance(current, float) else [count for count in _COUNTS if count <= 3 * current]
        for value in sorted({current, *tried}):
            changes: dict[str, Any] = {name: value}
            try:
                made = replace(detection, **changes)
            except (SettingsError, ValueError):
                continue  # a value that the setting does not allow
            yield Variant(f"{name}={value:g}", made, name, value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
