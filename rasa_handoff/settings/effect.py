"""The settings in effect, one by one, and where each comes from."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr, TypeAdapter

from rasa_handoff.settings.environment import Environment
from rasa_handoff.settings.file import lines_of
from rasa_handoff.settings.whole import Settings

DEFAULT = "default"

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class InEffect:
    """A setting by its place, its value as JSON has it, and where it comes from: file and line, variable, default."""

    name: str
    value: Any
    origin: str


def settings_in_effect(path: Path, settings: Settings) -> list[InEffect]:
    """Every setting of handoff.yml. Errors: SettingsError."""
    plain: Mapping[str, Any] = TypeAdapter(Settings).dump_python(settings, mode="json")
    leaves = dict(_leaves(plain, ()))
    lines = lines_of(path, leaves)
    return [
        InEffect(_named(place), value, f"{path}, line {lines[place]}" if place in lines else DEFAULT)
        for place, value in leaves.items()
    ]


def environment_in_effect(environment: Environment) -> list[InEffect]:
    """Every environment variable. A secret is only said to be there."""
    return [_variable(name, getattr(environment, name)) for name in type(environment).model_fields]


def _variable(name: str, value: Any) -> InEffect:
    field = Environment.model_fields[name]
    variable = str(field.validation_alias or f"HANDOFF_{name.upper()}")
    is_set = any(key.upper() == variable for key in os.environ)
    return InEffect(variable, _shown(value), "environment" if is_set else DEFAULT)


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "(set)"
    if isinstance(value, Mapping):
        return {key: _shown(one) for key, one in value.items()}
    return str(value) if isinstance(value, Path) else value


def _leaves(node: Any, place: Location) -> Iterator[tuple[Location, Any]]:
    """Whatever has no parts, or an empty part."""
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _leaves(value, (*place, key))
    elif isinstance(node, list) and any(isinstance(one, Mapping) for one in node):
        for number, value in enumerate(node):
            yield from _leaves(value, (*place, number))
    else:
        yield place, node


def _named(place: Location) -> str:
    """As in the documentation: `departments[0].name`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
