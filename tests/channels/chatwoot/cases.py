"""A handoff of a customer who writes to Chatwoot, and the channel over a fake one."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rasa_handoff.channel import Case
from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.core.decision import Evidence, Reason
from rasa_handoff.core.handoff import Handoff, Rules
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import Attempt, ContextPackage, Detail, Summary, Trend

KEY = "chatwoot-1-42"
NOW = datetime.now(UTC)


def case(conversation_id: str = KEY, *, url: str | None = None, said: str = "Where is it?", **changes: Any) -> Case:
    summary = Summary(("Wants to know where order 10391 is.", "The bot looked it up.", "It has not moved."))
    handoff = Handoff(
        id="h1", conversation_id=conversation_id, channel="chatwoot", reason=Reason.CUSTOMER_REQUESTED,
        need=Need("support"), rules=Rules(), queued_at=NOW, summary=summary,
    )  # fmt: skip
    package = ContextPackage(
        conversation_id=conversation_id,
        customer_id=conversation_id,
        customer_name="Ada Byron",
        reason=Reason.CUSTOMER_REQUESTED,
        evidence=(Evidence("explicit_phrase", "human please", None, 2, "Customer said: human please"),),
        intent="track_order",
        sentiment=(0.1,),
        sentiment_trend=Trend.STABLE,
        details=(Detail("order_id", "10391", 1),),
        attempted_solutions=(Attempt("It is on its way."),),
        history=(Line(Author.CUSTOMER, said, NOW), Line(Author.BOT, "It is on its way.", NOW)),
        created_at=NOW,
    )
    return Case(replace(handoff, **changes), package, url)
