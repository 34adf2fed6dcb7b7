"""The summary by a language model: it replaces the draft when it comes; when it cannot come, the agent is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from scripts.clients import AgentClient, RestCustomer, wait_until
from scripts.model_server import Model, serving
from scripts.stack import ACTIONS, DESK, Stack
from tests.journeys.changes import changed
from tests.writers.packages import as_json

WANTS = "The customer wants to know where order 10391 is."


@pytest.fixture
def with_model(stack: Stack) -> Iterator[Model]:
    """The stack's model answers only when it is let."""
    with serving() as model:
        model.delay = 60.0
        model.content = as_json(("wants", WANTS.replace("10391", "[ID_1]"), [1]), ("unresolved", "They won 500.", [1]))
        with changed(stack, ACTIONS, DESK, HANDOFF_LLM_BASE_URL=model.url, HANDOFF_LLM_MODEL="test-model"):
            yield model


def summary_in(agent: AgentClient, handoff_id: str, state: str) -> dict[str, Any]:
    """The handoff's summary, once it has this state."""

    def reached() -> dict[str, Any] | None:
        summary: dict[str, Any] = agent.handoff(handoff_id)["package"]["summary"]
        return summary if summary["state"] == state else None

    return wait_until(reached, f"the summary is {state}")


def test_the_models_summary_replaces_the_draft_and_without_one_the_agent_is_told_why(
    stack: Stack, with_model: Model, rest_customer: RestCustomer, ana: AgentClient
) -> None:
    rest_customer.say("Where is my order #10391?")
    rest_customer.say("human please")
    handoff_id = ana.wait_for(rest_customer.conversation_id, "offered")["id"]
    draft = summary_in(ana, handoff_id, "pending")
    assert draft["source"] == "draft"
    assert draft["sentences"]
    assert rest_customer.slots()["handoff"]["summary"] == draft["sentences"]

    with_model.released.set()
    summary = summary_in(ana, handoff_id, "ready")
    assert (summary["source"], summary["error"]) == ("test-model", None)
    assert summary["sentences"] == [WANTS, *draft["sentences"][1:]]
    assert [basis["source"] for basis in summary["basis"]] == ["test-model", "draft", "draft"]
    sentences = summary["sentences"]
    wait_until(lambda: rest_customer.slots()["handoff"]["summary"] == sentences, "the summary is in the tracker")
    assert rest_customer.slots()["handoff"]["summary_source"] == "test-model"
    assert b"10391" not in with_model.bodies[0]
    assert len(with_model.asked) == 1

    with_model.status = 401
    another = RestCustomer(stack.rasa_url)
    another.say("human please")
    handoff_id = ana.wait_for(another.conversation_id, "offered")["id"]
    failed = summary_in(ana, handoff_id, "failed")
    assert (failed["source"], len(with_model.asked)) == ("draft", 2)
    assert failed["sentences"]
    assert "does not accept the key" in failed["error"]
    assert ana.accept(handoff_id)["status"] == "active"
