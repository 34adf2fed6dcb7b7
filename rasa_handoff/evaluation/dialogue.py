"""What was said, as plain data, made into the `Conversation` that the detector reads."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rasa_handoff.core.conversation import Author, Conversation, Line, Turn
from rasa_handoff.core.details import key_details
from rasa_handoff.core.errors import BadInput
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
    """One thing that was said; `intent` and `confidence` (in [0, 1]) are what the bot's NLU made of it, if known."""

    author: Author
    text: str
    intent: str | None = None
    confidence: float = 1.0

    @property
    def by_customer(self) -> bool:
        return self.author is Author.CUSTOMER


def said(value: Any, where: str) -> Said:
    """From {"role", "text", "intent"?, "confidence"?}. Errors: BadInput."""
    if not isinstance(value, dict):
        raise BadInput(f"{where}: each turn should be an object with `role` and `text`")
    role = field(value, "role", str, where)
    if role not in _ROLES:
        raise BadInput(f"{where}: there is no role {role!r}; known: {', '.join(_ROLES)}")
    return _said(value, _ROLES[role], where)


def message(row: Json, where: str) -> Said:
    """The customer's own message, from {"text", "intent"?, "confidence"?}. Errors: BadInput."""
    return _said(row, Author.CUSTOMER, where)


def _said(value: Json, author: Author, where: str) -> Said:
    confidence = float(field(value, "confidence", (int, float), where, 1.0))
    if not math.isfinite(confidence):
        raise BadInput(f"{where}: `confidence` should be a number from 0 to 1")
    return Said(author, field(value, "text", str, where), field(value, "intent", str, where, None), confidence)


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
        replies=tuple(replies),
    )


def details(dialogue: Sequence[Said]) -> dict[str, list[str]]:
    """The key details the customer gave, by kind, the newest first; `name` is anybody's."""
    found: dict[str, list[str]] = {}
    lines = [Line(one.author, one.text, _START) for one in dialogue if one.author is not Author.SYSTEM]
    for detail in key_details(lines):
        found.setdefault("name" if detail.kind == "person" else detail.kind, []).append(detail.value)
    return found
