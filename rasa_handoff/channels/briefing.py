"""What every channel says of a handoff, in plain text: the channels differ in how they set it, not in what it says.

In layers, as on the desk: the headline and the summary first, then the details, then the transcript.
"""

from collections.abc import Sequence
from datetime import datetime

from rasa_handoff.channel import Case, Press
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.text import clipped
from rasa_handoff.words import REASONS, TRENDS, in_words

LABELS = {
    Press.ACCEPT: "Accept",
    Press.DECLINE: "Decline",
    Press.SUGGEST: "Suggest a reply",
    Press.HAND_BACK: "Hand back to the bot",
    Press.CLOSE: "Close",
}
_AUTHORS = {Author.CUSTOMER: "Customer", Author.BOT: "Bot", Author.AGENT: "Agent", Author.SYSTEM: "System"}


def headline(case: Case) -> str:
    """Why, and who: "Asked for a person: Ada Byron"."""
    return f"{REASONS[case.handoff.reason]}: {customer(case)}"


def customer(case: Case) -> str:
    """The customer's name, or what they are called by."""
    return clipped(case.package.customer_name or case.package.customer_id or case.handoff.conversation_id, 80)


def department(case: Case) -> str:
    """Whose people it is shown to."""
    return case.department or case.handoff.need.department


def state(case: Case) -> str:
    """How it stands: waiting, offered to whom, with whom, or how it ended."""
    handoff = case.handoff
    match handoff.status:
        case Status.WAITING:
            return "Waiting for somebody"
        case Status.OFFERED:
            return f"Offered to {handoff.agent_name}"
        case Status.ACTIVE:
            return f"With {handoff.agent_name}{_transfer(handoff)}"
        case Status.CLOSED:
            return _ended(handoff)


def summary(case: Case) -> list[str]:
    """What the customer wants, what was tried, what is unresolved: at most three sentences."""
    return list(case.handoff.summary.sentences)


def details(case: Case) -> list[tuple[str, str]]:
    """Labels and values, those of the conversation first."""
    package, need = case.package, case.handoff.need
    found = [("Department", need.department), ("Language", need.language), ("Channel", case.handoff.channel)]
    if package.intent:
        found.append(("Intent", in_words(package.intent)))
    found.append(("Sentiment", TRENDS[package.sentiment_trend]))
    found += [(in_words(one.kind), one.normal or one.value) for one in package.details]
    evidence = "; ".join(one.words for one in package.evidence)
    return [*found, ("Why", evidence)] if evidence else found


def attempts(case: Case) -> list[str]:
    """What the bot tried, and how that ended."""
    return [f"{one.text} ({in_words(one.outcome)})" for one in case.package.attempted_solutions]


def transcript(case: Case, limit: int = 50) -> list[str]:
    """The newest lines of the conversation before the handoff, oldest first."""
    return [spoken(line) for line in case.package.history[-limit:]]


def spoken(line: Line) -> str:
    """A line with its time (UTC) and its author."""
    files = "".join(f" [{one.kind}: {one.url}]" for one in line.attachments)
    return f"{_clock(line.at)} {line.name or _AUTHORS[line.author]}: {line.text}{files}"


def text(case: Case, *, lines: int = 20) -> str:
    """All of it as plain text, for channels that can set nothing."""
    parts = [headline(case), state(case), "", *summary(case), ""]
    parts += [f"{label}: {value}" for label, value in details(case)]
    parts += _listed("Tried", attempts(case)) + _listed("Conversation", transcript(case, lines))
    return "\n".join([*parts, "", case.url] if case.url else parts).strip()


def presses(case: Case) -> tuple[Press, ...]:
    """The buttons that make sense now."""
    match case.handoff.status:
        case Status.WAITING:
            return (Press.ACCEPT,)
        case Status.OFFERED:
            return (Press.ACCEPT, Press.DECLINE)
        case Status.ACTIVE:
            invited = (Press.ACCEPT, Press.DECLINE) if case.handoff.transfer else ()
            return (*invited, Press.SUGGEST, Press.HAND_BACK, Press.CLOSE)
        case Status.CLOSED:
            return ()


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *lines] if lines else []


def _transfer(handoff: Handoff) -> str:
    if handoff.transfer is None:
        return ""
    invited = handoff.transfer.invited_name
    return f", passing it on to {invited or handoff.transfer.department}"


def _ended(handoff: Handoff) -> str:
    with_whom = f" by {handoff.agent_name}" if handoff.agent_name else ""
    said = f"{in_words(handoff.outcome) if handoff.outcome else 'Ended'}{with_whom}"
    return f"{said}: {handoff.note}" if handoff.note else said


def _clock(at: datetime) -> str:
    return at.strftime("%H:%M")
