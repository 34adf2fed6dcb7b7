"""`rasa-handoff evaluate`: what is measured, how it is cut, and what breaks a floor."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from .conftest import Command

Write = Callable[[str, Sequence[object]], Path]


def sentence(text: str, request: int = 0, **more: object) -> dict[str, Any]:
    return {"text": text, "lang": "en", "request": request, "phenomenon": "plain", **more}


SENTENCES = [
    sentence("I want to talk to a human", 1),
    sentence("get me an agent please", 1, phenomenon="terse"),
    sentence("where is my parcel"),
    sentence("what time do you open"),
    sentence("one for you to guess, then", 1, borderline=True),
]
DIALOGUE = {
    "id": "d",
    "lang": "en",
    "phenomenon": "late_request",
    "turns": [
        {"role": "user", "text": "hello", "frustrated": 0},
        {"role": "bot", "text": "Hi!"},
        {"role": "user", "text": "I want to talk to a human", "frustrated": 0},
        {"role": "bot", "text": "Why?"},
        {"role": "user", "text": "YOU FUCKING USELESS IDIOTS, THIS IS A DISGRACE!!", "frustrated": 1},
    ],
    "expected": {"reason": "customer_requested", "turn": 3, "tolerance": 1},
}


def measured(command: Command, *arguments: object) -> Any:
    command("evaluate", *arguments, "--json", "out.json")
    return json.loads((command.folder / "out.json").read_text())


def test_sentences_are_counted_overall_and_by_slice_without_the_borderline_ones(command: Command, write: Write) -> None:
    request = measured(command, write("s.jsonl", SENTENCES))["tasks"]["request"]
    overall = request["all"]["all"]
    assert (overall["n"], overall["positive"], overall["tp"], overall["fp"]) == (4, 2, 2, 0)
    assert (overall["precision"], overall["recall"], overall["f1"], overall["false_alarms"]) == (1, 1, 1, 0)
    assert request["phenomenon"]["terse"]["n"] == 1
    assert request["language"]["en"]["n"] == 4


def test_borderline_rows_count_when_asked_for(command: Command, write: Write) -> None:
    overall = measured(command, write("s.jsonl", SENTENCES), "--borderline")["tasks"]["request"]["all"]["all"]
    assert (overall["n"], overall["positive"]) == (5, 3)


def test_a_dialogue_is_judged_at_each_turn_and_by_when_it_hands_over(command: Command, write: Write) -> None:
    tasks = measured(command, write("d.jsonl", [DIALOGUE]))["tasks"]
    assert tasks["frustrated"]["all"]["all"]["auc"] == 1.0
    timing = tasks["timing"]["all"]["all"]
    assert (timing["gt-i"], timing["gt-ii"], timing["gt-iii"]) == (0.6065, 0.8825, 0.946)  # one turn early
    assert (timing["on_time"], timing["missed"], timing["right_reason"]) == (1, 0, 1)
    assert tasks["handover"]["all"]["all"]["recall"] == 1


def test_key_details_are_counted_by_value_and_by_dialogue(command: Command, write: Write) -> None:
    turns = [{"role": "agent", "text": "Your name?"}, {"role": "user", "text": "order #A-1023, ann@example.com"}]
    row = {"turns": turns, "gold": {"order_id": ["#a-1023"], "email": ["bob@example.com"]}, "source": "mine/x"}
    details = measured(command, write("k.jsonl", [row]))["tasks"]["details"]
    assert details["detail"]["order_id"]["f1"] == 1
    assert (details["detail"]["email"]["tp"], details["detail"]["email"]["fp"]) == (0, 1)
    assert details["source"]["mine"]["positive"] == 2


@pytest.mark.parametrize(
    ("row", "task"),
    [
        ({"text": "hello", "label": 0, "source": "s"}, "request"),
        ({"text": "hello", "policy_required": 0, "sensitive": 0}, "policy"),
        ({"text": "hello", "policy": None}, "policy"),
        ({"text": "hello", "sensitive": "self_harm"}, "sensitive"),
        ({"text": "hello", "dissatisfied": 0}, "dissatisfied"),
        ({"turns": [{"role": "user", "text": "hello", "label": 1}]}, "frustrated"),
    ],
)
def test_each_documented_shape_is_read(command: Command, write: Write, row: object, task: str) -> None:
    assert task in measured(command, write("one.jsonl", [row]))["tasks"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('{"text": "a", "request": 1', "line 2: not JSON"),
        (b'{"text": "\xff", "request": 1}', "line 2: not UTF-8"),
        ({"text": "a"}, "line 2: this row has no label"),
        ({"text": "a", "request": 2}, "line 2: `request` should be 0 or 1, found 2"),
        ({"text": "a", "request": "yes"}, "line 2: `request` should be 0 or 1, found text"),
        ({"text": 1, "request": 1}, "line 2: `text` should be text"),
        ({"turns": 1}, "line 2: `turns` should be a list"),
        ({"turns": [{"role": "user", "text": "a", "frustrated": 3}]}, "line 2, user turn 1: `frustrated` should be 0"),
        ({"turns": [{"role": "user"}]}, "line 2, turn 1: `text` should be text, found nothing"),
        ({"turns": [], "expected": {"reason": "angry"}}, "line 2: expected: there is no reason 'angry'"),
        (
            {"turns": [], "expected": {"reason": "low_confidence", "turn": 1}},
            "line 2: expected: `turn` is 1, but the dialogue has 0 user turns",
        ),
        ({"turns": [], "gold": {"email": "a@b.c"}}, "line 2: `gold` should be an object of lists"),
    ],
)
def test_a_bad_row_is_named_and_ends_it_unless_bad_ones_are_skipped(
    command: Command, write: Write, row: object, problem: str
) -> None:
    file = write("bad.jsonl", [SENTENCES[0], row, SENTENCES[2]])
    assert problem in command("evaluate", file, status=1)[1]
    assert problem in command("evaluate", file, "--skip-bad")[1]


def test_a_missing_file_is_told(command: Command) -> None:
    assert "nowhere.jsonl: cannot be read: No such file" in command("evaluate", "nowhere.jsonl", status=1)[1]


def test_an_empty_file_measures_nothing_and_misses_its_floors(command: Command, write: Write) -> None:
    floors = write("floors.json", [{"request": {"all": {"all": {"f1": 0.5}}}}])
    _, said = command("evaluate", write("empty.jsonl", []), "--fail-under", floors, status=1)
    assert "request / all / all / f1: was not measured, the floor is 0.5" in said


def test_floors_written_from_a_run_hold_for_it_and_break_when_the_detector_is_worse(
    command: Command, write: Write
) -> None:
    many = [sentence(f"I want to talk to a human {n}", 1) for n in range(9)] + SENTENCES
    file = write("s.jsonl", many)
    command("evaluate", file, "--write-floors", "floors.json", "--margin", "0.02")
    floors = json.loads((command.folder / "floors.json").read_text())
    assert floors["request"]["phenomenon"]["plain"]["f1"] == 0.98
    assert "terse" not in floors["request"]["phenomenon"], "one positive is too few to go by"
    command("evaluate", file, "--fail-under", "floors.json")
    worse = write("w.jsonl", [*many, *[sentence("guess what", 1)] * 9])
    assert "request / all / all / f1" in command("evaluate", worse, "--fail-under", "floors.json", status=1)[1]


def test_ablation_tells_what_is_lost_without_each_signal(command: Command, write: Write) -> None:
    (command.folder / "handoff.yml").write_text("detector: {request_phrases: [open sesame]}\n")
    file = write("s.jsonl", [sentence("open sesame", 1), sentence("hello")])
    ablation = measured(command, file, "--ablate")["ablation"]
    assert ablation["request_phrases"] == {"request": -1.0}
    assert ablation["signal explicit_phrase"] == {"request": -1.0}
    assert "sentiment" not in ablation, "what changes nothing is not told"


def test_ablation_switches_off_each_part_of_frustration_each_reason_and_each_signal_of_a_request(
    command: Command, write: Write
) -> None:
    asks = [sentence("I want to talk to a human", 1), sentence("what time do you open")]
    calm = {"turns": [{"role": "user", "text": "what time do you open", "frustrated": 0}]}
    again = {"turns": [{"role": "user", "text": "what time do you open", "frustrated": at} for at in (0, 1)]}
    shouting = [{"role": "user", "text": "THIS IS USELESS, FED UP!!", "frustrated": 1}]
    handed = {"turns": shouting, "expected": {"reason": "high_frustration", "turn": 1}}
    ablation = measured(command, write("s.jsonl", [*asks, calm, again, handed]), "--ablate")["ablation"]
    assert ablation["signal explicit_request"] == {"request": -1.0, "frustrated": 0.0, "handover": 0.0, "timing": 0.0}
    assert ablation["frustration repeating"]["frustrated"] < 0
    assert ablation["reason high_frustration"]["handover"] == -1.0
    assert ablation["reason high_frustration"]["timing"] < 0
    assert "signal request_probability" not in ablation, "it goes with the request it belongs to"


def test_dialogues_that_would_get_a_person_nobody_needed_are_counted_and_named(command: Command, write: Write) -> None:
    needless = {**DIALOGUE, "expected": {"reason": None}}
    (command.folder / "handoff.yml").write_text("offers: {on: {high_frustration: offer}}\n")
    asked = {**needless, "turns": DIALOGUE["turns"][4:], "phenomenon": "joking"}
    told = measured(command, write("d.jsonl", [needless, asked, DIALOGUE]))
    timing = told["tasks"]["timing"]["all"]["all"]
    assert (timing["needless"], timing["asked_first"], timing["on_time"]) == (2, 1, 1)
    assert told["tasks"]["timing"]["phenomenon"]["joking"]["needless"] == 1
    first, second = told["needless"]
    assert first["where"].endswith("d.jsonl, line 1")
    assert (first["turn"], first["reason"], first["decision"]) == (2, "customer_requested", "hand_off")
    assert (second["phenomenon"], second["reason"], second["decision"]) == ("joking", "high_frustration", "offer")
    out, _ = command("evaluate", command.folder / "d.jsonl")
    assert "Handed over, or asked, though nobody was needed" in out


def test_a_dialogue_in_which_the_customer_says_nothing_is_measured_too(command: Command, write: Write) -> None:
    silent = {"turns": [{"role": "bot", "text": "Hello?"}], "expected": {"reason": None}}
    told = measured(command, write("d.jsonl", [silent]), "--ablate")
    assert told["tasks"]["timing"]["all"]["all"]["rightly_stayed"] == 1
