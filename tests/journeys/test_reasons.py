"""Each reason the reference bot meets, from the customer's words to the agent's card; and the way back into a form."""

import httpx
import pytest

from scripts.clients import AgentClient, RestCustomer, answered, wait_until
from scripts.stack import Stack

NONSENSE = (
    "glorp zint the wibble forthwith",
    "asdf qwer zxcv",
    "who won the chess championship in 1972",
    "purple elephants sing marmalade sideways",
    "zzyzx qwfp arst neio",
)


@pytest.fixture
def not_understood(stack: Stack) -> list[str]:
    """Sentences that the bot, as it is trained now, does not understand."""
    return [text for text in NONSENSE if intent_of(stack, text) == "nlu_fallback"]


def test_the_first_misunderstanding_is_asked_about_and_the_second_hands_over(
    rest_customer: RestCustomer, ana: AgentClient, not_understood: list[str]
) -> None:
    first, second, *_ = not_understood
    assert len(rest_customer.say(first)) == 1
    assert ana.newest(rest_customer.conversation_id) is None
    rest_customer.say(second)
    check_card(ana, rest_customer, "low_confidence")


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("high_frustration", "This is the WORST shop ever!!! Your useless bot is a terrible joke and I am furious!!!"),
        ("sensitive_topic", "My husband passed away last week and I have to cancel his order"),
    ],
)
def test_the_bot_hands_over_and_says_why(rest_customer: RestCustomer, ana: AgentClient, reason: str, text: str) -> None:
    answers = rest_customer.say(text)
    assert any("team" in answer for answer in answers)
    check_card(ana, rest_customer, reason)


def test_a_policy_topic_goes_to_the_department_for_it(
    rest_customer: RestCustomer, ana: AgentClient, clara: AgentClient
) -> None:
    rest_customer.say("I want all my data deleted under GDPR")
    handoff = clara.wait_for(rest_customer.conversation_id, "offered")
    assert (handoff["reason"], handoff["need"]["department"]) == ("policy_required", "trust")
    assert handoff["agent_id"] == "clara"


def test_a_handoff_inside_the_form_comes_back_into_the_form_at_the_same_question(
    rest_customer: RestCustomer, ana: AgentClient
) -> None:
    rest_customer.say("I want to return something")
    asked = rest_customer.say("10375")
    assert any("reason" in text for text in asked)
    rest_customer.say("Actually, let me talk to a human")
    handoff = ana.wait_for(rest_customer.conversation_id, "offered")
    assert rest_customer.tracker()["active_loop"].get("name") is None
    ana.accept(handoff["id"])
    rest_customer.say("too big for me")  # to Ana: no answer to the form
    assert rest_customer.slots()["return_reason"] is None

    ana.close(handoff["id"], "returned_to_bot", "Go on here.")
    ana.wait_for(rest_customer.conversation_id, "closed")
    wait_until(
        lambda: rest_customer.tracker()["active_loop"].get("name") == "return_form", "the form is taken up again"
    )
    tracker = rest_customer.tracker()
    assert "reason" in rest_customer.said()[-1][1]
    assert tracker["slots"]["requested_slot"] == "return_reason"
    assert any("refund or an exchange" in text for text in rest_customer.say("too big for me"))


def check_card(agent: AgentClient, customer: RestCustomer, reason: str) -> None:
    """The agent is offered the handoff, with the reason and with evidence in words."""
    handoff = agent.wait_for(customer.conversation_id, "offered")
    assert handoff["reason"] == reason
    details = agent.handoff(handoff["id"])["package"]["key_details"]
    assert details["reason"] == reason
    assert details["evidence"][0]["words"]


def intent_of(stack: Stack, text: str) -> str:
    """What the bot's NLU makes of the text."""
    parsed = answered(httpx.post(f"{stack.rasa_url}/model/parse", json={"text": text}, timeout=30, trust_env=False))
    return str(parsed["intent"]["name"])
