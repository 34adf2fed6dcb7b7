"""Announcements as CloudEvents 1.0 (https://github.com/cloudevents/spec), and what each says.

The schema of each type's `data` lies in `schemas/`, named by type and version. A field is added under the same version;
a field that goes or changes its meaning makes a new one.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from rasa_handoff.core.announcement import Announcement
from rasa_handoff.core.effects import Announce
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import ContextPackage

VERSIONS: Mapping[Announcement, int] = dict.fromkeys(Announcement, 1)
SOURCE = "/rasa-handoff"

Json = dict[str, Any]


def envelope(event_id: str, effect: Announce, data: Mapping[str, Any]) -> Json:
    """The event in its envelope. A repeat has the same `source` and `id`, by which a receiver knows it."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": effect.announcement.value,
        "subject": str(effect.data["handoff_id"]),
        "time": effect.at.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": schema_id(effect.announcement),
        "data": dict(data),
    }


def context(handoff: Handoff, package: ContextPackage, *, transcript: bool) -> Json:
    """What `handoff.context` says beside the ids: the package, the transcript only where it is asked for."""
    said: Json = {
        "reason": handoff.reason.value,
        "evidence": [one.words for one in package.evidence],
        "summary": {"sentences": list(handoff.summary.sentences), "source": handoff.summary.source},
        "customer": {"id": package.customer_id, "name": package.customer_name},
        "intent": package.intent,
        "sentiment_trend": package.sentiment_trend.value,
        "key_details": [{"kind": one.kind, "value": one.value, "turn": one.turn} for one in package.details],
        "attempted_solutions": [attempt.text for attempt in package.attempted_solutions],
    }
    if transcript:
        said["history"] = [{**asdict(line), "at": line.at.isoformat()} for line in package.history]
    return said


def schema_id(announcement: Announcement) -> str:
    return f"urn:rasa-handoff:schema:{announcement.value}:v{VERSIONS[announcement]}"


def schema(announcement: Announcement) -> Json:
    """The JSON Schema (2020-12) of the type's `data`."""
    name = f"{announcement.value}.v{VERSIONS[announcement]}.json"
    loaded: Json = json.loads((files("rasa_handoff") / "schemas" / name).read_text(encoding="utf-8"))
    return loaded
