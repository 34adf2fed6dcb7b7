"""Twilio's own specifications (OpenAPI 3.0), to which every request, and every answer of our fake, is held."""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema
import pytest

from tests.channels.vendor import Call

SPECS = Path(os.environ.get("HANDOFF_SPECS", Path(__file__).parents[4] / "shared/specs"))
NAMES = {
    "conversations": "twilio_conversations_v1.json",
    "flex-api": "twilio_flex_v1.json",
    "taskrouter": "twilio_taskrouter_v1.json",
}
IMPLIED = {"authorization", "content-type", "content-length", "host", "accept", "accept-encoding", "connection"}

Json = dict[str, Any]


@cache
def there_are_specs() -> bool:
    """On a laptop they may be missing; where CI=true they must not."""
    there = all((SPECS / name).exists() for name in NAMES.values())
    assert there or os.environ.get("CI") != "true", f"There are no specifications in {SPECS}."
    return there


def need_specs() -> None:
    if not there_are_specs():
        pytest.skip(f"There are no specifications in {SPECS}.")


class Spec:
    def __init__(self, product: str) -> None:
        self.told = json.loads((SPECS / NAMES[product]).read_text(encoding="utf-8"))
        self._components = {"components": _nullable(self.told["components"])}
        self._paths = [(_pattern(template), operations) for template, operations in self.told["paths"].items()]

    def operation(self, method: str, path: str) -> Json:
        """Errors: AssertionError, where Twilio has no such call."""
        for pattern, operations in self._paths:
            found = pattern.fullmatch(path)
            if found and method.lower() in operations:
                operation: Json = operations[method.lower()]
                self._path_fits(operation, found.groupdict())
                return operation
        raise AssertionError(f"Twilio has no {method} {path}")

    def request_fits(self, call: Call, path: str) -> None:
        """Errors: AssertionError, jsonschema.ValidationError."""
        operation = self.operation(call.method, path)
        assert call.headers.get("authorization", "").startswith("Basic "), "Twilio wants basic authentication"
        self._query_fits(operation, call)
        self._headers_fit(operation, call)
        if call.method == "POST":
            self._form_fits(operation, call)
        else:
            assert not call.body, "a GET has no body"

    def answer_fits(self, method: str, path: str, status: int, body: Any) -> None:
        answers = self.operation(method, path)["responses"]
        assert str(status) in answers, f"{method} {path} is not answered with {status}"
        self._fits(body, answers[str(status)]["content"]["application/json"]["schema"])

    def _path_fits(self, operation: Json, given: dict[str, str]) -> None:
        for one in operation.get("parameters", []):
            if one["in"] == "path":
                self._fits(given[one["name"]], one["schema"])

    def _query_fits(self, operation: Json, call: Call) -> None:
        known = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
        for name, value in call.query.items():
            assert name in known, f"{name} is no parameter of {call.path}"
            self._fits(self._typed(value, known[name]), known[name])

    def _headers_fit(self, operation: Json, call: Call) -> None:
        known = {one["name"].lower() for one in operation.get("parameters", []) if one["in"] == "header"}
        strange = set(call.headers) - known - IMPLIED - {"user-agent"}
        assert not strange, f"{strange} are no headers of {call.path}"

    def _form_fits(self, operation: Json, call: Call) -> None:
        (kind,) = operation["requestBody"]["content"]
        assert call.headers["content-type"] == kind
        schema = operation["requestBody"]["content"][kind]["schema"]
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(call.body.decode(), keep_blank_values=True):
            given.setdefault(name, []).append(value)
        assert set(schema.get("required", [])) <= set(given), f"{call.path} wants {schema['required']}"
        for name, values in given.items():
            assert name in schema["properties"], f"{name} is no field of {call.path}"
            self._field_fits(name, values, schema["properties"][name])

    def _field_fits(self, name: str, values: list[str], schema: Json) -> None:
        if schema.get("type") == "array":
            self._fits(values, schema)
            return
        (value,) = values
        if name in ("Attributes", "Channel", "Routing"):
            assert isinstance(json.loads(value), dict), f"{name} is to be a JSON object"
        self._fits(self._typed(value, schema), schema)

    def _typed(self, value: str, schema: Json) -> Any:
        return int(value) if schema.get("type") == "integer" else value

    def _fits(self, value: Any, schema: Json) -> None:
        jsonschema.Draft202012Validator({**_nullable(schema), **self._components}).validate(value)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, JSON Schema has a type for it."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _nullable(value) for name, value in schema.items()}
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        found["type"] = [schema["type"], "null"]
    return found


@cache
def spec(product: str) -> Spec:
    return Spec(product)
