"""A handoff as channels are given it, for the tests of one channel."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rasa_handoff.channel import Case, Opened, Outgoing
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Handoff, Outcome, Rules, Status
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import Summary
from rasa_handoff.core.takeover import Place
from tests.writers.packages import package

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def case(conversation_id: str = "customer-1", status: Status = Status.WAITING, **changes: Any) -> Case:
    summary = changes.pop("summary", Summary(("Ann Lee wants a refund <now> & here.",)))
    url = changes.pop("url", "https://handoff.example/desk/h1")
    found = changes.pop("package", None) or replace(package(), conversation_id=conversation_id)
    handoff = Handoff(
        "h1", conversation_id, "rest", Reason.CUSTOMER_REQUESTED, Need("support"), Rules(), NOW, summary, status=status
    )
    if status in (Status.OFFERED, Status.ACTIVE):
        changes = {"agent_id": "anna", "agent_name": "Anna Ng", **changes}
    if status is Status.CLOSED:
        changes = {"agent_name": "Anna Ng", "outcome": Outcome.RESOLVED, **changes}
    return Case(replace(handoff, **changes), found, url)


def place(opened: Opened, channel: str = "there") -> Place:
    return Place(channel, "support", opened.key, opened.data)


def said(text: str, id: str = "m1", *files: Attachment, author: Author = Author.CUSTOMER) -> Outgoing:
    return Outgoing(id, author, text, None if author is Author.CUSTOMER else "Otto", files)
