"""Slack's own specification of its Web API (slack_web.json, September 2021), and what has been added to it since.

Every request of the tests is held against it. Where it says less than Slack's documentation of today, the tables below
say what, and where that stands.
"""

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from tests.channels.vendor import Call

SPECS = Path(os.environ.get("HANDOFF_SPECS") or Path(__file__).parents[4] / "shared/specs")

ADDED = {
    # https://docs.slack.dev/messaging/message-metadata (2022)
    "chat.postMessage": {"metadata": "string"},
    # https://docs.slack.dev/reference/methods/conversations.history#arguments, and conversations.replies
    "conversations.history": {"include_all_metadata": "boolean"},
    "conversations.replies": {"include_all_metadata": "boolean"},
}
NEWER: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    # https://docs.slack.dev/reference/methods/apps.connections.open: its token is an app-level one, in the header
    "apps.connections.open": {},
    # https://docs.slack.dev/reference/methods/files.getUploadURLExternal
    "files.getUploadURLExternal": {
        "filename": ("string", True),
        "length": ("integer", True),
        "alt_txt": ("string", False),
        "snippet_type": ("string", False),
    },
    # https://docs.slack.dev/reference/methods/files.completeUploadExternal
    "files.completeUploadExternal": {
        "files": ("string", True),
        "channel_id": ("string", False),
        "channels": ("string", False),
        "thread_ts": ("string", False),
        "initial_comment": ("string", False),
        "blocks": ("string", False),
    },
}
POSTED = frozenset({"views.open"})
"""The specification has these as GET; https://docs.slack.dev/reference/methods/views.open says POST."""

JSON = frozenset({"blocks", "files", "metadata", "view"})


ANSWERS = (
    # Cursors came to these two in 2017 (https://docs.slack.dev/apis/web-api/pagination), to the specification never.
    "'response_metadata' was unexpected",
    "'app_id' was unexpected",
    "'app_id', 'metadata' were unexpected",
    # chat.update answers with the blocks as they were sent: a list.
    "is not of type 'object'",
)
"""What the specification says of answers that Slack gives otherwise."""


@cache
def whole() -> Mapping[str, Any] | None:
    """None where there is no specification, which in CI is an error."""
    file = SPECS / "slack_web.json"
    if not file.exists():
        assert os.environ.get("CI") != "true", f"there is no {file}"
        return None
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def paths() -> Mapping[str, Any] | None:
    found = whole()
    return None if found is None else found["paths"]


def problems_of_answer(method: str, answer: Any) -> Iterator[str]:
    """What is wrong with an answer of the fake workspace."""
    found = whole() or {}
    (operation,) = found["paths"][f"/{method}"].values()
    schema = {**operation["responses"]["200"]["schema"], "definitions": found["definitions"]}
    for error in jsonschema.Draft4Validator(schema).iter_errors(answer):
        if not any(known in error.message for known in ANSWERS):
            yield f"{method}: {error.message}"


def problems(method: str, call: Call) -> Iterator[str]:
    """What is wrong with a call of a method."""
    expected = _expected(method, call.method)
    if isinstance(expected, str):
        yield expected
        return
    given = dict(call.query) if call.method == "GET" else call.form
    if call.method == "POST" and call.query:
        yield f"{method}: arguments in the address: {sorted(call.query)}"
    if not call.headers.get("authorization", "").startswith("Bearer x"):
        # The specification has the token of what is read in the query, where Slack takes it no more:
        # https://docs.slack.dev/changelog/2020-11-no-more-tokens-in-querystrings-for-newly-created-apps
        yield f"{method}: no token in the header"
    for name in given.keys() - expected.keys():
        yield f"{method}: no such argument: {name}"
    for name, (kind, required) in expected.items():
        if name in given:
            yield from _of_kind(f"{method}: {name}", kind, given[name], is_json=name in JSON)
        elif required:
            yield f"{method}: without {name}"


def _expected(method: str, verb: str) -> dict[str, tuple[str, bool]] | str:
    if method in NEWER:
        return dict(NEWER[method]) if verb == "POST" else f"{method} is no {verb}"
    known = (paths() or {}).get(f"/{method}")
    if known is None:
        return f"there is no method {method}"
    (specified, operation), *_ = known.items()
    right = "POST" if method in POSTED else specified.upper()
    if verb != right:
        return f"{method} is {right}, not {verb}"
    found = {one["name"]: (one["type"], bool(one.get("required"))) for one in operation["parameters"]}
    found.pop("token", None)
    return {**found, **{name: (kind, False) for name, kind in ADDED.get(method, {}).items()}}


def _of_kind(what: str, kind: str, value: str, *, is_json: bool) -> Iterator[str]:
    try:
        match kind:
            case "integer":
                int(value)
            case "number":
                float(value)
            case "boolean":
                assert value in ("true", "false")
            case _ if is_json:
                json.loads(value)
    except (ValueError, AssertionError):
        yield f"{what} is no {'JSON' if is_json else kind}: {value[:80]!r}"
