"""`rasa-handoff explain`: the gate's view at each turn of a conversation, from a file and from a Rasa server."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from rasa_handoff.core.decision import Reason
from rasa_handoff.core.offering import Asked
from rasa_handoff.rasa.slots import pending_details

from .conftest import Command, action, bot, slot, tracker, user

Write = Callable[[str, Sequence[object]], Path]
PAYLOADS = Path(__file__).resolve().parents[1] / "payloads"
ASKED = tracker("c1", user("hello"), bot("Hi!"), user("I want to talk to a human"))


def turns(command: Command, *arguments: object, given: str = "") -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(command("explain", *arguments, "--json", given=given)[0])["turns"]
    return told


def test_each_message_has_its_signals_and_its_decision(command: Command, write: Write) -> None:
    first, second = turns(command, "--file", write("t.json", [ASKED]))
    assert (first["text"], first["decision"], first["reasons"]) == ("hello", "stay", [])
    assert (second["decision"], second["reason"], second["turns"]) == ("hand_off", "customer_requested", 2)
    assert second["evidence"][0]["turn"] == 2


def test_the_table_shows_messages_thresholds_and_decisions(command: Command, write: Write) -> None:
    out, _ = command("explain", "--file", write("t.json", [ASKED]))
    for part in ("Conversation c1", "≥ 0.75", "> 6", "hello", "stay", "hand_off: customer_requested"):
        assert part in out


def test_standard_input_is_a_file_too(command: Command) -> None:
    assert len(turns(command, "--file", "-", given=json.dumps(ASKED, indent=2))) == 2


def test_the_conversation_is_found_among_many(command: Command, write: Write) -> None:
    file = write("many.json", [json.dumps([tracker("c0", user("a")), ASKED])])
    assert len(turns(command, "c1", "--file", file)) == 2
    assert "there is no conversation 'c9' in it" in command("explain", "c9", "--file", file, status=1)[1]


def test_what_comes_after_a_turn_is_not_known_at_it(command: Command, write: Write) -> None:
    """The form was left, and the slot filled, only later."""
    told = turns(command, "--file", PAYLOADS / "in_a_form.json")
    assert [one["decision"] for one in told] == ["stay"] * 3
    assert [one["misses"] for one in told] == [0, 0, 0], "answers to a form's questions are no misses"


def test_the_bots_own_fallback_is_seen_as_the_gate_saw_it(command: Command, write: Write) -> None:
    fallback = action("action_default_fallback")
    events = [user("paint it blue"), fallback, user("the tall one"), fallback]
    told = turns(command, "--file", write("t.json", [tracker("c", *events)]))
    assert [one["misses"] for one in told] == [1, 2]
    assert told[1]["reason"] == "low_confidence"


def test_progress_failures_and_what_stays_open_are_told_with_their_turn(command: Command, write: Write) -> None:
    refused = {"event": "action_execution_rejected", "name": "action_refund", "timestamp": 0.0}
    listen, found = action("action_listen"), slot("order_id", "A-1")
    events = [user("my money back"), refused, listen, user("order A-1"), found, listen, user("now"), refused, listen]
    told = turns(command, "--file", write("t.json", [tracker("c", *events, user("well"))]))
    assert [one["turns"] for one in told] == [1, 2, 2, 3], "the second turn filled a slot"
    assert told[-1]["reason"] == "complex_issue"
    assert [(one["words"], one["turn"]) for one in told[-1]["evidence"]] == [
        ("Actions that failed: 2", 4),
        ("An action failed: action_refund", 1),
        ("An action failed: action_refund", 3),
    ]


def test_messages_to_a_human_are_not_judged(command: Command, write: Write) -> None:
    events = [
        user("I want a human"),
        slot("handoff_status", "requested"),
        slot("handoff_status", "waiting"),
        user("I said I want a human"),
        {"event": "session_started", "timestamp": 0.0},
        user("still here, a human please"),
        slot("handoff_status", "waiting"),
        user("EXTERNAL: EXTERNAL_handoff_returned", "EXTERNAL_handoff_returned", metadata={"is_external": True}),
        slot("handoff_status", None),
        user("I want to talk to a human"),
    ]
    told = turns(command, "--file", write("t.json", [tracker("c", *events)]))
    assert [one["with_human"] for one in told] == [False, True, True, False]
    assert told[3]["reason"] == "customer_requested"


@pytest.mark.parametrize(
    "events",
    [
        [],
        [None, 1, "x", [], {}],
        [{"event": "new in Rasa 9", "timestamp": "yesterday"}],
        [user("a", at=50.0), user("b", at=10.0), user("c", at=-5.0)],
        [user("x" * 100_000)],
        [
            {"event": "user", "text": None, "parse_data": None},
            {"event": "user", "text": 5, "parse_data": {"intent": 7}},
        ],
        [{"event": "slot", "name": None}, {"event": "active_loop", "name": 3}, user("a \x1b[2J\ud800")],
    ],
)
def test_odd_events_are_passed_over(command: Command, write: Write, events: list[object]) -> None:
    file = write("t.json", [tracker("c", *events)])
    out, said = command("explain", "--file", file)
    assert "Conversation c" in out
    assert "\x1b" not in out + said, "a customer does not command the terminal"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{}", "this is no tracker with its events: `events` is null"),
        ('{"sender_id": "c", "events": null}', "this is no tracker with its events: `events` is null"),
        ('{"events": []}', "this tracker has no `sender_id`"),
        ('{"sender_id": "c", "events": [', "not JSON"),
        ("[{", "the list breaks off in member 1"),
        ("[1]", "member 1: expected a tracker, an object, found a number"),
        ("", "there is no tracker in it"),
        ("[]", "there is no tracker in it"),
    ],
)
def test_what_is_no_tracker_is_told(command: Command, text: str, problem: str) -> None:
    assert problem in command("explain", "--file", "-", given=text, status=1)[1]


def test_without_a_conversation_and_a_file_it_says_what_to_give(command: Command) -> None:
    assert "Name a conversation" in command("explain", status=1)[1]


class FakeRasa(BaseHTTPRequestHandler):
    """Answers as Rasa does: any conversation has a tracker, one it does not know an empty one."""

    def do_GET(self) -> None:
        known = "/conversations/c1/tracker" in self.path and "token=s3cret" in self.path
        body = json.dumps(ASKED if known else tracker("c2", action("action_listen"))).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def rasa(monkeypatch: pytest.MonkeyPatch, command: Command) -> Iterator[None]:
    server = HTTPServer(("127.0.0.1", 0), FakeRasa)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HANDOFF_RASA_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HANDOFF_RASA_TOKEN", "s3cret")
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("rasa")
def test_the_rasa_server_is_asked_for_the_conversation(command: Command) -> None:
    assert [one["decision"] for one in turns(command, "c1")] == ["stay", "hand_off"]


@pytest.mark.usefixtures("rasa")
def test_a_conversation_in_which_nothing_was_said_is_told(command: Command) -> None:
    assert "knows no message of a conversation 'c2'" in command("explain", "c2", status=1)[1]


def test_a_server_that_is_away_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOFF_RASA_URL", "http://127.0.0.1:9")
    assert "did not answer" in command("explain", "c1", status=1)[1]


def test_an_offer_that_was_really_made_counts_on_the_turn_after_it(command: Command, write: Write) -> None:
    """Asked near the threshold; the same reason, once reached, is not asked about again but hands over."""
    (command.folder / "handoff.yml").write_text("detector: {max_turns: 2}\noffers: {turns_margin: 1}\n")
    asked = pending_details(None, None, [Asked(Reason.MAX_TURNS_EXCEEDED, (), "m0.0b", datetime.now(UTC))])
    without = [user("a"), user("b"), user("c")]
    told = turns(command, "--file", write("t.json", [tracker("c", *without)]))
    assert [one["decision"] for one in told] == ["stay", "offer", "hand_off"]
    refused = {**asked, "offers": [{**asked["offers"][0], "declined": True}]}
    for slot_value, decision in ((asked, "hand_off"), (refused, "stay"), ({"offers": [{}]}, "hand_off")):
        events = [user("a"), user("b"), slot("handoff", slot_value), user("c")]
        told = turns(command, "--file", write("t.json", [tracker("c", *events)]))
        assert told[2]["decision"] == decision
