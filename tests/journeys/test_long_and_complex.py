"""A conversation that goes on too long, and a message with too much in it."""

from scripts.clients import AgentClient, RestCustomer

TWO_MATTERS = [
    "how can i pay",
    "what are the delivery options",
    "do you take paypal",
    "how long does delivery take",
    "which cards do you accept",
    "do you ship to spain",
    "can i pay by invoice",
]
EIGHT_MATTERS = [
    "hello",
    "what payment methods do you take?",
    "what are the delivery options?",
    "what is your returns policy?",
    "how do I reset my password?",
    "where do I find my order number?",
    "are you a bot",
    "Where is my order #10391?",
]


def test_going_round_between_two_matters_goes_to_a_human_on_the_seventh_turn(
    rest_customer: RestCustomer, ana: AgentClient
) -> None:
    for text in TWO_MATTERS:
        assert rest_customer.say(text)
        assert ana.newest(rest_customer.conversation_id) is None
    assert any("taking longer than it should" in text for text in rest_customer.say("is there express delivery"))
    handoff = ana.wait_for(rest_customer.conversation_id, "offered")
    assert handoff["reason"] == "max_turns_exceeded"
    evidence = ana.handoff(handoff["id"])["package"]["key_details"]["evidence"][0]
    assert (evidence["value"], evidence["threshold"]) == (7, 6)


def test_a_long_conversation_that_gets_on_stays_with_the_bot(rest_customer: RestCustomer, ana: AgentClient) -> None:
    for text in EIGHT_MATTERS:
        assert rest_customer.say(text)
    assert ana.newest(rest_customer.conversation_id) is None


def test_several_questions_at_once_go_to_a_human(rest_customer: RestCustomer, ana: AgentClient) -> None:
    several = "Where is my order #10391? Can I still change the address? And when do I get my refund for #10375?"
    assert any("several things" in text for text in rest_customer.say(several))
    assert ana.wait_for(rest_customer.conversation_id, "offered")["reason"] == "complex_issue"
