"""Handoff events, as the tracker keeps them and as a signed webhook brings them."""

from pathlib import Path

import pytest

from rasa_handoff.cloudevents import schema
from rasa_handoff.core.announcement import Announcement
from scripts.clients import AgentClient, RestCustomer, wait_until
from scripts.stack import ACTIONS, DESK, Stack
from tests.journeys.changes import changed
from tests.webhooks.test_webhooks import SECRET, Draft202012Validator, Receiver, Webhook
from tests.webhooks.test_webhooks import receiver as webhook_receiver  # noqa: F401

LIFE = ["initiated", "context", "offered", "accepted", "message", "message", "closed"]


@pytest.fixture
def crm(stack: Stack, tmp_path: Path, webhook_receiver: Receiver) -> Receiver:  # noqa: F811
    """A receiver that the stack's handoff.yml names, and that is in trouble at first."""
    webhook_receiver.status = 503
    return webhook_receiver


def test_what_happens_is_in_the_tracker_and_reaches_a_webhook_in_order_though_it_was_away(
    stack: Stack, crm: Receiver, tmp_path: Path, rest_customer: RestCustomer, ana: AgentClient
) -> None:
    settings = Path("handoff.yml").read_text(encoding="utf-8") + f"\nwebhooks:\n  - id: crm\n    url: {crm.url}\n"
    (tmp_path / "handoff.yml").write_text(settings, encoding="utf-8")
    secrets = f'{{"crm": "{SECRET}"}}'
    config = str(tmp_path / "handoff.yml")
    with changed(stack, ACTIONS, DESK, HANDOFF_CONFIG=config, HANDOFF_WEBHOOK_SECRETS=secrets):
        rest_customer.say("Where is my order #10391?")
        rest_customer.say("human please")
        handoff_id = ana.wait_for(rest_customer.conversation_id, "offered")["id"]
        wait_until(lambda: crm.got, "the webhook was tried")
        crm.status = 204
        ana.accept(handoff_id)
        rest_customer.wait_for_bot("Ana")
        rest_customer.say("are you there?")
        ana.say(handoff_id, "I am here.")
        ana.close(handoff_id, "resolved")
        events = wait_until(lambda: taken(crm, len(LIFE)), "the webhook got everything", seconds=60)
    assert [event["type"].removeprefix("handoff.") for event in events] == LIFE
    for event in events:
        Draft202012Validator(schema(Announcement(event["type"]))).validate(event["data"])
    assert "10391" in str(events[1]["data"]["key_details"])
    assert len({event["id"] for event in events}) == len(LIFE)
    expected = [f"handoff.{name}" for name in LIFE if name != "message"]
    wait_until(lambda: written(rest_customer) == expected, "the tracker has them too, in order")


def taken(crm: Receiver, count: int) -> list[dict[str, object]] | None:
    """The verified events, each once, in the order in which they were first tried."""
    events = {event["id"]: event for event in (Webhook(SECRET).verify(*one) for one in crm.got)}
    return list(events.values()) if len(events) == count else None


def written(customer: RestCustomer) -> list[str]:
    """The types of the events in the tracker."""
    events = customer.tracker()["events"]
    return [one["value"]["type"] for one in events if one["event"] == "slot" and one["name"] == "handoff_event"]
