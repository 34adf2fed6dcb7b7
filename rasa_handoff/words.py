"""How the members of our closed sets, and the names of details, read to a person: on the desk and in every channel."""

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.package import AttemptOutcome, Trend

REASONS = {
    Reason.CUSTOMER_REQUESTED: "Asked for a person",
    Reason.LOW_CONFIDENCE: "Bot unsure",
    Reason.HIGH_FRUSTRATION: "Frustrated",
    Reason.MAX_TURNS_EXCEEDED: "Going in circles",
    Reason.POLICY_REQUIRED: "Policy",
    Reason.SENSITIVE_TOPIC: "Sensitive topic",
    Reason.COMPLEX_ISSUE: "Complex issue",
}
OUTCOMES = {
    Outcome.RESOLVED: "Resolved",
    Outcome.RETURNED_TO_BOT: "Returned to the bot",
    Outcome.CUSTOMER_LEFT: "Customer left",
    Outcome.CALLBACK_BOOKED: "Callback booked",
    Outcome.EMAIL_TAKEN: "E-mail follow-up",
    Outcome.TRANSFERRED_OUT: "Transferred to another system",
    Outcome.CANCELLED: "Cancelled",
    Outcome.FAILED: "Failed",
}
TRENDS = {Trend.IMPROVING: "Improving", Trend.STABLE: "Steady", Trend.WORSENING: "Getting worse"}
ATTEMPTS = {
    AttemptOutcome.WORKED: "Worked",
    AttemptOutcome.FAILED: "Failed",
    AttemptOutcome.UNANSWERED: "No answer",
}
KINDS = {
    "order_id": "Order",
    "email": "E-mail",
    "phone": "Phone",
    "booking_ref": "Booking",
    "invoice_id": "Invoice",
    "account_number": "Account",
    "ticket_id": "Ticket",
    "tracking_number": "Tracking",
    "claim_id": "Claim",
    "policy_id": "Policy",
    "customer_id": "Customer no.",
    "transaction_id": "Transaction",
    "person": "Person named",
}


def in_words(value: object) -> str:
    """A member of one of our closed sets, or the name of a slot, as a person says it."""
    for table in (REASONS, OUTCOMES, TRENDS, ATTEMPTS):
        if value in table:
            return table[value]  # type: ignore[index]
    text = str(value)
    return KINDS.get(text) or text.replace("_", " ").strip().capitalize()
