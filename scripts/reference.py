"""Writes docs/reference/settings.md, channels.md, scenario.md and cli.md from the code: `python -m scripts.reference`.

A test fails when they are stale.
"""

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from rasa_handoff.core.thresholds import Detection
from rasa_handoff.settings import (
    AgentSettings,
    CallSettings,
    ConfirmationSettings,
    DepartmentSettings,
    DeskSettings,
    Environment,
    HoursSettings,
    KnowledgeSettings,
    LeavingSettings,
    ModelSettings,
    OffersSettings,
    PresenceSettings,
    PriceSettings,
    PromiseSettings,
    QuestionsSettings,
    QueueSettings,
    QuickActionSettings,
    RetentionSettings,
    RingSettings,
    RouteSettings,
    RunSettings,
    Settings,
    WebhookSettings,
)
from rasa_handoff.simulation.lengths import Length, LogNormal
from rasa_handoff.simulation.scenario import Answering, Kind, Scenario, Target, Team
from scripts import reference_channels, reference_cli

FOLDER = Path(__file__).resolve().parents[1] / "docs/reference"

HEAD = """# Settings

Generated from the code by `python -m scripts.reference`; do not edit.

`handoff.yml` holds what a conversation designer decides. It is checked when the action server and the desk start: an
unknown key or a wrong value stops them with the file, the line and the key. Where things are, and secrets, come from
environment variables.
"""

PARTS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("offers", OffersSettings),
    ("presence", PresenceSettings),
    ("desk", DeskSettings),
    ("leaving", LeavingSettings),
    ("queue", QueueSettings),
    ("queue.rings[]", RingSettings),
    ("model", ModelSettings),
    ("model.prices", PriceSettings),
    ("promise", PromiseSettings),
    ("promise.confirmation{}", ConfirmationSettings),
    ("departments[]", DepartmentSettings),
    ("departments[].hours", HoursSettings),
    ("routing[]", RouteSettings),
    ("agents[]", AgentSettings),
    ("questions", QuestionsSettings),
    ("knowledge", KnowledgeSettings),
    ("quick_actions[]", QuickActionSettings),
    ("quick_actions[].rasa", RunSettings),
    ("quick_actions[].http", CallSettings),
    ("retention", RetentionSettings),
    ("webhooks[]", WebhookSettings),
)

SCENARIO_HEAD = """# Scenario files

Generated from the code by `python -m scripts.reference`; do not edit.

What [`rasa-handoff simulate`](../how-to/simulate.md) plays: YAML or JSON. Lengths are in seconds.
"""

SCENARIO_PARTS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("target", Target),
    ("kinds[]", Kind),
    ("teams[]", Team),
    ("answering", Answering),
    ("handle, patience, after", Length),
    ("lognormal", LogNormal),
)


def pages() -> dict[Path, str]:
    """What each generated page says."""
    return {
        FOLDER / "settings.md": _settings(),
        FOLDER / "scenario.md": _scenario(),
        FOLDER / "cli.md": reference_cli.page(),
        FOLDER / "channels.md": reference_channels.page(_table, _fields),
    }


def _scenario() -> str:
    parts = [SCENARIO_HEAD, f"## The file\n\n{inspect.getdoc(Scenario)}\n", _table(_fields(Scenario))]
    for name, model in SCENARIO_PARTS:
        parts += [f"## {name}\n", f"{inspect.getdoc(model)}\n", _table(_fields(model))]
    return "\n".join(parts)


def _settings() -> str:
    parts = [HEAD, "## handoff.yml\n", _table(_fields(Settings))]
    parts += ["### detector\n", _table(_detection())]
    for name, model in PARTS:
        parts += [f"### {name}\n", f"{inspect.getdoc(model)}\n", _table(_fields(model))]
    parts += ["## Environment variables\n", f"{inspect.getdoc(Environment)}\n", _table(_environment())]
    return "\n".join(parts)


Row = tuple[str, str, str]


def _table(rows: Iterator[Row]) -> str:
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {default} | {meaning} |" for name, default, meaning in rows]
    return "\n".join(lines) + "\n"


def _fields(model: type[BaseModel]) -> Iterator[Row]:
    for name, field in model.model_fields.items():
        yield name, _default(field), _described(name, field)


def _environment() -> Iterator[Row]:
    for name, field in Environment.model_fields.items():
        alias = field.validation_alias
        yield alias if isinstance(alias, str) else f"HANDOFF_{name.upper()}", _default(field), _described(name, field)


def _described(name: str, field: FieldInfo) -> str:
    if not field.description:
        raise ValueError(f"the setting {name} has no description")
    return field.description


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is PydanticUndefined:
        return "see below"
    if isinstance(value, list):  # members of an enum as they are written in handoff.yml
        value = [str(one) if isinstance(one, str) else one for one in value]
    return "not set" if value is None else f"`{value if not isinstance(value, str) else str(value)}`"


def _detection() -> Iterator[Row]:
    """The detector's settings; what each means stands in the docstring of `Detection`."""
    meanings = dict(_meanings(inspect.getdoc(Detection) or ""))
    defaults = Detection()
    for field in fields(Detection):
        yield field.name, _shown(getattr(defaults, field.name)), meanings[field.name]


def _meanings(docstring: str) -> Iterator[tuple[str, str]]:
    for line in docstring.splitlines():
        found = re.fullmatch(r" {4}([a-z_]+(?:, [a-z_]+)*)\s+(\S.*)", line)
        for name in found[1].split(", ") if found else []:
            assert found is not None
            yield name, found[2]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value) or "none"
    if hasattr(value, "keys"):
        return ", ".join(f"`{name}`" for name in value) or "none"
    return f"`{value}`"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
