"""Processes that die, freeze or are away: messages arrive once, and the customer is not left without an answer."""

import time
from typing import Any

import pytest

from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from scripts.stack import ACTIONS, DESK, RASA, Stack


@pytest.fixture
def handoff_id(customer: ChatCustomer, ana: AgentClient) -> str:
    """A handoff in which the customer and Ana talk."""
    customer.say("human please")
    handoff: dict[str, Any] = ana.wait_for(customer.conversation_id, "offered")
    ana.accept(handoff["id"])
    customer.hears("system", "Ana Ferreira")
    return str(handoff["id"])


def test_what_the_agent_writes_while_rasa_is_down_arrives_once_it_is_back(
    stack: Stack, customer: ChatCustomer, ana: AgentClient, handoff_id: str
) -> None:
    stack.stop(RASA)
    ana.say(handoff_id, "written while Rasa was down")
    customer.say("and this is the customer's")
    stack.start(RASA)
    customer.hears("agent", "written while Rasa was down", seconds=60)
    wait_until(lambda: in_tracker(stack, customer).count("and this is the customer's") == 1, "the customer's is in too")
    assert in_tracker(stack, customer).count("written while Rasa was down") == 1
    assert customer.texts("agent") == ["written while Rasa was down"]


@pytest.mark.parametrize("seconds", [0.0, 1.0], ids=["not-yet-sent", "on-its-way"])
def test_a_desk_killed_between_commit_and_send_delivers_after_its_restart_once(
    stack: Stack, customer: ChatCustomer, ana: AgentClient, handoff_id: str, seconds: float
) -> None:
    # Frozen, Rasa takes the courier's request and acts on it only when the desk is gone.
    stack.pause(RASA)
    ana.say(handoff_id, "written just before the crash")
    time.sleep(seconds)
    stack.kill(DESK)
    stack.go_on(RASA)
    stack.start(DESK)
    # The dead courier's claim runs out after a minute.
    customer.hears("agent", "written just before the crash", seconds=120)
    ana.say(handoff_id, "the next one")
    customer.hears("agent", "the next one")
    said = in_tracker(stack, customer)
    assert [said.count(text) for text in ("written just before the crash", "the next one")] == [1, 1]
    assert customer.texts("agent") == ["written just before the crash", "the next one"]


def test_without_the_action_server_the_bot_still_answers_and_the_error_is_logged(
    stack: Stack, rest_customer: RestCustomer
) -> None:
    rest_customer.say("hello")
    stack.stop(ACTIONS)
    before = stack.log(RASA)
    answers = rest_customer.say("what payment methods do you take?")
    assert answers
    assert "ERROR" in stack.log(RASA).removeprefix(before)
    stack.start(ACTIONS)
    assert any("10391" in text for text in rest_customer.say("Where is my order #10391?"))


def in_tracker(stack: Stack, customer: ChatCustomer) -> list[str]:
    """All texts of the conversation in Rasa's tracker."""
    return [text for _, text in RestCustomer(stack.rasa_url, customer.conversation_id).said()]
