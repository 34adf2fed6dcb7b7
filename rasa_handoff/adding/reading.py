"""What a bot's files say: text, YAML, and the names in it. Pure but for `read`."""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError

from rasa_handoff.adding.marks import BOM
from rasa_handoff.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a story or rule: an intent or an action, by its name."""

    kind: str
    name: str


def read(path: Path) -> str:
    """Errors: BadInput."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8, which Rasa reads: {error}") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error}") from error


def parsed(text: str, path: Path) -> Any:
    """Errors: BadInput."""
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_duplicate_keys = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            return yaml.load(text.removeprefix(BOM))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise BadInput(f"{path}{where}: this is not YAML: {getattr(error, 'problem', None) or error}") from error


def entries(section: Any) -> dict[str, Any]:
    """By name, however the section is written."""
    if isinstance(section, Mapping):
        return {str(name): value for name, value in section.items()}
    found: dict[str, Any] = {}
    for entry in section if isinstance(section, list) else ():
        if isinstance(entry, Mapping):
            found |= {str(name): entry for name in entry}
        elif entry is not None:
            found[str(entry)] = entry
    return found


def policy_names(policies: Any) -> Iterator[str]:
    yield from (str(one["name"]) for one in policies or () if isinstance(one, Mapping) and "name" in one)


def steps_of(steps: Any) -> Iterator[Step]:
    for step in steps if isinstance(steps, list) else ():
        if not isinstance(step, Mapping):
            continue
        for kind in ("intent", "action"):
            if step.get(kind):
                yield Step(kind, str(step[kind]))
        yield from steps_of(step.get("or") or [])


def names_returned(code: str) -> Iterator[str]:
    """What the `name` methods in a module return, where that is written out."""
    try:
        tree = ast.parse(code.removeprefix(BOM))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "name":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Constant):
                    yield str(inner.value.value)
