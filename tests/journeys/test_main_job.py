"""The main job: a conversation goes to a human with its context, and comes back to a bot that knows what happened."""

from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from scripts.stack import Stack
from tests.journeys.sides import messages_to_agent


def test_a_customer_asks_for_a_human_gets_one_and_comes_back_to_a_bot_that_knows_what_happened(
    customer: ChatCustomer, ana: AgentClient, stack: Stack
) -> None:
    customer.say("Where is my order #10391?")
    customer.hears("bot", "10391")
    customer.say("Can I speak to a human please?")
    customer.hears("system", "team")  # the announcement

    offered = ana.wait_for(customer.conversation_id, "offered")
    assert (offered["reason"], offered["agent_id"]) == ("customer_requested", "ana")
    package = ana.handoff(offered["id"])["package"]
    assert 1 <= len(package["summary"]["sentences"]) <= 3
    assert ("order_id", "10391") in [(d["kind"], d["value"]) for d in package["key_details"]["details"]]
    assert [line["text"] for line in package["transcript"] if line["author"] == "customer"] == [
        "Where is my order #10391?",
        "Can I speak to a human please?",
    ]

    ana.accept(offered["id"])
    customer.hears("system", "Ana Ferreira")
    ana.say(offered["id"], "Hello, I will send you a new one.")
    customer.hears("agent", "Hello, I will send you a new one.")
    customer.say("Where is my order then?")
    heard = wait_until(lambda: messages_to_agent(ana, offered["id"]), "the agent reads the customer")
    assert heard == ["Where is my order then?"]
    ana.say(offered["id"], "It is order #10517 now.")
    customer.hears("agent", "It is order #10517 now.")

    bot_before = customer.texts("bot")
    ana.close(offered["id"], "resolved", "Replaced by order #10517.", {"order_id": "10517"})
    customer.hears("bot", "Replaced by order #10517.")
    assert len(customer.texts("bot")) == len(bot_before) + 1  # silent while the human had the conversation
    slots = RestCustomer(stack.rasa_url, customer.conversation_id).slots()
    assert (slots["handoff_status"], slots["handoff"]["outcome"]) == (None, "resolved")
    customer.say("Where is my order now?")
    customer.hears("bot", "#10517")


def test_nobody_is_promised_a_human_before_the_handoff_is_on_record(
    rest_customer: RestCustomer, ana: AgentClient
) -> None:
    answers = rest_customer.say("I want to talk to a person")
    assert any("team" in answer for answer in answers)
    assert ana.newest(rest_customer.conversation_id) is not None


def test_every_turn_of_the_conversation_is_one_line_in_order(customer: ChatCustomer, ana: AgentClient) -> None:
    customer.say("transfer me to a live agent")
    customer.hears("system")
    handoff = ana.wait_for(customer.conversation_id, "offered")
    ana.accept(handoff["id"])
    spoken = [f"line {number}" for number in range(5)]
    for line in spoken:
        customer.say(line)
        ana.say(handoff["id"], f"answer to {line}")
    wait_until(lambda: len(messages_to_agent(ana, handoff["id"])) >= len(spoken), "the agent has all lines")
    wait_until(lambda: len(customer.texts("agent")) >= len(spoken), "the customer has all answers")
    assert messages_to_agent(ana, handoff["id"]) == spoken
    assert customer.texts("agent") == [f"answer to {line}" for line in spoken]
