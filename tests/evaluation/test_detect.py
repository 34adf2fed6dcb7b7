"""`rasa-handoff detect`, as any pipeline calls it: JSON lines in, JSON lines out."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from .conftest import COMMAND, Command


def call(text: str, **more: object) -> str:
    return json.dumps({"id": "a", "text": text, **more}) + "\n"


def answers(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_request_is_answered_with_its_reason_and_evidence(command: Command) -> None:
    out, _ = command("detect", given=call("I want to talk to a human"))
    [answer] = answers(out)
    assert answer["id"] == "a"
    assert (answer["decision"], answer["reason"]) == ("hand_off", "customer_requested")
    assert answer["reasons"] == ["customer_requested"]
    assert answer["evidence"][0]["words"] == "Customer said: I want to talk to a human"
    assert 0 <= answer["frustration"] <= 1


def test_every_reason_that_holds_is_named_not_only_the_first(command: Command) -> None:
    out, _ = command("detect", given=call("Get me a human. My account was hacked and you will hear from my lawyer"))
    [answer] = answers(out)
    assert set(answer["reasons"]) >= {"customer_requested", "policy_required"}
    assert {one["reason"] for one in answer["evidence"]} == set(answer["reasons"])


def test_an_ordinary_message_stays(command: Command) -> None:
    [answer] = answers(command("detect", given=call("where is my order"))[0])
    assert (answer["decision"], answer["reason"], answer["reasons"], answer["evidence"]) == ("stay", None, [], [])


def test_key_details_come_from_every_message_of_the_customer_and_the_bots_question(command: Command) -> None:
    history = [
        {"role": "user", "text": "order #A-10234 please"},
        {"role": "bot", "text": "What is your invoice number?"},
        {"role": "user", "text": "77812"},
        {"role": "bot", "text": "Write to help@example.com"},
    ]
    [answer] = answers(command("detect", given=call("I am ann.lee@example.com", history=history))[0])
    assert answer["key_details"] == {"email": ["ann.lee@example.com"], "invoice_id": ["77812"], "order_id": ["A-10234"]}


def test_the_history_counts_for_the_decision(command: Command) -> None:
    history = [{"role": "user", "text": f"do you have a shop in town number {n}"} for n in range(6)]
    [answer] = answers(command("detect", given=call("and one at the airport", history=history))[0])
    assert answer["reasons"] == ["max_turns_exceeded"]


def test_what_the_bots_nlu_made_of_it_may_be_given(command: Command) -> None:
    history = [{"role": "user", "text": "blue frog", "intent": "nlu_fallback", "confidence": 0.2}]
    sent = call("green frog", history=history, intent="nlu_fallback", confidence=0.2)
    assert "low_confidence" in answers(command("detect", given=sent)[0])[0]["reasons"]


def test_what_the_bot_did_may_be_given_and_counts_as_progress(command: Command) -> None:
    history = [{"role": "user", "text": f"do you have a shop in town number {n}"} for n in range(6)]
    history[3] |= {"slots": {"town": "Leeds"}, "actions": ["action_find_shop"]}
    [answer] = answers(command("detect", given=call("and one at the airport", history=history))[0])
    assert answer["reasons"] == []


def test_what_the_nlu_found_may_be_given(command: Command) -> None:
    (command.folder / "handoff.yml").write_text("detector: {complex_amounts: {amount: 500}, failures: [action_down]}\n")
    out, _ = command("detect", given=call("I want it back", entities={"amount": "1.200,50 EUR"}))
    [answer] = answers(out)
    assert [(one["signal"], one["value"]) for one in answer["evidence"]] == [("amount", 1200.5)]
    close = {"intent": "a", "confidence": 0.5, "runner_up": 0.48}
    history = [{"role": "user", "text": "blue frog", "actions": ["action_down"], **close}] * 2
    [answer] = answers(command("detect", given=call("green frog", history=history, **close))[0])
    assert answer["reasons"] == ["low_confidence", "complex_issue"]


def test_the_settings_file_of_the_folder_is_used(command: Command) -> None:
    (command.folder / "handoff.yml").write_text("detector: {max_turns: 0}\n")
    assert answers(command("detect", given=call("hello"))[0])[0]["reasons"] == ["max_turns_exceeded"]
    _, said = command("detect", "--config", "nowhere.yml", given=call("hello"), status=1)
    assert "nowhere.yml: there is no such file" in said


def test_the_installed_command_answers_each_line_before_the_next_is_sent(command: Command) -> None:
    with subprocess.Popen(
        [COMMAND, "detect"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=command.folder, env=os.environ
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("hello", "I want a human"):
            process.stdin.write(call(text).encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == "a"
        process.stdin.close()
    assert process.returncode == 0


def test_it_starts_without_the_store_the_model_and_the_desk() -> None:
    heavy = "sqlalchemy", "alembic", "openai", "fastapi", "rasa_sdk"
    program = f"import sys, rasa_handoff.cli; print([name for name in {heavy} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"id": 1, "text": ', "line 2: not JSON: "),
        (b"\xff\xfe", "line 2: not UTF-8 (byte 1 of the line)"),
        (b"[1, 2]", "line 2: expected an object {...}, found a list"),
        (b'{"id": 1}', "line 2: `text` should be text, found nothing"),
        (b'{"id": 1, "text": 5}', "line 2: `text` should be text, found a number"),
        (b'{"id": 1, "text": "a", "history": {}}', "line 2: `history` should be a list, found an object"),
        (b'{"id": 1, "text": "a", "history": ["b"]}', "line 2: each turn should be an object"),
        (b'{"id": 1, "text": "a", "history": [{"role": "cat", "text": "b"}]}', "line 2: there is no role 'cat'"),
        (b'{"id": 1, "text": "a", "confidence": NaN}', "line 2: `confidence` should be a number from 0 to 1"),
        (b'{"id": 1, "text": "a", "runner_up": Infinity}', "line 2: `runner_up` should be a number from 0 to 1"),
        (b'{"id": 1, "text": "a", "entities": []}', "line 2: `entities` should be an object, found a list"),
        (b'{"id": 1, "text": "a", "confidence": true}', "line 2: `confidence` should be a number, found true or false"),
        (b"[" * 100_000, "line 2: not JSON"),
    ],
)
def test_a_bad_line_is_named_and_ends_it_unless_bad_ones_are_skipped(
    command: Command, line: bytes, problem: str
) -> None:
    sent = b"\n".join([call("hello").strip().encode(), line, call("I want a human").encode()])
    out, said = command("detect", given=sent, status=1)
    assert problem in said
    assert len(answers(out)) == 1
    out, said = command("detect", "--skip-bad", given=sent)
    assert problem in said
    assert [answer["decision"] for answer in answers(out)] == ["stay", "hand_off"]


def test_nothing_in_is_nothing_out(command: Command) -> None:
    assert command("detect", given=b"") == ("", "")
    assert command("detect", given=b"\n \n") == ("", "")


@pytest.mark.parametrize(
    "text", ["", " ", "😀" * 50, "a" * 100_000, "?!" * 50_000, "\u200b\u202e", "a\ud800b", "\x00\x1b[2J"]
)
def test_any_text_is_answered_on_one_line(command: Command, text: str) -> None:
    [answer] = answers(command("detect", given=call(text))[0])
    assert answer["id"] == "a"


def test_a_reason_that_nearly_holds_is_an_offer_and_says_why(command: Command) -> None:
    (command.folder / "handoff.yml").write_text("detector: {max_turns: 2}\noffers: {turns_margin: 1}\n")
    [answer] = answers(command("detect", given=call("b", history=[{"role": "user", "text": "a"}]))[0])
    assert (answer["decision"], answer["reason"]) == ("offer", "max_turns_exceeded")
    assert answer["reasons"] == ["max_turns_exceeded"]
    assert answer["evidence"][0]["words"] == "Turn count: 2"
