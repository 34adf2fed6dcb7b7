"""The suggested reply: how much later than the model's own first token an agent gets the first one, over the real desk.
The baseline asks the same model server without us, in turns with the desk. And how well articles are found.

The desk's part is everything between the request and the first word: the handoff and its log read, articles searched,
what must not leave the house redacted, the model asked, its first words passed on.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from benchmarks.report import Row, median, p95
from rasa_handoff.core.handoff import Accepted, Handoff
from rasa_handoff.knowledge import FolderKnowledge
from rasa_handoff.writers.model import LanguageModel
from scripts.model_server import Model, serving
from tests.desk.desk_world import KB, PASSWORD, World

SAMPLES, WARM_UP = 60, 5
MODEL_SECONDS = 0.05  # until the model's first token
TURNS = 20  # of the customer, before the agent asks
QUESTIONS = Path(__file__).parents[1] / "tests/knowledge/questions.jsonl"


def measure() -> list[Row]:
    world = World()
    with serving() as server, _desk(world, server) as address:
        server.delay = MODEL_SECONDS
        handoff = _handoff(world)
        with httpx.Client(timeout=30) as http:
            bare, desk = _times(http, server, f"{address}/api/handoffs/{handoff.id}/suggestion")
    extra = [ours - theirs for ours, theirs in zip(desk, bare, strict=True)]
    rows = [
        Row("the model's own first token, median", median(bare), "ms"),
        Row("first token at the desk, median", median(desk), "ms"),
        Row("first token over the model's own, median", median(extra), "ms", "<=", 30),
        Row("first token over the model's own, p95", p95(extra), "ms"),
    ]
    return [*rows, *_retrieval()]


def _times(http: httpx.Client, server: Model, desk: str) -> tuple[list[float], list[float]]:
    """Milliseconds to the first token, of the model asked by itself and of the desk, sample by sample."""
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(WARM_UP + SAMPLES):
        bare.append(_bare(http, server))
        ours.append(_first(http, desk, "event: text", auth=("mia", PASSWORD)))
    return bare[WARM_UP:], ours[WARM_UP:]


def _bare(http: httpx.Client, server: Model) -> float:
    """The model is asked just what the desk asked it, if that was before."""
    asked = server.asked[-1] if server.asked else {"model": "bench", "messages": [], "stream": True}
    return _first(http, f"{server.url}/chat/completions", "data: ", json=asked)


def _first(http: httpx.Client, url: str, wanted: str, **more: Any) -> float:
    """Milliseconds until a line that begins as is wanted. The rest is read, so that nothing is left for the next."""
    started = time.perf_counter()
    taken: float | None = None
    with http.stream("POST", url, **more) as answer:
        for line in answer.raise_for_status().iter_lines():
            if taken is None and line.startswith(wanted):
                taken = (time.perf_counter() - started) * 1e3
    assert taken is not None, f"{url} streamed no word"
    return taken


def _handoff(world: World) -> Handoff:
    """A conversation of some length, held by an agent."""
    world.agent("mia")
    handoff = world.handoff(offered_to="mia")
    handoff = world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    for turn in range(TURNS):
        world.customer_says(handoff, f"And where is my refund for order {4711 + turn}? My bank shows nothing.")
    return handoff


@contextmanager
def _desk(world: World, server: Model) -> Iterator[str]:
    """The desk as it is served, on a port of its own."""
    world.model = LanguageModel("bench", server.url, "secret")
    told = uvicorn.Server(uvicorn.Config(world.app(), port=0, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=told.run)
    thread.start()
    while not told.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{told.servers[0].sockets[0].getsockname()[1]}"
    finally:
        told.should_exit = True
        thread.join(timeout=10)


def _retrieval() -> list[Row]:
    """How often the right article is among the first three, and what a search takes."""
    asked = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    shop, found, taken = FolderKnowledge(KB), 0, []
    for one in asked:
        started = time.perf_counter()
        hits = shop.search(one["question"], "en", 3)
        taken.append((time.perf_counter() - started) * 1e3)
        found += one["article"] in {hit.article.id for hit in hits}
    return [
        Row(f"hit@3, {len(asked)} questions", found / len(asked), "", ">=", 0.85),
        Row("search, median", median(taken), "ms"),
    ]
