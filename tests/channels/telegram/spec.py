"""Telegram's own description of its Bot API, and what of a request does not fit it."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SPECS = Path(os.environ.get("HANDOFF_SPECS") or Path(__file__).parents[4] / "shared/specs")
_PLAIN = {"Integer": int, "String": str, "Boolean": bool, "Float": float, "True": bool}


@cache
def spec() -> dict[str, Any] | None:
    """None where the file is missing, which only a developer's machine may be."""
    path = SPECS / "telegram.json"
    if not path.exists():
        assert not os.environ.get("CI"), f"{path} is missing"
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def needs_spec() -> dict[str, Any]:
    found = spec()
    if found is None:
        pytest.skip("Telegram's specification is not here")
    return found


def problems(method: str, parameters: dict[str, Any], files: frozenset[str] = frozenset()) -> list[str]:
    """Of a call with JSON; where `files` are uploaded, all the others are texts, whose names are looked at."""
    if (api := spec()) is None:
        return []
    if method not in api["methods"]:
        return [f"there is no method {method}"]
    return list(_of_fields(api, method, api["methods"][method].get("fields", []), parameters, files))


def _of_fields(
    api: dict[str, Any], where: str, fields: list[Any], given: dict[str, Any], files: frozenset[str] = frozenset()
) -> Iterator[str]:
    known = {one["name"]: one for one in fields}
    yield from (f"{where} has no {name}" for name in {*given, *files} - set(known))
    yield from (f"{where} needs {name}" for name in known if known[name]["required"] and name not in {*given, *files})
    yield from (f"{where}: {name} is no file" for name in files & set(known) if "InputFile" not in known[name]["types"])
    for name in set(given) & set(known):
        if not files and not any(_fits(api, given[name], type) for type in known[name]["types"]):
            yield f"{where}: {name} is none of {known[name]['types']}: {given[name]!r}"


def _fits(api: dict[str, Any], value: Any, type: str) -> bool:
    if type.startswith("Array of "):
        return isinstance(value, list) and all(_fits(api, one, type.removeprefix("Array of ")) for one in value)
    if type in _PLAIN:
        return isinstance(value, _PLAIN[type]) and (type == "Boolean" or not isinstance(value, bool))
    found = api["types"][type]
    if "subtypes" in found:
        return any(_fits(api, value, one) for one in found["subtypes"])
    return isinstance(value, dict) and not list(_of_fields(api, type, found.get("fields", []), value))
