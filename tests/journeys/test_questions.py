"""The bot asks an agent one question and keeps the conversation: answered, and not answered in time."""

from pathlib import Path

import httpx

from scripts.clients import AgentClient, RestCustomer, wait_until
from scripts.stack import ACTIONS, Stack
from tests.journeys.changes import changed

ASKED = "can you match the price of another shop"


def open_questions(stack: Stack, agent: AgentClient, customer: RestCustomer) -> list[dict[str, str]]:
    auth = (agent.id, agent.password)
    found = httpx.get(f"{stack.desk_url}/api/questions", auth=auth, trust_env=False).json()
    return [one for one in found if one["conversation_id"] == customer.conversation_id]


def test_an_agents_answer_comes_back_while_the_bot_goes_on(
    stack: Stack, rest_customer: RestCustomer, ana: AgentClient
) -> None:
    assert any("asking a colleague" in said for said in rest_customer.say(ASKED))
    (question,) = wait_until(lambda: open_questions(stack, ana, rest_customer), "the question is on the desk")
    assert question["text"] == ASKED
    assert rest_customer.say("hello"), "the bot keeps the conversation"
    address = f"{stack.desk_url}/api/questions/{question['id']}/answer"
    httpx.post(address, auth=(ana.id, ana.password), json={"text": "Yes, up to 20 %."}, trust_env=False)
    rest_customer.wait_for_bot("Yes, up to 20 %.")
    slots = rest_customer.slots()
    assert (slots["handoff_answer"], slots["handoff_status"]) == ("Yes, up to 20 %.", None)
    assert open_questions(stack, ana, rest_customer) == []


def test_without_an_answer_in_time_a_person_takes_over_and_knows_the_question(
    stack: Stack, rest_customer: RestCustomer, ana: AgentClient, tmp_path: Path
) -> None:
    settings = tmp_path / "handoff.yml"
    written = Path("handoff.yml").read_text(encoding="utf-8")
    settings.write_text(f"{written}\nquestions:\n  timeout_seconds: 1\n", encoding="utf-8")
    with changed(stack, ACTIONS, HANDOFF_CONFIG=str(settings)):
        rest_customer.say(ASKED)
        handoff = ana.wait_for(rest_customer.conversation_id, "offered")
        package = ana.handoff(handoff["id"])["package"]
        assert ASKED in str(package["key_details"]["evidence"])
        ana.accept(handoff["id"])
        ana.close(handoff["id"], "resolved")
