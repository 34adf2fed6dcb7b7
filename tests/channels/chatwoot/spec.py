"""Chatwoot's own specification, and whether a request is one of it.

Where it lacks something, the source of Chatwoot 4.10 is named.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from jsonschema.validators import validator_for

from tests.channels.vendor import Call

SPECS = Path(os.environ.get("HANDOFF_SPECS", Path(__file__).parents[3] / "../shared/specs")).resolve()

UNTOLD_PATHS = {
    # config/routes.rb: `post :toggle_typing_status`, a member of conversations;
    # app/services/conversations/typing_status_manager.rb reads these two.
    ("POST", "/toggle_typing_status"): {
        "type": "object",
        "required": ["typing_status"],
        "properties": {"typing_status": {"enum": ["on", "off"]}, "is_private": {"type": "boolean"}},
        "additionalProperties": False,
    },
}
UNTOLD_QUERY = {"after", "before"}  # app/finders/message_finder.rb reads `params[:after]` and `params[:before]`
UNTOLD_BODY = {"attachments[]"}  # app/builders/messages/message_builder.rb reads `params[:attachments]`, as multipart


@cache
def swagger() -> dict[str, Any]:
    """Skips where the specifications are missing, fails in CI."""
    path = SPECS / "chatwoot.json"
    if not path.exists():
        absent = f"Chatwoot's specification is not at {path}: HANDOFF_SPECS names the folder it is in."
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def problem(call: Call) -> str | None:
    """What is wrong with a request; None when the specification has it so."""
    where = f"{call.method} {call.path}"
    if not SPECS.joinpath("chatwoot.json").exists() and not os.environ.get("CI"):
        return None
    if schema := next((one for (_, end), one in UNTOLD_PATHS.items() if call.path.endswith(end)), None):
        return _invalid(where, call.json, schema)
    operation = _operation(call)
    if operation is None:
        return f"{where} is not in Chatwoot's specification"
    asked = {one["name"] for one in operation.get("parameters") or () if one.get("in") == "query"}
    unknown = set(call.query) - asked - UNTOLD_QUERY
    if unknown:
        return f"{where} has no parameters {unknown}"
    if "requestBody" not in operation:
        return f"{where} has no body" if call.body else None
    schema = _resolved(operation["requestBody"]["content"]["application/json"]["schema"])
    if call.headers.get("content-type", "").startswith("multipart/form-data"):
        names = set(re.findall(rb'name="([^"]+)"', call.body))
        foreign = {name.decode() for name in names} - set(schema["properties"]) - UNTOLD_BODY
        return f"{where} takes no {foreign}" if foreign else None
    return _invalid(where, call.json, {**schema, "additionalProperties": False})


def _invalid(where: str, body: Any, schema: dict[str, Any]) -> str | None:
    kind = validator_for({**schema, "$schema": "http://json-schema.org/draft-04/schema#"}, Draft4Validator)
    wrong = next(kind(schema).iter_errors(body), None)
    return f"{where}: {wrong.message}" if wrong else None


def _operation(call: Call) -> dict[str, Any] | None:
    for path, operations in swagger()["paths"].items():
        if call.method.lower() in operations and re.fullmatch(re.sub(r"\{[^}]+\}", r"\\d+", path), call.path):
            operation = dict(operations[call.method.lower()])
            shared = [*operations.get("parameters", ()), *(operation.get("parameters") or ())]
            return {**operation, "parameters": [_resolved(one) for one in shared]}
    return None


def _resolved(value: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in value:
        found: Any = swagger()
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        value = found
    return value
