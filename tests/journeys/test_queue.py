"""Waiting, declining, writing meanwhile, coming back: the customer loses nothing and the bot keeps out of it."""

from uuid import uuid4

from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from tests.journeys.sides import messages_to_agent


def test_with_no_agent_online_the_customer_waits_until_one_comes(customer: ChatCustomer, ben: AgentClient) -> None:
    customer.say("human please")
    customer.hears("system", "team")
    customer.hears("system", "nobody")
    handoff = ben.wait_for(customer.conversation_id, "waiting")
    ben.available()
    offered = ben.wait_for(customer.conversation_id, "offered")
    assert (offered["id"], offered["agent_id"]) == (handoff["id"], "ben")
    assert offered["queued_at"] == handoff["queued_at"]
    ben.accept(offered["id"])
    customer.hears("system", "Ben Okafor")


def test_a_declined_offer_goes_to_the_next_agent(
    rest_customer: RestCustomer, ana: AgentClient, ben: AgentClient
) -> None:
    ben.available()
    rest_customer.say("I want a real person")
    first = ana.wait_for(rest_customer.conversation_id, "offered")
    agents = {"ana": ana, "ben": ben}
    holder, other = agents.pop(first["agent_id"]), next(iter(agents.values()))
    holder.decline(first["id"])
    wait_until(lambda: ana.handoff(first["id"])["handoff"]["agent_id"] == other.id, "the other agent is offered it")
    assert other.accept(first["id"])["status"] == "active"


def test_what_the_customer_writes_while_waiting_reaches_the_agent_in_order_and_the_bot_is_silent(
    customer: ChatCustomer, ben: AgentClient
) -> None:
    customer.say("human please")
    customer.hears("system", "nobody")
    while_waiting = ["Where is my order #10391?", "hello??", "/restart", "I am still here"]
    for text in while_waiting:
        customer.say(text)
    ben.available()
    handoff = ben.wait_for(customer.conversation_id, "offered")
    ben.accept(handoff["id"])
    customer.hears("system", "Ben Okafor")
    customer.say("Where is my refund?")
    everything = [*while_waiting, "Where is my refund?"]
    wait_until(lambda: len(messages_to_agent(ben, handoff["id"])) >= len(everything), "the agent has all messages")
    assert messages_to_agent(ben, handoff["id"]) == everything
    assert customer.texts("bot") == []


def test_the_same_message_delivered_twice_is_one_message(customer: ChatCustomer, ana: AgentClient) -> None:
    customer.say("human please")
    handoff = ana.wait_for(customer.conversation_id, "offered")
    ana.accept(handoff["id"])
    customer.hears("system", "Ana")
    once = uuid4().hex
    customer.say("twice sent", once)
    customer.say("twice sent", once)
    ana.say(handoff["id"], "twice answered", once)
    ana.say(handoff["id"], "twice answered", once)
    customer.say("the end")
    ana.say(handoff["id"], "the end")
    wait_until(lambda: "the end" in messages_to_agent(ana, handoff["id"]), "the agent has the last message")
    customer.hears("agent", "the end")
    assert messages_to_agent(ana, handoff["id"]) == ["twice sent", "the end"]
    assert customer.texts("agent") == ["twice answered", "the end"]


def test_a_second_handoff_in_the_same_conversation_starts_only_when_asked_for_again(
    customer: ChatCustomer, ana: AgentClient
) -> None:
    customer.say("human please")
    first = ana.wait_for(customer.conversation_id, "offered")
    ana.accept(first["id"])
    ana.close(first["id"], "resolved", "All done.")
    customer.hears("bot", "All done.")
    customer.say("what are the delivery options?")
    customer.hears("bot")
    assert ana.newest(customer.conversation_id)["id"] == first["id"]
    customer.say("I need to speak to a human again")
    second = ana.wait_for(customer.conversation_id, "offered")
    assert second["id"] != first["id"]
