"""What the agent learned, as slots for the bot."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_handoff.core.errors import BadMessage

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
# The plugin's own, and those in which Rasa keeps where a conversation stands.
RESERVED = frozenset({"handoff", "handoff_status", "requested_slot", "session_started_metadata"})


def learned_from_rows(names: Sequence[str], values: Sequence[str]) -> Mapping[str, str]:
    """The form's rows as slots; rows without a name and a value are left out. Errors: BadMessage."""
    rows = {name.strip(): value.strip() for name, value in zip(names, values, strict=False)}
    return dict(checked_slots({name: value for name, value in rows.items() if name or value}))


def checked_slots(slots: Mapping[str, Any]) -> Mapping[str, Any]:
    """The slots, when the agent may set them. Errors: BadMessage."""
    for name in slots:
        if not NAME.fullmatch(name):
            raise BadMessage(f'"{name}" is no name of a slot: use letters, digits and _ (as in order_id).')
        if name in RESERVED:
            raise BadMessage(f'The slot "{name}" is set by the handoff itself.')
    return slots
