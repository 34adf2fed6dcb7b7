"""What was said, as plain data, made into the `Conversation` that the detector reads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rasa_handoff.core.backports import UTC
from rasa_handoff.core.conversation import Author, Conversation, Entity, Line, Turn
from rasa_handoff.core.details import key_details
from rasa_handoff.core.errors import BadInput
from rasa_handoff.core.masking import masked_lines
from rasa_handoff.evaluation.jsonlines import Json, field

WINDOW = 50  # customer messages, as many as the gate reads
_START = datetime(2000, 1, 1, tzinfo=UTC)
_ROLES = {
    "user": Author.CUSTOMER,
    "customer": Author.CUSTOMER,
    "bot": Author.BOT,
    "assistant": Author.BOT,
    "agent": Author.AGENT,
    "system": Author.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said. The rest is known of customer turns, if at all.

    `intent`, `confidence` and `runner_up` (in [0, 1]) and `entities` are what the bot's NLU made of it; `actions` the
    names of what the bot ran then, `slots` what it filled.
    """

    author: Author
    text: str
    intent: str | None = None
    confidence: float = 1.0
    runner_up: float = 0.0
    entities: tuple[Entity, ...] = ()
    actions: tuple[str, ...] = ()
    slots: tuple[tuple[str, str], ...] = ()

    @property
    def by_customer(self) -> bool:
        return self.author is Author.CUSTOMER


def said(value: Any, where: str) -> Said:
    """From {"role", "text", ...}; the rest is as in docs/reference/evaluation.md. Errors: BadInput."""
    if not isinstance(value, dict):
        raise BadInput(f"{where}: each turn should be an object with `role` and `text`")
    role = field(value, "role", str, where)
    if role not in _ROLES:
        raise BadInput(f"{where}: there is no role {role!r}; known: {', '.join(_ROLES)}")
    return _said(value, _ROLES[role], where)


def message(row: Json, where: str) -> Said:
    """The customer's own message, from {"text", ...}. Errors: BadInput."""
    return _said(row, Author.CUSTOMER, where)


def _said(value: Json, author: Author, where: str) -> Said:
    slots = field(value, "slots", dict, where, {}).items()
    return Said(
        author,
        field(value, "text", str, where),
        field(value, "intent", str, where, None),
        _share(value, "confidence", where, 1.0),
        _share(value, "runner_up", where, 0.0),
        tuple(Entity(kind, str(found)) for kind, found in field(value, "entities", dict, where, {}).items()),
        tuple(map(str, field(value, "actions", list, where, []))),
        tuple((name, str(found)) for name, found in slots if found is not None),
    )


def _share(value: Json, name: str, where: str, default: float) -> float:
    found = float(field(value, name, (int, float), where, default))
    if not math.isfinite(found):
        raise BadInput(f"{where}: `{name}` should be a number from 0 to 1")
    return found


def conversation(dialogue: Sequence[Said], name: str = "") -> Conversation:
    """The newest customer messages, each with what the bot said after it."""
    turns: list[tuple[Said, list[str]]] = []
    for one in dialogue:
        if one.by_customer:
            turns.append((one, []))
        elif one.author is Author.BOT and turns:
            turns[-1][1].append(one.text)
    newest = turns[-WINDOW:]
    first = len(turns) - len(newest)
    return Conversation(name, "", tuple(_turn(*turn, first + at) for at, turn in enumerate(newest)))


def _turn(one: Said, replies: Sequence[str], number: int) -> Turn:
    return Turn(
        message_id=str(number),
        text=one.text,
        at=_START + timedelta(minutes=number),
        intent=one.intent,
        confidence=one.confidence,
        runner_up=one.runner_up,
        entities=one.entities,
        replies=tuple(replies),
        actions=one.actions,
        filled=one.slots,
    )


def details(dialogue: Sequence[Said]) -> dict[str, list[str]]:
    """The key details the customer gave, by kind, the newest first; `name` is anybody's."""
    found: dict[str, list[str]] = {}
    lines = [Line(one.author, one.text, _START) for one in dialogue if one.author is not Author.SYSTEM]
    for detail in key_details(masked_lines(lines)):
        found.setdefault("name" if detail.kind == "person" else detail.kind, []).append(detail.value)
    return found
