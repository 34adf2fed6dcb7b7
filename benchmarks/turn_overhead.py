"""What our gate adds to a turn: the reference bot over REST, beside the same trained bot whose gate does nothing.

Both stacks run at once and are asked in turn, so that whatever else the machine does hits both. The time of a turn is
the whole request; the conversation's thresholds are raised so that it may grow to 200 turns.
"""

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.report import Row, median
from scripts import training
from scripts.stack import ROOT, Stack

SAYINGS = (
    "hello",
    "what is your return policy",
    "thank you",
    "how long does delivery take",
    "which payment methods do you take",
)
SHORT_CONVERSATIONS = 40
SHORT_TURNS = 5
LONG_TURNS = 200
LONG_SAMPLES = 60


def measure() -> list[Row]:
    with TemporaryDirectory() as folder, ExitStack() as running:
        ours, bare = (_stack(Path(folder) / name, package) for name, package in _PACKAGES.items())
        running.enter_context(ours)
        running.enter_context(bare)
        with httpx.Client(timeout=60) as http:
            for stack in (ours, bare):
                _talk(http, stack, "warm-up", 10)
            short, long = _short(http, (ours, bare)), _long(http, (ours, bare))
    return [*_rows("short conversations", short, 1.10), *_rows(f"at {LONG_TURNS} turns", long, 1.15)]


def bare_turn() -> float:
    """Seconds of a median turn over REST of the reference bot whose gate does nothing."""
    with TemporaryDirectory() as folder, ExitStack() as running:
        stack = running.enter_context(_stack(Path(folder) / "bare", _PACKAGES["bare"]))
        http = running.enter_context(httpx.Client(timeout=60))
        _talk(http, stack, "warm-up", 10)
        return median([_turn(http, stack, "turns", SAYINGS[turn % len(SAYINGS)]) for turn in range(LONG_SAMPLES)])


_PACKAGES = {"ours": "actions", "bare": "benchmarks.noop_actions"}


def _stack(folder: Path, package: str) -> Stack:
    folder.mkdir(parents=True)
    settings = folder / "handoff.yml"
    text = (ROOT / "handoff.yml").read_text()
    settings.write_text(text.replace("max_turns: 6", "max_turns: 100000"))
    return Stack(folder, model=training.trained(), settings=settings, action_package=package)


Times = tuple[list[float], list[float]]


def _short(http: httpx.Client, stacks: tuple[Stack, Stack]) -> Times:
    times: Times = ([], [])
    for number in range(SHORT_CONVERSATIONS):
        for turn in range(SHORT_TURNS):
            for stack, seconds in zip(stacks, times, strict=True):
                seconds.append(_turn(http, stack, f"short-{number}", SAYINGS[turn % len(SAYINGS)]))
    return times


def _long(http: httpx.Client, stacks: tuple[Stack, Stack]) -> Times:
    times: Times = ([], [])
    for stack in stacks:
        _talk(http, stack, "long", LONG_TURNS)
    for turn in range(LONG_SAMPLES):
        for stack, seconds in zip(stacks, times, strict=True):
            seconds.append(_turn(http, stack, "long", SAYINGS[turn % len(SAYINGS)]))
    return times


def _talk(http: httpx.Client, stack: Stack, sender: str, turns: int) -> None:
    for turn in range(turns):
        _turn(http, stack, sender, SAYINGS[turn % len(SAYINGS)])


def _turn(http: httpx.Client, stack: Stack, sender: str, text: str) -> float:
    started = time.perf_counter()
    body = {"sender": sender, "message": text}
    http.post(f"{stack.rasa_url}/webhooks/rest/webhook", json=body).raise_for_status()
    return time.perf_counter() - started


def _rows(where: str, times: Times, limit: float) -> list[Row]:
    ours, bare = (median(seconds) * 1000 for seconds in times)
    return [
        Row(f"median turn, no-op gate, {where}", bare, "ms"),
        Row(f"median turn, ours, {where}", ours, "ms"),
        Row(f"ratio, {where}", ours / bare, "x", "<=", limit),
    ]
