"""The edges of a page that are called, with their parameters, as the Graph API's reference has them.

Facebook publishes a machine-readable description of all edges (facebook/facebook-business-sdk-codegen,
api_specs/specs/Page.json). Where HANDOFF_PAGE_SPEC names a copy of it, this one is held against it.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

EDGES: Mapping[tuple[str, str], Mapping[str, tuple[type, bool]]] = {
    ("POST", "pass_thread_control"): {
        "recipient": (dict, True),
        "target_app_id": (str, False),
        "metadata": (str, False),
    },
    ("POST", "take_thread_control"): {"recipient": (dict, True), "metadata": (str, False)},
    ("POST", "request_thread_control"): {"recipient": (dict, True), "metadata": (str, False)},
    ("POST", "release_thread_control"): {"recipient": (dict, True)},
    ("POST", "messages"): {
        "recipient": (dict, True),
        "messaging_type": (str, False),
        "message": (dict, False),
        "thread_control": (dict, False),
    },
    ("GET", "thread_owner"): {"recipient": (str, True)},
    ("GET", "subscribed_apps"): {},
}
"""By method and edge: the parameters that we may use, their types, and whether they are required."""

_TYPES = {"string": str, "Object": dict, "pagemessages_messaging_type_enum_param": str}


def problems(method: str, edge: str, told: Mapping[str, Any]) -> list[str]:
    if (known := EDGES.get((method, edge))) is None:
        return [f"there is no {method} {edge}"]
    found = [f"{edge} has no {name}" for name in set(told) - set(known)]
    found += [f"{edge} needs {name}" for name, (_, required) in known.items() if required and name not in told]
    return found + [
        f"{edge}: {name} is none" for name in set(told) & set(known) if not isinstance(told[name], known[name][0])
    ]


def facebooks() -> dict[tuple[str, str], dict[str, tuple[type, bool]]]:
    """The same, as Facebook describes it; skips where that is not here."""
    path = Path(os.environ.get("HANDOFF_PAGE_SPEC") or "/nowhere")
    if not path.is_file():
        pytest.skip("HANDOFF_PAGE_SPEC names no copy of Facebook's api_specs/specs/Page.json")
    apis = [one for one in json.loads(path.read_text(encoding="utf-8"))["apis"] if one.get("endpoint")]
    return {(one["method"], one["endpoint"]): _params(one["params"]) for one in apis}


def _params(params: list[dict[str, Any]]) -> dict[str, tuple[type, bool]]:
    return {one["name"]: (_TYPES.get(one["type"], object), bool(one["required"])) for one in params}
