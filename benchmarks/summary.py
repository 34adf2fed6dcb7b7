"""From the start of a handoff to a package that an agent can use: the draft, with a model at work or without one.

The model's summary comes later and outside the customer's turn: the clock stops when the handoff stands in the store
with its package and the draft. The baseline is the same without a model.
"""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from benchmarks.report import Row, median, p95
from rasa_handoff.core.conversation import Author, Conversation, Line, Turn
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.package import SummaryState
from rasa_handoff.core.policy import Policy
from rasa_handoff.sentiment import vader
from rasa_handoff.service import Service
from rasa_handoff.stores.memory import MemoryStore
from rasa_handoff.writers.model import LanguageModel, Limits
from rasa_handoff.writers.openai_writer import OpenAIWriter
from scripts.model_server import Model, serving

TURNS = 30
SAMPLES = 100
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WISH = HandOff(
    Reason.CUSTOMER_REQUESTED, (Evidence("phrase", "human please", None, 1, "Customer said: human please"),)
)


def measure() -> list[Row]:
    without = _times(with_model=False)
    withal = _times(with_model=True)
    rows = [
        Row("first usable package, no model, median", median(without), "ms"),
        Row("first usable package, model pending, median", median(withal), "ms", "<=", 50),
        Row("first usable package, model pending, p95", p95(withal), "ms", "<=", 50),
    ]
    with serving() as server:
        rows.append(Row("the model's part: ask, check, mend; median", asyncio.run(_written(server)), "ms"))
    return rows


def _times(*, with_model: bool) -> list[float]:
    """Milliseconds for each handoff."""
    service = Service(MemoryStore(), Policy(), vader(), with_model=with_model)
    taken = []
    for number in range(SAMPLES):
        conversation, history = _conversation(number)
        started = time.perf_counter()
        handoff = service.initiate(conversation, history, _WISH)
        stored = service.store.get(handoff.id)
        taken.append((time.perf_counter() - started) * 1000)
        _check(stored, with_model)
    return taken


def _check(handoff: Handoff, with_model: bool) -> None:
    assert len(handoff.summary.sentences) == 3
    assert handoff.summary.state is (SummaryState.PENDING if with_model else SummaryState.DRAFT)


async def _written(server: Model) -> float:
    """The median time in which a model that answers at once is asked, and its answer checked, in milliseconds."""
    server.content = '{"wants": {"text": "The customer asks where parcel 7 is.", "lines": [15]}}'
    service = Service(MemoryStore(), Policy(), vader(), with_model=True)
    conversation, history = _conversation(0)
    handoff = service.initiate(conversation, history, _WISH)
    package, taken = service.store.package(handoff.id), []
    model = LanguageModel("bench", server.url, limits=Limits(timeout=10))
    for _ in range(20):
        started = time.perf_counter()
        with suppress(Unreachable), capture_logs():
            await OpenAIWriter(model).summarise(package, handoff.summary)
        taken.append((time.perf_counter() - started) * 1000)
    await model.close()
    return median(taken)


def _conversation(number: int) -> tuple[Conversation, tuple[Line, ...]]:
    at = [_START + timedelta(seconds=turn) for turn in range(TURNS)]
    said = [f"where is parcel {turn} of order {number}{turn}, I have waited for it" for turn in range(TURNS)]
    replies = [f"Please check the tracking page for parcel {turn} first." for turn in range(TURNS)]
    turns = tuple(Turn(f"m{n}", text, at[n], "track", 0.9, replies=(replies[n],)) for n, text in enumerate(said))
    lines = [
        line
        for n in range(TURNS)
        for line in (Line(Author.CUSTOMER, said[n], at[n]), Line(Author.BOT, replies[n], at[n]))
    ]
    return Conversation(f"bench-{number}", "rest", turns), tuple(lines)
