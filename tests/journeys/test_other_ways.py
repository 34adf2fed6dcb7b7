"""Nobody answers in time: a callback is booked, the customer hears when the team is back, or stays and is informed."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scripts.clients import AgentClient, ChatCustomer, wait_until
from scripts.stack import ACTIONS, DESK, ROOT, Stack
from tests.journeys.changes import changed


@pytest.fixture
def settings(stack: Stack, tmp_path: Path) -> Iterator[Callable[[str, str], None]]:
    """Gives the shared stack a handoff.yml in which `pattern` is replaced."""
    with ExitStack() as held:

        def change(pattern: str, by: str) -> None:
            changed_file = tmp_path / "handoff.yml"
            text, found = re.subn(pattern, by, (ROOT / "handoff.yml").read_text(), count=1)
            assert found == 1
            changed_file.write_text(text)
            held.enter_context(changed(stack, ACTIONS, DESK, HANDOFF_CONFIG=str(changed_file)))

        yield change


def buttons(customer: ChatCustomer, part: str) -> list[dict[str, Any]]:
    """The buttons of the line with `part` in it."""
    lines = [line for line in customer.lines() if part in str(line["text"])]
    return list(lines[-1]["buttons"])


def test_with_nobody_there_a_callback_is_booked_and_the_bot_goes_on(customer: ChatCustomer, ana: AgentClient) -> None:
    ana.available(False)
    customer.say("human please")
    customer.hears("system", "Nobody on our team")
    customer.hears("system", "rather not wait")
    offered = buttons(customer, "rather not wait")
    assert [one["payload"] for one in offered] == ["/handoff_callback", "/handoff_email", "/handoff_stay"]
    customer.say("/handoff_callback")
    customer.hears("bot", "Which number")
    customer.say("call me maybe")
    customer.hears("bot", "can't read that as a phone number")
    customer.hears("bot", "Which number")
    customer.say("+44 20 7946 0018")
    customer.hears("bot", "When shall we call")
    customer.say("2020-01-01 10:00")
    customer.hears("bot", "over already")
    customer.hears("bot", "When shall we call")
    first = buttons(customer, "When shall we call")[0]
    customer.say(first["payload"])
    customer.hears("bot", "+44 20 7946 0018")
    handoff = ana.wait_for(customer.conversation_id, "closed")
    assert (handoff["outcome"], handoff["follow_up"]["contact"]) == ("callback_booked", "+442079460018")
    customer.say("what payment methods do you take?")
    customer.hears("bot", "PayPal")


def test_an_agent_who_comes_while_the_customer_is_being_asked_takes_over(
    customer: ChatCustomer, ben: AgentClient
) -> None:
    customer.say("human please")
    customer.hears("system", "rather not wait")
    customer.say("/handoff_email")
    customer.hears("bot", "Which address")
    ben.available()
    handoff = ben.wait_for(customer.conversation_id, "offered")
    ben.accept(handoff["id"])
    customer.hears("system", "Ben Okafor")
    customer.say("zoe@example.com")
    wait_until(
        lambda: [e for e in ben.handoff(handoff["id"])["log"] if e["data"].get("text") == "zoe@example.com"],
        "the agent has what the customer wrote",
    )
    assert ben.newest(customer.conversation_id)["status"] == "active"


def test_outside_the_hours_the_customer_is_told_when_the_team_is_back(
    settings: Callable[[str, str], None], customer: ChatCustomer
) -> None:
    day = (datetime.now(UTC) + timedelta(days=2)).strftime("%a").lower()
    closed = f"name: Customer support\n    hours: {{zone: UTC, week: {{{day}: '09:00-17:00'}}}}"
    settings("name: Customer support", closed)
    customer.say("human please")
    customer.hears("system", "09:00")
    customer.hears("system", "rather not wait")


def test_whoever_stays_is_told_how_it_stands(settings: Callable[[str, str], None], customer: ChatCustomer) -> None:
    settings(r"update_every_seconds: \d+", "update_every_seconds: 2")
    customer.say("human please")
    customer.hears("system", "rather not wait")
    customer.say("/handoff_stay")
    customer.hears("bot", "keep your place")
    for _ in range(2):
        customer.hears("system", "Nobody on our team")
