"""A quick action that is run: what happens to the handoff because of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rasa_handoff.core.backports import StrEnum


class Kind(StrEnum):
    """What a quick action does: runs an action of the bot, calls an address, or puts a text into the composer."""

    RASA = "rasa"
    HTTP = "http"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class ActionRun:
    """The agent had a quick action done. `kind` is one of `core.quick.Kind`; `fields` are filled in.

    `run_id` comes from the agent's client and goes along to whoever does it, so that a repeat is one.
    """

    run_id: str
    action_id: str
    label: str
    kind: str
    agent_id: str
    agent_name: str
    target: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """What became of it; `result` is for the agent to read."""

    run_id: str
    label: str
    ok: bool
    result: str
