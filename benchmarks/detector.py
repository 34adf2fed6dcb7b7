"""One decision, signals and all, at conversations of 5, 50 and 500 turns, and what the models hold in memory.

Every sample is a message not seen before in a conversation that grew turn by turn, as in a running action server: what
is remembered of earlier messages counts, what would be remembered of the newest does not.
"""

import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from statistics import quantiles

from benchmarks.report import Row, median
from benchmarks.turn_overhead import bare_turn
from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.detector import decide
from rasa_handoff.core.signals import read
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.sentiment import vader

LENGTHS = (5, 50, 500)
SAMPLES = 2000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_PARTS = (
    "where is my parcel", "I would like to change the address of my order", "thanks a lot", "why was I charged twice",
    "ich möchte meine Bestellung ändern", "¿cuándo llega mi pedido?", "that is not what I asked", "yes please",
    "the delivery man left it at the wrong house", "quero falar sobre a fatura de maio", "do you ship to Iceland",
    "can I talk to somebody about this", "我的包裹在哪里", "the app does not open on my phone since the update",
)  # fmt: skip
_MEMORY = """
import tracemalloc
from rasa_handoff.core import classifier
tracemalloc.start()
for at in range(4000):
    classifier.scores(f"where is my parcel number {at} and why is it word{at} late")
print(tracemalloc.get_traced_memory()[0] / 1e6)
"""


def measure() -> list[Row]:
    times = {length: _times(length) for length in LENGTHS}
    rows = []
    for length, taken in times.items():
        rows.append(Row(f"median, {length} turns", median(taken), "us", "<=", 300))
        rows.append(Row(f"p99, {length} turns", quantiles(taken, n=100)[98], "us", "<=", 1000))
    decision, turn = median(times[LENGTHS[0]]), bare_turn() * 1e6
    rows.append(Row("one turn of Rasa without it", turn / 1000, "ms"))
    rows.append(Row("one decision to one turn of Rasa", decision / turn, "x"))
    ratio = median(times[LENGTHS[-1]]) / decision
    rows.append(Row(f"median at {LENGTHS[-1]} turns to {LENGTHS[0]}", ratio, "x", "<=", 1.5))
    rows.append(Row("memory of the models, with what they remember", _memory(), "MB", "<=", 30))
    return rows


def _times(length: int) -> list[float]:
    """Microseconds for each decision, by the clock on the wall; the newest of `length` turns is new every time."""
    chance, detection, sentiment = random.Random(length), Detection(max_turns=100_000), vader()
    turns = [_turn(chance) for _ in range(length)]
    taken = []
    for _ in range(SAMPLES):
        turns = [*turns[1:], _turn(chance)]
        conversation = Conversation("c", "rest", tuple(turns))
        started = time.perf_counter()
        decide(read(conversation, detection, sentiment), detection)
        taken.append((time.perf_counter() - started) * 1e6)
    return taken[SAMPLES // 10 :]


def _turn(chance: random.Random) -> Turn:
    text = f"{chance.choice(_PARTS)} {chance.choice(_PARTS)} {chance.randrange(10**9)}"
    return Turn("m", text, _START, "inform", 0.9, replies=(f"We will see to it, number {chance.randrange(10**6)}.",))


def _memory() -> float:
    """Megabytes, in a process of its own: weights, lexicon, and full caches."""
    run = subprocess.run([sys.executable, "-c", _MEMORY], capture_output=True, text=True, check=True)
    return float(run.stdout)
