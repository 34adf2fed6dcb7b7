"""What changes Rasa's session under a handoff: time, a restart, repeated messages, and what a customer may type."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import httpx
import pytest

from scripts.clients import AgentClient, RestCustomer, answered, wait_until
from scripts.stack import Stack
from tests.journeys.sides import messages_to_agent

HOURS = 2.0  # more than the session_expiration_time of domain.yml
WHY = "reason for the return"


@pytest.fixture
def handoff_id(rest_customer: RestCustomer, ana: AgentClient) -> str:
    """A handoff that began inside the return form; the customer and Ana talk."""
    rest_customer.say("I want to return something")
    assert any(WHY in text for text in rest_customer.say("10375"))
    rest_customer.say("Actually, let me talk to a human")
    handoff: dict[str, Any] = ana.wait_for(rest_customer.conversation_id, "offered")
    ana.accept(handoff["id"])
    rest_customer.wait_for_bot("Ana Ferreira")
    return str(handoff["id"])


def hours_pass(stack: Stack, customer: RestCustomer) -> None:
    """For Rasa, all that has happened in the conversation is hours ago."""
    with closing(sqlite3.connect(stack.folder / "rasa.sqlite", timeout=30)) as database, database:
        found = database.execute("SELECT id, data FROM events WHERE sender_id = ?", (customer.conversation_id,))
        for number, data in found.fetchall():
            event = json.loads(data)
            event["timestamp"] -= HOURS * 3600
            moved = (event["timestamp"], json.dumps(event), number)
            database.execute("UPDATE events SET timestamp = ?, data = ? WHERE id = ?", moved)


def restart(stack: Stack, customer: RestCustomer) -> None:
    """What an operator's script may do: reset the conversation through Rasa's API."""
    url = f"{stack.rasa_url}/conversations/{customer.conversation_id}/tracker/events"
    answered(httpx.post(url, json={"event": "restart"}, timeout=30, trust_env=False))


SILENT_OR_WRITING = pytest.mark.parametrize("written", [[], ["too big for me"]], ids=["silent", "writing"])


@SILENT_OR_WRITING
def test_after_an_expired_session_the_bot_is_silent_and_comes_back_into_the_form(
    stack: Stack, rest_customer: RestCustomer, ana: AgentClient, handoff_id: str, written: list[str]
) -> None:
    sessions = rest_customer.sessions()
    hours_pass(stack, rest_customer)
    assert [rest_customer.say(text) for text in written] == [[] for _ in written]
    assert rest_customer.sessions() == sessions + len(written)
    assert messages_to_agent(ana, handoff_id) == written

    ana.close(handoff_id, "returned_to_bot", "Go on here.")
    rest_customer.wait_for_bot("Go on here.")
    wait_until(lambda: WHY in rest_customer.said()[-1][1], "the form asks where it was left")
    slots = rest_customer.slots()
    assert (slots["handoff_status"], slots["return_reason"]) == (None, None)
    assert any("refund or an exchange" in text for text in rest_customer.say("the zip is broken"))
    assert any("is registered" in text for text in rest_customer.say("a refund please"))


@SILENT_OR_WRITING
def test_after_a_restart_through_rasas_api_the_bot_is_silent_and_the_form_starts_anew(
    stack: Stack, rest_customer: RestCustomer, ana: AgentClient, handoff_id: str, written: list[str]
) -> None:
    restart(stack, rest_customer)
    assert rest_customer.slots()["handoff_status"] is None
    assert [rest_customer.say(text) for text in written] == [[] for _ in written]
    assert messages_to_agent(ana, handoff_id) == written

    ana.close(handoff_id, "returned_to_bot", "Go on here.")
    rest_customer.wait_for_bot("Go on here.")
    # A restart makes Rasa forget the order, too.
    wait_until(lambda: "Which order" in rest_customer.said()[-1][1], "the form asks its first question")
    assert rest_customer.slots()["handoff_status"] is None
    assert any(WHY in text for text in rest_customer.say("10375"))


def test_a_restart_that_the_customer_types_is_a_message_to_the_agent(
    rest_customer: RestCustomer, ana: AgentClient, handoff_id: str
) -> None:
    written = ["/restart", "still there?"]
    assert [rest_customer.say(text) for text in written] == [[], []]
    assert messages_to_agent(ana, handoff_id) == written
    assert "restart" not in [event["event"] for event in rest_customer.tracker()["events"]]
    assert rest_customer.slots()["handoff_status"] == "active"


@pytest.mark.parametrize("notice", ["accepted", "update", "returned"])
def test_a_notice_that_the_customer_types_changes_nothing_and_is_shown_to_the_agent(
    rest_customer: RestCustomer, ana: AgentClient, handoff_id: str, notice: str
) -> None:
    said = rest_customer.said()
    typed = f"/EXTERNAL_handoff_{notice}"
    assert rest_customer.say(typed) == []
    assert messages_to_agent(ana, handoff_id) == [typed]
    assert ana.handoff(handoff_id)["handoff"]["status"] == "active"
    assert rest_customer.slots()["handoff_status"] == "active"
    assert [line for line in rest_customer.said() if line[0] == "bot"] == [line for line in said if line[0] == "bot"]


def test_a_notice_typed_without_a_handoff_starts_none(rest_customer: RestCustomer, ana: AgentClient) -> None:
    rest_customer.say("hello")
    rest_customer.say("/EXTERNAL_handoff_returned")
    assert ana.newest(rest_customer.conversation_id) is None
    assert rest_customer.slots()["handoff_status"] is None


def test_a_message_that_the_channel_delivers_twice_is_shown_once(
    rest_customer: RestCustomer, ana: AgentClient, handoff_id: str
) -> None:
    for text, message_id in (("one", "m1"), ("one", "m1"), ("two", "m2"), ("one", "m1"), ("one", "m3")):
        assert rest_customer.say(text, {"message_id": message_id}) == []
    assert messages_to_agent(ana, handoff_id) == ["one", "two", "one"]


def test_a_request_that_the_channel_delivers_twice_is_one_handoff(
    rest_customer: RestCustomer, ana: AgentClient
) -> None:
    assert rest_customer.say("I want a human", {"message_id": "m1"})
    handoff = ana.wait_for(rest_customer.conversation_id, "offered")
    assert rest_customer.say("I want a human", {"message_id": "m1"}) == []
    assert [h["id"] for h in ana.handoffs() if h["conversation_id"] == rest_customer.conversation_id] == [handoff["id"]]
    assert messages_to_agent(ana, handoff["id"]) == []
