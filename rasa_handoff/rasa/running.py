"""What a bot's action that was run on purpose came to, read from the tracker.

Rasa answers the same whether the action ran or its server was down. So the run is marked before, by the slot
`handoff_action` with its id, and after it the tracker is read from that mark on: what the action said and set is the
proof that it ran. One that says and sets nothing leaves none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_handoff.core.text import clipped

ACTION_SLOT = "handoff_action"
_LONGEST = 1_000  # characters of a result

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """What is in the tracker since the run's mark. `executed`: Rasa has tried it; `closed`: and wrote the end of it."""

    executed: bool
    closed: bool
    said: tuple[str, ...]
    result: str | None
    traces: bool

    @property
    def text(self) -> str:
        """What the agent is told: the action's own `result`, else what it said."""
        return clipped(self.result or " ".join(self.said) or "Done.", _LONGEST)


def marked(run: Mapping[str, Any], slots: Mapping[str, Any]) -> list[Json]:
    """The events that mark the run and give the action its slots."""
    named = {**slots, ACTION_SLOT: dict(run)}
    return [{"event": "slot", "name": name, "value": value} for name, value in named.items()]


def ended() -> list[Json]:
    """Rasa's rules look at a turn only after it has listened; a run outside a turn must leave it so."""
    return [{"event": "action", "name": "action_listen"}]


def trace(events: Sequence[Json], run_id: str, action: str) -> Trace | None:
    """None when the run was never marked."""
    marks = [at for at, event in enumerate(events) if _is_mark(event, run_id)]
    if not marks:
        return None
    since = events[marks[0] + 1 :]
    executed = next((at for at, event in enumerate(since) if _is_action(event, action)), None)
    if executed is None:
        return Trace(False, False, (), None, False)
    own = _until_listening(since[executed + 1 :])
    said = tuple(str(event["text"]) for event in own if event.get("event") == "bot" and event.get("text"))
    slots = [event for event in own if event.get("event") == "slot"]
    results = [_result(event) for event in slots if event.get("name") == ACTION_SLOT]
    closed = any(_is_action(event, "action_listen") for event in since[executed + 1 :])
    return Trace(True, closed, said, next((one for one in results if one), None), bool(own))


def spoken(events: Sequence[Json], run_id: str, action: str) -> list[Json]:
    """The bot's messages of the run, as the rest channel would give them."""
    start = next((at for at, event in enumerate(events) if _is_mark(event, run_id)), len(events))
    since = events[start + 1 :]
    executed = next((at for at, event in enumerate(since) if _is_action(event, action)), len(since))
    own = _until_listening(since[executed + 1 :])
    bot = (event for event in own if event.get("event") == "bot")
    return [
        {**{key: value for key, value in (event.get("data") or {}).items() if value}, "text": event.get("text")}
        for event in bot
    ]


def _until_listening(events: Sequence[Json]) -> list[Json]:
    own: list[Json] = []
    for event in events:
        if event.get("event") in ("user", "action") or (event.get("metadata") or {}).get("handoff"):
            break
        own.append(event)
    return own


def _is_mark(event: Json, run_id: str) -> bool:
    value = event.get("value")
    named = event.get("event") == "slot" and event.get("name") == ACTION_SLOT
    return named and isinstance(value, dict) and value.get("id") == run_id and "result" not in value


def _is_action(event: Json, name: str) -> bool:
    return event.get("event") == "action" and event.get("name") == name


def _result(event: Json) -> str | None:
    value = event.get("value")
    result = value.get("result") if isinstance(value, dict) else None
    return result if isinstance(result, str) else None
