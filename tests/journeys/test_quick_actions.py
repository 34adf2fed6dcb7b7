"""A quick action at the desk runs a real action of the bot, and what came of it is shown and logged."""

import sqlite3
from typing import Any

import httpx

from scripts.clients import AgentClient, RestCustomer, wait_until
from scripts.stack import Stack


def test_a_refund_pressed_at_the_desk_is_made_by_the_bots_action_once_and_after_confirmation(
    stack: Stack, rest_customer: RestCustomer, ana: AgentClient
) -> None:
    rest_customer.say("Where is my order #10391?")
    rest_customer.say("human please")
    handoff_id = ana.wait_for(rest_customer.conversation_id, "offered")["id"]
    ana.accept(handoff_id)
    with httpx.Client(base_url=stack.desk_url, auth=(ana.id, ana.password), trust_env=False) as http:
        actions = {one["id"]: one for one in http.get(f"/api/handoffs/{handoff_id}/actions").json()}
        assert actions["refund"]["values"] == {"order_id": "10391"}
        run = f"/api/handoffs/{handoff_id}/actions/refund"
        assert http.post(run, json={"id": "r1"}).status_code == 422
        for _ in range(2):  # a double press is one run
            assert http.post(run, json={"id": "r1", "confirmed": True}).status_code == 200
    ended = wait_until(lambda: entries(ana, handoff_id, "action_ended"), "the action has ended")
    assert len(ended) == 1
    assert "for order #10391 is on its way" in str(ended[0]["data"])
    assert state_of_refund(stack, "10391") == "processing"
    assert any("refund" in text.casefold() for _, text in rest_customer.said())
    ana.close(handoff_id, "resolved")


def entries(agent: AgentClient, handoff_id: str, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in agent.handoff(handoff_id)["log"] if entry["kind"] == kind]


def state_of_refund(stack: Stack, order_id: str) -> str:
    """As the shop's own records have it."""
    with sqlite3.connect(stack.folder / "shop.sqlite") as shop:
        return str(shop.execute("SELECT refund FROM orders WHERE id = ?", (order_id,)).fetchone()[0])
