"""Writes docs/reference/channels.md from the channels' own declarations."""

from collections.abc import Callable, Iterator
from dataclasses import fields

from pydantic import BaseModel

from rasa_handoff.channel import Capabilities
from rasa_handoff.channels.kinds import ChannelKind, ChannelSettings
from rasa_handoff.channels.registry import GROUP, kinds

HEAD = f"""# Takeover channels

Generated from the code by `python -m scripts.reference`; do not edit.

Where people answer beside the desk. Each has an entry under `channels` in `handoff.yml`, and its secrets in
`HANDOFF_CHANNEL_SECRETS`. [Other packages bring more](../how-to/add-a-channel.md), as entry points of the group
`{GROUP}`.
"""

MEANINGS = {
    "text": "text, both ways",
    "image": "pictures, both ways",
    "file": "files, both ways",
    "buttons": "accept, decline, suggest, hand back and close with buttons",
    "typing": "agents see that the customer types",
    "read": "agents see that the customer has read",
    "edit": "what an agent edits or deletes is noticed",
    "names": "the customer is told who answers",
    "history": "lost and reordered webhooks are made good",
    "once": "a message whose answer was lost is not shown twice",
    "external": "the platform chooses who answers",
    "owns": "the customer talks to the platform itself",
}

Row = tuple[str, str, str]
Table = Callable[[Iterator[Row]], str]
Rows = Callable[[type[BaseModel]], Iterator[Row]]


def page(table: Table, rows: Rows) -> str:
    """The page; `rows` are a model's fields and `table` sets them."""
    parts = [HEAD, "## What each can do\n", _matrix(), "## All of them\n", table(rows(ChannelSettings))]
    for kind in kinds().values():
        parts += _kind(kind, table, rows)
    return "\n".join(parts)


def _matrix() -> str:
    known = list(kinds().values())
    names = [field.name for field in fields(Capabilities)]
    lines = ["| | " + " | ".join(kind.name for kind in known) + " |", "|---|" + ":-:|" * len(known)]
    for name in names:
        marks = ["yes" if getattr(kind.capabilities, name) else "—" for kind in known]
        lines.append(f"| {MEANINGS[name]} | " + " | ".join(marks) + " |")
    return "\n".join(lines) + "\n"


def _kind(kind: ChannelKind, table: Table, rows: Rows) -> list[str]:
    own = set(kind.settings.model_fields) - set(ChannelSettings.model_fields)
    shown = [row for row in rows(kind.settings) if row[0] in own]
    parts = [f"## {kind.name}\n", f"{kind.title}. {_customers(kind)}\n"]
    parts += [table(iter(shown))] if shown else []
    if kind.secrets:
        lines = ["| secret | what it is |", "|---|---|"]
        lines += [f"| `{name}`{_optional(kind, name)} | {what} |" for name, what in kind.secrets.items()]
        parts.append("\n".join(lines) + "\n")
    return parts


def _customers(kind: ChannelKind) -> str:
    if not kind.customers:
        return "For customers of every channel of Rasa."
    return f"For customers of Rasa's {', '.join(f'`{one}`' for one in kind.customers)}."


def _optional(kind: ChannelKind, name: str) -> str:
    return " (optional)" if name in kind.optional else ""
