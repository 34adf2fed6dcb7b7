"""A Rasa tracker as people read it: who said what, oldest first."""

import json
from collections.abc import Iterator
from typing import Any

from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.rasa.events import Json, agent_of, at, attachment, events_of, is_message, listed, mapping, sent_along

_CUSTOM = 300  # characters shown of a payload without text


def history_of(tracker: Json) -> tuple[Line, ...]:
    """The whole conversation, oldest first; of a button that was pressed, its title."""
    lines: list[Line] = []
    titles: dict[str, str] = {}
    for event in events_of(tracker):
        titles |= _titles(event)
        line = _line(event, titles)
        if line is not None and (line.text or line.attachments):
            lines.append(line)
    return tuple(lines)


def _line(event: Json, titles: dict[str, str]) -> Line | None:
    match event.get("event"):
        case "bot":
            return _bot_line(event)
        case "agent":
            return Line(Author.AGENT, str(event.get("text") or ""), at(event))
        case "user" if is_message(event):
            text = str(event.get("text") or "")
            return Line(Author.CUSTOMER, titles.get(text, text), at(event), attachments=sent_along(event))
        case _:
            return None


def _bot_line(event: Json) -> Line:
    agent, data = agent_of(event), mapping(event.get("data"))
    parts = [str(event.get("text") or ""), _custom(data.get("custom")), _options(data)]
    found = [attachment(data.get("image"), "image")]
    if data.get("attachment") != data.get("image"):  # Rasa copies an image into both
        found.append(attachment(data.get("attachment"), "file"))
    return Line(
        author=Author.AGENT if agent else Author.BOT,
        text="\n".join(part for part in parts if part),
        at=at(event),
        name=str(agent["name"]) if agent.get("name") else None,
        attachments=tuple(one for one in found if one),
    )


def _choices(data: Json) -> Iterator[Json]:
    for group in ("buttons", "quick_replies", "elements"):
        for one in listed(data.get(group)):
            yield one
            yield from listed(one.get("buttons"))


def _options(data: Json) -> str:
    titles = [str(one["title"]) for one in _choices(data) if one.get("title")]
    return f"[{'] ['.join(titles)}]" if titles else ""


def _titles(event: Json) -> dict[str, str]:
    choices = _choices(mapping(event.get("data")))
    return {str(one["payload"]): str(one["title"]) for one in choices if one.get("payload") and one.get("title")}


def _custom(payload: Any) -> str:
    """A channel's own payload: its text where it has one, else its beginning as JSON."""
    if not payload:
        return ""
    told = mapping(payload).get("text")
    return told if isinstance(told, str) else json.dumps(payload, ensure_ascii=False, default=str)[:_CUSTOM]
