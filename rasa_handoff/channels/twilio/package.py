"""The context package as Flex can hold it: attributes of a task, and messages at the top of the conversation.

Both have limits. What does not fit is left out from the least important end, and it is said how much that was.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rasa_handoff.channel import Case
from rasa_handoff.channels import briefing
from rasa_handoff.core.text import clipped

Json = dict[str, Any]

BODY = 1600
"""Characters of a message: what the API reference says. The page on limits allows 32 KB between chat participants."""

ATTRIBUTES = 4000
"""Bytes of a task's attributes: 4 KB is the least that Twilio documents for attributes. Flex adds its own to them."""

_OURS = 3000  # bytes that we use of those
_VALUE = 200
_TRANSCRIPT = 6  # messages


def attributes(case: Case, customer: str) -> Json:
    """What the workflow routes by, and what a plugin of the Flex UI may show; `customer` is their identity there."""
    need, summary = case.handoff.need, " ".join(briefing.summary(case))
    routed = {
        "customerName": briefing.customer(case),
        "customerAddress": customer,
        "direction": "inbound",
        "department": briefing.department(case),
        "language": need.language,
        "reason": case.handoff.reason.value,
        "priority": case.handoff.priority,
    }
    details = [[label, clipped(value, _VALUE)] for label, value in briefing.details(case)]
    shown: Json = {"id": case.handoff.id, "headline": briefing.headline(case), "state": briefing.state(case)}
    return {**routed, "handoff": _fitted({**shown, "url": case.url}, summary, details, _OURS - _size(routed))}


def _fitted(shown: Json, summary: str, details: list[list[str]], room: int) -> Json:
    for kept in range(len(details), -1, -1):
        for length in (1000, 300):
            found = {**shown, "summary": clipped(summary, length), "details": details[:kept]}
            found["left_out"] = _left_out(len(details) - kept, len(details), len(summary) > length)
            if _size(found) <= room:
                return found
    return {**shown, "summary": "", "details": [], "left_out": "the summary and the details"}


def _left_out(missing: int, of: int, shortened: bool) -> str:
    said = [f"{missing} of {of} details"] if missing else []
    return ", ".join([*said, *(["the end of the summary"] if shortened else [])])


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode(errors="replace"))


def head(case: Case) -> str:
    """The package as one message, which is edited when it changes."""
    parts = [briefing.headline(case), briefing.state(case), "", *briefing.summary(case), ""]
    parts += [f"{label}: {clipped(value, _VALUE)}" for label, value in briefing.details(case)]
    tried = briefing.attempts(case)
    parts += ["", "Tried:", *(clipped(one, _VALUE) for one in tried)] if tried else []
    link = f"\n\n{case.url}" if case.url else ""
    return _up_to(parts, BODY - len(link)) + link


def _up_to(lines: Sequence[str], limit: int) -> str:
    text = "\n".join(lines).strip()
    kept = len(lines)
    while len(text) > limit and kept:
        kept -= 1
        text = "\n".join([*lines[:kept], f"({len(lines) - kept} lines left out)"]).strip()
    return text


def transcript(case: Case) -> list[str]:
    """The conversation before, as messages: the newest lines that fit, oldest first."""
    lines = [_one_line(line) for line in briefing.transcript(case, 200)]
    parts = list(_packed(lines, BODY - 60))
    if len(parts) <= _TRANSCRIPT:
        return parts
    newest = parts[-_TRANSCRIPT:]
    missing = len(case.package.history) - sum(part.count("\n") + 1 for part in newest)
    return [f"({missing} earlier lines left out)\n{newest[0]}", *newest[1:]]


def _one_line(line: str) -> str:
    return clipped(line, BODY // 2)


def _packed(lines: Sequence[str], limit: int) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        if held and len("\n".join([*held, line])) > limit:
            yield "\n".join(held)
            held = []
        held.append(line)
    if held:
        yield "\n".join(held)


def pieces(text: str, limit: int = BODY) -> list[str]:
    """A message as messages that Twilio takes, cut at a line or a word where that can be; none of an empty one."""
    cut: list[str] = []
    while len(text) > limit:
        at = max(text.rfind("\n", 1, limit), text.rfind(" ", 1, limit))
        at = at if at > limit // 2 else limit
        cut.append(text[:at])
        text = text[at:].lstrip(" \n") if at < limit else text[at:]
    return [*cut, text] if text else cut
