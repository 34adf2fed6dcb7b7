"""What a handoff looks like in Chatwoot: a private note, attributes of the conversation, labels, a priority."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from rasa_handoff.channel import Case, Person
from rasa_handoff.channels import briefing
from rasa_handoff.channels.chatwoot.reading import ENDED, OPEN
from rasa_handoff.channels.chatwoot.settings import ChatwootChannelSettings
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.text import clipped

Json = dict[str, Any]

HANDOFF, DEPARTMENT, SUMMARY, STATUS = "handoff_id", "handoff_department", "handoff_summary", "handoff_status"
_LONGEST = 100_000  # Chatwoot takes 150,000 characters
_SENTENCES = 1_000
_JOINER = "\u2060"  # nobody sees it


def note(case: Case) -> str:
    """The context package, as a note in Markdown."""
    parts = [f"**{plain(briefing.headline(case))}**", "", *(plain(one) for one in briefing.summary(case)), ""]
    parts += [f"- {label}: {plain(value)}" for label, value in briefing.details(case)]
    parts += _listed("Tried", briefing.attempts(case)) + _listed("Conversation", briefing.transcript(case))
    return "\n".join([*parts, "", case.url] if case.url else parts)[:_LONGEST].strip()


def news(case: Case) -> str:
    """The summary, when it is another one than the note has."""
    return "\n".join(["**Summary**", "", *(plain(one) for one in briefing.summary(case))])


def told(person: Person, text: str) -> str:
    """A note to one person: Chatwoot notifies whom a note mentions."""
    name = plain(person.name)
    return (
        f"[@{name}](mention://user/{person.id}/{quote(person.name)}) {plain(text)}" if person.id.isdecimal() else text
    )


def plain(text: str) -> str:
    """What people wrote, so that it notifies nobody, and Liquid, which Chatwoot runs notes through, finds nothing."""
    for sign in ("mention://", "{{", "{%"):
        text = text.replace(sign, f"{sign[:-1]}{_JOINER}{sign[-1]}")
    return text


def attributes(case: Case) -> Json:
    """What the conversation's own attributes say of an open handoff."""
    handoff = case.handoff
    shown: Json = {OPEN: True, HANDOFF: handoff.id, DEPARTMENT: department(case)}
    shown |= {"handoff_reason": handoff.reason.value, **changing(case)}
    return shown | ({"handoff_url": case.url} if case.url else {})


def department(case: Case) -> str:
    """Whose people it is shown to."""
    return case.department or case.handoff.need.department


def changing(case: Case) -> Json:
    return {STATUS: briefing.state(case), SUMMARY: clipped(" ".join(briefing.summary(case)), _SENTENCES)}


def ended(case: Case, newest: int) -> Json:
    """What they say after it; `newest` is the number of the conversation's newest message."""
    return {OPEN: False, STATUS: briefing.state(case), ENDED: newest}


def labels(settings: ChatwootChannelSettings, case: Case) -> list[str]:
    known = {"{reason}": case.handoff.reason.value, "{department}": department(case)}
    filled = list(settings.labels)
    for sign, value in known.items():
        filled = [label.replace(sign, value) for label in filled]
    return filled


def priority(settings: ChatwootChannelSettings, handoff: Handoff) -> str | None:
    """Chatwoot's, for the highest threshold that the handoff's reaches."""
    reached = [(least, name) for name, least in settings.priorities.items() if handoff.priority >= least]
    return max(reached)[1] if reached else None


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"**{title}**", "", *(f"- {plain(line)}" for line in lines)] if lines else []
