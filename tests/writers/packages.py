"""A conversation to summarise, and what a good and an obedient model make of it."""

import json
from datetime import UTC, datetime

from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.decision import Evidence, Reason
from rasa_handoff.core.package import Attempt, Basis, ContextPackage, Detail, Part, Summary, Trend

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SAID = (
    (Author.CUSTOMER, "My name is Ann Lee, my parcel for order 10391 arrived broken, I want a refund"),
    (Author.BOT, "I'm sorry. Please try the returns page first."),
    (Author.CUSTOMER, "The returns page shows an error, mail me at ann@example.com"),
    (Author.CUSTOMER, "human please"),
)
DRAFT = Summary(
    ("The customer writes: “refund”.", "The bot tried: “the returns page”.", "Unresolved: they ask for a human."),
    basis=(Basis(Part.WANTS, (1,)), Basis(Part.TRIED, (2,)), Basis(Part.UNRESOLVED, (4,))),
)
GOOD = (
    ("wants", "[NAME_1] wants a refund for the broken parcel of order [ID_1].", [1]),
    ("tried", "The bot suggested the returns page.", [2]),
    ("unresolved", "The returns page shows an error.", [3]),
)
SENTENCES = (
    "Ann Lee wants a refund for the broken parcel of order 10391.",
    "The bot suggested the returns page.",
    "The returns page shows an error.",
)


def package(*said: tuple[Author, str]) -> ContextPackage:
    return ContextPackage(
        conversation_id="conversation-1",
        customer_id="customer-77",
        customer_name="Ann Lee",
        reason=Reason.CUSTOMER_REQUESTED,
        evidence=(Evidence("explicit_request", "human", None, 1, "Customer said: human"),),
        intent="refund",
        sentiment=(),
        sentiment_trend=Trend.STABLE,
        details=(Detail("order_id", "10391", 1),),
        attempted_solutions=(Attempt("I'm sorry. Please try the returns page first.", 1),),
        history=tuple(Line(author, text, NOW) for author, text in said or SAID),
        created_at=NOW,
    )


def as_json(*sentences: tuple[str, str, list[int]]) -> str:
    return json.dumps({part: {"text": text, "lines": lines} for part, text, lines in sentences or GOOD})
