"""Packages that earlier versions stored are still read."""

from rasa_handoff.core.package import Attempt, AttemptOutcome, ContextPackage, Detail
from rasa_handoff.stores.codec import decode, encode

# As version 0.1 wrote it, before attempts had an outcome and details a standard form.
STORED = {
    "conversation_id": "c1",
    "customer_id": "42",
    "customer_name": None,
    "reason": "customer_requested",
    "evidence": [
        {"signal": "phrase", "value": "human please", "threshold": None, "turn": 2, "words": "…", "topic": None}
    ],
    "intent": "ask_refund",
    "sentiment": [0.1, -0.4],
    "sentiment_trend": "worsening",
    "details": [{"kind": "order_id", "value": "123", "turn": 1}],
    "attempted_solutions": ["I suggest a restart."],
    "history": [
        {"author": "customer", "text": "human please", "at": "2026-03-01T12:00:00Z", "name": None, "attachments": []}
    ],
    "created_at": "2026-03-01T12:00:00Z",
}


def test_a_package_of_an_earlier_version_is_read():
    package = decode(ContextPackage, STORED)
    assert package.details == (Detail("order_id", "123", 1),)
    assert package.attempted_solutions == (Attempt("I suggest a restart.", 0, AttemptOutcome.UNANSWERED),)
    assert (package.promises, package.language, package.channel) == ((), None, None)


def test_what_was_read_is_stored_in_todays_form_and_read_again():
    package = decode(ContextPackage, STORED)
    assert decode(ContextPackage, encode(package)) == package
