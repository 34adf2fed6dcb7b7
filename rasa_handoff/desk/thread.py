"""The conversation since the handoff, as the agent reads it: the handoff's log in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.effects import Notice
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.ports import Entry
from rasa_handoff.words import in_words

Side = Literal["customer", "agent", "system"]


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One line: a message, or what happened (`side` "system"; a `problem` when the agent should worry)."""

    seq: int
    side: Side
    name: str | None
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    problem: bool = False


def thread(entries: list[Entry], handoff: Handoff, named: Callable[[str], str]) -> tuple[ThreadLine, ...]:
    """The entries that say something to the agent, oldest first. `named` gives an agent's name by their id."""
    lines = (_line(entry, handoff, named) for entry in entries)
    return tuple(line for line in lines if line is not None)


def _line(entry: Entry, handoff: Handoff, named: Callable[[str], str]) -> ThreadLine | None:
    match entry.kind:
        case "declined" | "agent_lost":
            who, lost = named(entry.data["agent_id"]), entry.kind == "agent_lost"
            told = f"{who} has not been seen for a while: on to somebody else" if lost else f"Declined by {who}"
            return ThreadLine(entry.seq, "system", None, told, entry.at)
        case "customer_messaged":
            return ThreadLine(entry.seq, "customer", None, entry.data["text"], entry.at, _attached(entry))
        case "agent_messaged":
            name = entry.data.get("agent_name") or handoff.agent_name
            return ThreadLine(entry.seq, "agent", name, entry.data["text"], entry.at, _attached(entry))
        case "delayed" | "undelivered":
            told = _delayed(entry.data) if entry.kind == "delayed" else _undelivered(entry.data)
            return ThreadLine(entry.seq, "system", None, told, entry.at, problem=True)
        case "action_run" if entry.data["kind"] == "reply":
            return None  # its text is in the composer; what is sent of it has a line of its own
        case "action_ended":
            ok, label = entry.data["ok"], entry.data["label"]
            told = f"{label}: {entry.data['result']}" if ok else f"{label} failed. {entry.data['result']}"
            return ThreadLine(entry.seq, "system", None, told, entry.at, problem=not ok)
        case kind if say := HAPPENED.get(kind):
            return ThreadLine(entry.seq, "system", None, say(entry.data), entry.at)
        case _:
            return None


def _attached(entry: Entry) -> tuple[Attachment, ...]:
    return tuple(Attachment(one["url"], one.get("kind", "file")) for one in entry.data.get("attachments") or ())


def _delayed(data: Mapping[str, Any]) -> str:
    return f"Not delivered yet, it is kept and tried again: {_subject(data)} ({data['error']})"


def _delivered(data: Mapping[str, Any]) -> str:
    return f"Delivered after all: {_subject(data)}"


def _subject(data: Mapping[str, Any]) -> str:
    notices = {
        Notice.ACCEPTED.value: "that you took over",
        Notice.UPDATE.value: "how the wait stands",
        Notice.RETURNED.value: "the hand back to the bot",
    }
    return notices.get(data["what"]) or str(data["what"])


def _undelivered(data: Mapping[str, Any]) -> str:
    notices = {
        Notice.ACCEPTED.value: "The customer could not be told that you took over",
        Notice.UPDATE.value: "The customer could not be told how the wait stands",
        Notice.RETURNED.value: "The bot could not be told that the conversation is its own again",
    }
    return f"{notices.get(data['what']) or 'Not delivered: ' + str(data['what'])} ({data['error']})"


def _offered(data: Mapping[str, Any]) -> str:
    why = f": {'; '.join(data['why'])}" if data.get("why") else ""
    return f"Offered to {data['agent_name']}{why}"


def _transferred(data: Mapping[str, Any]) -> str:
    whom = data.get("agent_name") or in_words(data["department"])
    note = f" — {data['note']}" if data.get("note") else ""
    return f"{'To be passed on' if data['warm'] else 'Passed on'} to {whom}{note}"


def _closed(data: Mapping[str, Any]) -> str:
    note = f" — {data['note']}" if data.get("note") else ""
    return f"Closed: {in_words(data['outcome'])}{note}"


def _of(fields: Mapping[str, Any]) -> str:
    """What it was run with."""
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in fields.items())
    return f" ({told})" if told else ""


HAPPENED: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "started": lambda data: "The bot asked for a person",
    "offered": _offered,
    "offer_expired": lambda data: "The offer ran out",
    "transferred": _transferred,
    "transfer_cancelled": lambda data: "The transfer was cancelled",
    "transfer_expired": lambda data: "Nobody has taken it over: it stays where it is",
    "asked_if_there": lambda data: "The customer was asked whether they are still there",
    "customer_there": lambda data: "The customer is there",
    "customer_left": lambda data: "The customer left while they waited",
    "accepted": lambda data: f"{data['agent_name']} took over",
    "handed_back": _closed,
    "taken_over": lambda data: f"Shown in {data['channel']}",
    "take_over_failed": lambda data: f"Not shown in {data['channel']}: {data['error']}",
    "delivered": _delivered,
    "action_run": lambda data: f"{data['agent_name']}: {data['label']}{_of(data['fields'])}",
}
