"""The draft of the context package for conversations of 10, 100 and 1,000 customer messages, and how it grows.

Every message has something to be found, or looks as if. As in a running action server, the tone of all but the newest
message has been read before, by the gate.
"""

import random
import time
from datetime import UTC, datetime, timedelta

from benchmarks.report import Row, median
from rasa_handoff.core.conversation import Author, Conversation, Line, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.drafting import draft
from rasa_handoff.normalising import normaliser
from rasa_handoff.sentiment import vader

TARGETS = {10: 2.0, 100: 10.0, 1000: 40.0}  # milliseconds
SAMPLES = 25
WINDOW = 50  # customer messages, as many as the gate reads
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WISH = HandOff(
    Reason.CUSTOMER_REQUESTED, (Evidence("phrase", "human please", None, 1, "Customer said: human please"),)
)
_SAID = (
    "where is my parcel, it should have come on monday", "my order number is {0}", "thanks a lot", "it still fails",
    "why was I charged {0} euros twice", "ich möchte meine Bestellung ändern", "yes please", "my name is Ann Lee",
    "the delivery man left it at the wrong house", "call me on +44 20 7946 0958", "it's {0}", "I already sent it back",
)  # fmt: skip
_REPLIES = (
    "Please tell me your order number.", "I suggest you check the tracking page {0}.", "May I have your name, please?",
    "We will refund you within 5 days.", "Your parcel {0} is on its way.",
)  # fmt: skip


def measure() -> list[Row]:
    took = {turns: median(_times(turns)) for turns in TARGETS}
    rows = [Row(f"median, {turns} turns", took[turns], "ms", "<=", target) for turns, target in TARGETS.items()]
    return [*rows, Row("1,000 turns to 100 turns", took[1000] / took[100], "x", "<=", 15)]


def _times(turns: int) -> list[float]:
    """Milliseconds for each draft, of a conversation not seen before."""
    normalise, tone, taken = normaliser("GB"), vader(), []
    for sample in range(SAMPLES):
        conversation, history = _talk(turns, random.Random(f"{turns} {sample}"))
        for line in history[:-2]:
            tone(line.text)
        started = time.perf_counter()
        draft(conversation, history, _WISH, tone, _START, normalise=normalise)
        taken.append((time.perf_counter() - started) * 1e3)
    return taken[SAMPLES // 5 :]


def _talk(turns: int, chance: random.Random) -> tuple[Conversation, tuple[Line, ...]]:
    lines, messages = [], []
    for at in range(turns):
        text = f"{chance.choice(_SAID).format(chance.randrange(10**6))} {chance.choice(_SAID).format(at)}"
        reply = chance.choice(_REPLIES).format(chance.randrange(10**6))
        now = _START + timedelta(minutes=at)
        lines += [Line(Author.CUSTOMER, text, now), Line(Author.BOT, reply, now)]
        messages.append(Turn(str(at), text, now, "inform", 0.9, replies=(reply,)))
    return Conversation("c", "rest", tuple(messages[-WINDOW:])), tuple(lines)
