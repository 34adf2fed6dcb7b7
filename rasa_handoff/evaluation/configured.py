"""The detector as handoff.yml sets it, and what-if settings on top of it."""

import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation.judging import Judge
from rasa_handoff.sentiment import vader
from rasa_handoff.settings import DetectionSettings, Settings, load_environment, load_settings

_PREFIX = "detector."


def settings(path: Path | None = None) -> Settings:
    """Of `path`, else of HANDOFF_CONFIG, else of ./handoff.yml; the defaults when that one is not there.

    Errors: SettingsError, also when a file that was asked for by name is missing.
    """
    if path is not None:
        return load_settings(path)
    environment = load_environment()
    if "config" not in environment.model_fields_set and not environment.config.exists():
        return Settings()
    return load_settings(environment.config)


def judge(path: Path | None = None) -> Judge:
    """The detector as the gate uses it. Errors: SettingsError."""
    policy = settings(path).policy()
    return Judge(policy.detection, vader(), policy.offering)


def changed(detection: Detection, changes: str) -> Detection:
    """With "detector.max_turns=8", or several: "detector.max_turns=8,detector.misses_in_a_row=3".

    Errors: SettingsError.
    """
    values = {field.name: getattr(detection, field.name) for field in fields(detection)}
    for change in re.split(rf",\s*(?={re.escape(_PREFIX)})", changes):
        name, value = _parsed(change)
        if name not in values:
            raise SettingsError(f"{change}: there is no such setting; known: {', '.join(sorted(values))}")
        values[name] = value
    return detection_of(values, changes)


def detection_of(values: dict[str, Any], named: str) -> Detection:
    """Checked as handoff.yml is. Errors: SettingsError, which calls the values `named`."""
    try:
        made = DetectionSettings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(f"{named}: {first['msg']} (found {first['input']!r})") from error
    return cast(Detection, made)


def _parsed(change: str) -> tuple[str, Any]:
    name, equals, value = change.partition("=")
    if not equals or not name.strip().startswith(_PREFIX):
        raise SettingsError(f"{change!r}: expected detector.NAME=VALUE, as in detector.max_turns=8")
    try:
        return name.strip().removeprefix(_PREFIX), YAML(typ="safe").load(value)
    except YAMLError as error:
        raise SettingsError(f"{change!r}: the value is not YAML") from error


def labels(changes: Sequence[str]) -> list[str]:
    """How what-if settings are called in a report: without the part that is always the same."""
    return [re.sub(rf"(^|,\s*){re.escape(_PREFIX)}", r"\1", change) for change in changes]
