"""`rasa-handoff replay`: past conversations from files and from a tracker store, what-if settings, the report."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from .conftest import Command, bot, slot, tracker, user

Write = Callable[[str, Sequence[object]], Path]
ROOT = Path(__file__).resolve().parents[2]
TRACKERS = [
    tracker("asks", user("hello"), bot("Hi"), user("I want to talk to a human"), user("hello?")),
    tracker("calm", user("where is my order"), bot("Underway")),
    tracker("long", *[user(f"thing {n}") for n in range(8)]),
    tracker("evil", user("</script><script>alert(1)</script> & a human please"), user("x" * 100_000)),
]


def replayed(command: Command, file: Path, *more: object) -> Any:
    command("replay", "--file", file, "--json", "out.json", *more)
    return json.loads((command.folder / "out.json").read_text())


def test_it_tells_when_and_why_it_would_have_handed_off(command: Command, write: Write) -> None:
    told = replayed(command, write("t.jsonl", TRACKERS), "--no-sweep")
    assert (told["conversations"], told["episodes"], told["handoffs"], told["rate"]) == (4, 4, 3, 0.75)
    assert (told["reasons"]["customer_requested"], told["reasons"]["max_turns_exceeded"]) == (2, 1)
    assert told["turns"] == {"1": 1, "2": 1, "7": 1}


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_and_lines_are_the_same(command: Command, write: Write, indent: int | None) -> None:
    lines = replayed(command, write("t.jsonl", TRACKERS), "--no-sweep")
    assert replayed(command, write("t.json", [json.dumps(TRACKERS, indent=indent)]), "--no-sweep") == lines


def test_what_if_settings_are_held_against_those_that_are_set(command: Command, write: Write) -> None:
    changes = ["--set", "detector.max_turns=10", "--set", "detector.max_turns=1,detector.misses_in_a_row=3"]
    told = replayed(command, write("t.jsonl", TRACKERS), "--no-sweep", *changes)["what_if"]
    assert list(told) == ["max_turns=10", "max_turns=1,misses_in_a_row=3"]
    assert (told["max_turns=10"]["handoffs"], told["max_turns=10"]["gone"]) == (2, 1)
    assert told["max_turns=1,misses_in_a_row=3"]["earlier"] == 1


def test_every_numeric_setting_is_swept_with_the_value_that_is_set_among_them(command: Command, write: Write) -> None:
    told = replayed(command, write("t.jsonl", TRACKERS))
    assert told["what_if"]["max_turns=6"]["handoffs"] == told["handoffs"]
    assert told["what_if"]["max_turns=8"]["gone"] == 1
    assert {label.partition("=")[0] for label in told["what_if"]} >= {"max_turns", "frustration_threshold"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("max_turns=8", "expected detector.NAME=VALUE"),
        ("detector.max_turns", "expected detector.NAME=VALUE"),
        ("detector.max_turn=8", "there is no such setting; known: "),
        ("detector.max_turns=many", "detector.max_turns=many: Input should be a valid integer"),
        ("detector.max_turns=[", "the value is not YAML"),
    ],
)
def test_a_what_if_that_cannot_be_is_told(command: Command, write: Write, change: str, problem: str) -> None:
    said = command("replay", "--file", write("t.jsonl", TRACKERS), "--set", change, status=1)[1]
    assert problem in said


def test_each_episode_is_judged_anew(command: Command, write: Write) -> None:
    session = {"event": "session_started", "timestamp": 0.0}
    one = tracker("c", session, user("a human please"), user("now"), session, user("hi"), session, user("agent please"))
    told = replayed(command, write("t.jsonl", [one]), "--no-sweep")
    assert (told["conversations"], told["episodes"], told["handoffs"]) == (1, 3, 2)


def test_it_is_compared_with_the_handoffs_that_really_began(command: Command, write: Write) -> None:
    began = [slot("handoff_status", "requested"), slot("handoff_status", "waiting")]
    both = tracker("both", user("a human please"), *began, user("thank you"))
    then = tracker("then", user("nothing special"), *began)
    told = replayed(command, write("t.jsonl", [both, then, *TRACKERS]), "--no-sweep")
    assert told["live"] == {"both": 1, "only_live": 1, "only_replay": 3}
    assert told["messages_to_humans"] == 1


class Page(HTMLParser):
    """What a report consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "action", "style")]


def test_the_report_is_one_file_that_asks_for_nothing_and_escapes_everything(command: Command, write: Write) -> None:
    change = 'detector.request_phrases=["<b>bold</b>"]'
    command("replay", "--file", write("<i>.jsonl", TRACKERS), "--set", change, "--out", "report.html")
    text = (command.folder / "report.html").read_text("utf-8")
    page = Page(text)
    assert {"script", "link", "img", "iframe", "b>bold", "i"}.isdisjoint(page.tags)
    assert page.addresses == []
    assert "http" not in re.sub("http-equiv", "", text)
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in text
    assert "&lt;b&gt;bold" in text
    assert page.tags.count("svg") >= 5
    for part in ("Asked for a person", "Going in circles", "max_turns", "Read these first", "asks"):
        assert part in text


