"""What the e-mails say: the package to the team, the confirmation to the customer.

Header values are a single line each and addresses are checked, so nothing a customer writes becomes a header.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from rasa_handoff.core.follow_up import Recipient
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import ContextPackage

_SUBJECT_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text of the confirmation in one language; `{summary}` and `{department}` are filled in."""

    subject: str
    text: str


CONFIRMATION = Words(
    "We have your question",
    "Thank you for your patience. Your question is with our team ({department}), who will answer you here.\n\n"
    "What we have noted:\n{summary}\n\nYou need not repeat anything. To add something, reply to this message.\n",
)


def letter(
    to: Recipient,
    handoff: Handoff,
    package: ContextPackage,
    team: str,
    sender: str,
    department: str,
    words: Mapping[str, Words],
) -> EmailMessage:
    """The e-mail to one of the two; replies to the one reach the other."""
    assert handoff.follow_up is not None
    customer = handoff.follow_up.contact
    if to is Recipient.CUSTOMER:
        text = words.get(handoff.need.language, CONFIRMATION)
        told = {"summary": _summary(handoff), "department": department}
        return _message(handoff, to, sender, customer, team, text.subject, _filled(text.text, told))
    subject = f"Please answer {customer}: {_summary(handoff)}"
    return _message(handoff, to, sender, team, customer, subject, "\n".join(_package(handoff, package, department)))


def one_line(text: str) -> str:
    """Text as a header can carry it: no line breaks, no control characters, not too long."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(plain.split())[:_SUBJECT_LIMIT]


def _message(
    handoff: Handoff, kind: Recipient, sender: str, to: str, reply_to: str, subject: str, text: str
) -> EmailMessage:
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"], message["To"] = Address(addr_spec=sender), Address(addr_spec=to)
    message["Reply-To"] = Address(addr_spec=reply_to)
    message["Subject"] = one_line(subject)
    # The same for each try, so that a mailbox may know a repeat when it sees one.
    message["Message-ID"] = f"<{handoff.id}.{kind.value}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8", cte="base64")
    return message


def _summary(handoff: Handoff) -> str:
    return " ".join(handoff.summary.sentences)


def _filled(text: str, told: Mapping[str, str]) -> str:
    for name, value in told.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _package(handoff: Handoff, package: ContextPackage, department: str) -> Iterator[str]:
    """The package in its layers: the summary first, then the details, then the conversation."""
    assert handoff.follow_up is not None
    yield from (f"A customer asks {department} for an answer by e-mail.", "", "Summary", _summary(handoff), "")
    yield from ("Key details", f"- reply to: {handoff.follow_up.contact}")
    yield f"- answer by: {handoff.follow_up.due_at:%Y-%m-%d %H:%M} UTC"
    yield from (f"- {detail.kind}: {detail.value}" for detail in package.details)
    yield from ("", "Conversation")
    yield from (f"{line.author.value}: {line.text}" for line in package.history)
