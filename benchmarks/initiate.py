"""From the customer's message to the card on the desk: the clock stops when the desk's event stream carries it.

A signed-in agent's stream is open, as the desk's page has it. Each handoff is a new conversation straight at Rasa; the
baseline is an ordinary turn of the same bot, measured between them.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Condition, Thread

import httpx

from benchmarks.report import Row, median, p95
from scripts import training
from scripts.stack import Stack

HANDOFFS = 60
ALLOWED_MS = 250.0
PASSWORD = "benchmark"


def measure() -> list[Row]:
    with TemporaryDirectory() as folder, Stack(Path(folder), model=training.trained()) as stack:
        stack.run("agents", "add", "ana", "--password-stdin", typed=PASSWORD)
        with httpx.Client(base_url=stack.rasa_url, timeout=60) as rasa, desk_stream(stack) as cards:
            turns, visible = _measure(rasa, cards)
    turn = median(turns)
    return [
        Row("median ordinary bot turn", turn, "ms"),
        Row("message to card, median", median(visible), "ms"),
        Row("message to card, p95", p95(visible), "ms", "<=", round(turn + ALLOWED_MS, 1)),
    ]


def _measure(rasa: httpx.Client, cards: "Cards") -> tuple[list[float], list[float]]:
    turns, visible = [], []
    for number in range(HANDOFFS + 3):
        turn = _turn(rasa, f"ordinary-{number}", "hello")
        started = time.perf_counter()
        known = cards.count
        _turn(rasa, f"handoff-{number}", "I want to talk to a human")
        seen = cards.wait_for_more_than(known)
        if number >= 3:  # the first ones warm everything up
            turns.append(turn)
            visible.append((seen - started) * 1000)
    return turns, visible


def _turn(rasa: httpx.Client, sender: str, text: str) -> float:
    started = time.perf_counter()
    rasa.post("/webhooks/rest/webhook", json={"sender": sender, "message": text}).raise_for_status()
    return (time.perf_counter() - started) * 1000


class Cards:
    """Which handoffs the desk's stream has shown, and when the newest came."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._changed = Condition()
        self._at = 0.0

    @property
    def count(self) -> int:
        return len(self._ids)

    def saw(self, ids: set[str]) -> None:
        with self._changed:
            if ids - self._ids:
                self._ids |= ids
                self._at = time.perf_counter()
                self._changed.notify_all()

    def wait_for_more_than(self, known: int) -> float:
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._ids) > known, timeout=10):
                raise TimeoutError("the desk's stream did not show the handoff within 10 s")
            return self._at


@contextmanager
def desk_stream(stack: Stack) -> Iterator[Cards]:
    """Sign in as a browser does, and listen to the page's stream."""
    cards = Cards()
    with httpx.Client(base_url=stack.desk_url, timeout=None, follow_redirects=True) as browser:
        page = browser.get("/desk/sign-in").text
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token is not None
        form = {"csrf": token[1], "agent_id": "ana", "password": PASSWORD}
        browser.post("/desk/sign-in", data=form).raise_for_status()
        with browser.stream("GET", "/desk/stream") as stream:
            Thread(target=_listen, args=(stream, cards), daemon=True).start()
            yield cards


def _listen(stream: httpx.Response, cards: Cards) -> None:
    with suppress(httpx.TransportError):  # how the stream ends with its desk
        for line in stream.iter_lines():
            if found := re.findall(r'id="(?:offer|queued)-([0-9a-f]+)"', line):
                cards.saw(set(found))