def test_a_report_of_nothing_is_a_report(command: Command, write: Write) -> None:
    out, _ = command("replay", "--file", write("none.jsonl", []), "--out", "report.html")
    assert "0 handoffs in 0 episodes" in " ".join(out.split())
    assert "Nothing would have been handed off." in (command.folder / "report.html").read_text("utf-8")


def test_a_bad_line_is_named_and_ends_it_unless_bad_ones_are_skipped(command: Command, write: Write) -> None:
    bad = [TRACKERS[0], '{"sender_id": "c"', b'{"sender_id": "\xff"}', {"sender_id": "c"}, "7", TRACKERS[1]]
    file = write("bad.jsonl", bad)
    assert f"{file}, line 2: not JSON" in command("replay", "--file", file, status=1)[1]
    said = command("replay", "--file", file, "--no-sweep", "--skip-bad", "--json", "out.json")[1]
    for problem in (
        "line 2: not JSON",
        "line 3: not UTF-8",
        "line 4: this is no tracker",
        "line 5: expected an object",
    ):
        assert problem in said
    told = json.loads((command.folder / "out.json").read_text())
    assert (told["conversations"], told["skipped"]) == (2, 4)


def test_an_interrupted_run_goes_on_and_comes_to_the_same(command: Command, write: Write) -> None:
    whole = replayed(command, write("all.jsonl", TRACKERS))
    replayed(command, write("half.jsonl", TRACKERS[:2]), "--resume", "state")
    state = command.folder / "state"
    state.write_bytes(state.read_bytes() + b'{"id": "lo')  # cut off while it wrote
    assert replayed(command, command.folder / "all.jsonl", "--resume", "state") == whole
    assert [json.loads(line).get("id") for line in state.read_text().splitlines()[1:]] == [
        "asks",
        "calm",
        "long",
        "evil",
    ]


def test_what_was_done_is_not_done_again(command: Command, write: Write) -> None:
    replayed(command, write("half.jsonl", TRACKERS[:2]), "--resume", "state")
    changed = [tracker("asks", user("nothing")), TRACKERS[2]]
    told = replayed(command, write("other.jsonl", changed), "--resume", "state")
    assert (told["conversations"], told["reasons"]["customer_requested"]) == (3, 1)


def test_a_state_of_other_settings_or_another_file_is_refused_and_left_as_it_is(command: Command, write: Write) -> None:
    file = write("t.jsonl", TRACKERS)
    replayed(command, file, "--resume", "state")
    said = command("replay", "--file", file, "--resume", "state", "--no-sweep", status=1)[1]
    assert "not the state of this replay" in said
    mine = write("mine.txt", ["my only copy"])
    mine.write_text("my only copy")
    command("replay", "--file", file, "--resume", mine, status=1)
    assert mine.read_text() == "my only copy"


def test_the_source_must_be_named_and_be_there(command: Command) -> None:
    assert "either --file or --endpoints" in command("replay", status=1)[1]
    assert "nowhere.jsonl: cannot be read" in command("replay", "--file", "nowhere.jsonl", status=1)[1]
    assert "nowhere.yml: there is no such file" in command("replay", "--endpoints", "nowhere.yml", status=1)[1]


def test_a_python_without_rasa_is_told(command: Command, write: Write) -> None:
    endpoints = write("endpoints.yml", ["tracker_store: {type: SQL, dialect: sqlite, db: rasa.db}"])
    said = command("replay", "--endpoints", endpoints, "--rasa-python", sys.executable, status=1)[1]
    assert "No module named 'rasa'" in said
    said = command("replay", "--endpoints", endpoints, "--rasa-python", "no/python", status=1)[1]
    assert "does not start" in said


RASA_PYTHON = ROOT / ".venv-bot/bin/python"
FILL = """
import asyncio, json, sys
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

async def fill():
    store = SQLTrackerStore(domain=Domain.empty(), dialect="sqlite", db="rasa.db")
    for one in map(json.loads, sys.stdin):
        await store.save(DialogueStateTracker.from_events(one["sender_id"], deserialise_events(one["events"])))

asyncio.run(fill())
"""


def test_a_tracker_store_of_rasas_own_is_read_in_the_bots_environment(command: Command, write: Write) -> None:
    if not RASA_PYTHON.exists() and not os.environ.get("CI"):
        pytest.skip("the bot's environment is not here")
    file, fill = write("t.jsonl", TRACKERS), write("fill.py", [FILL])
    with file.open("rb") as lines:
        subprocess.run([RASA_PYTHON, "-W", "ignore", fill], stdin=lines, check=True, cwd=command.folder, timeout=60)
    endpoints = write("endpoints.yml", ["tracker_store: {type: SQL, dialect: sqlite, db: rasa.db}"])
    store = ["--endpoints", endpoints, "--rasa-python", RASA_PYTHON, "--no-sweep", "--json", "store.json"]
    expected = replayed(command, file, "--no-sweep")
    command("replay", *store, "--resume", "state")
    assert json.loads((command.folder / "store.json").read_text()) == expected
    command("replay", *store, "--resume", "state")  # nothing is left to do
    assert json.loads((command.folder / "store.json").read_text()) == expected
