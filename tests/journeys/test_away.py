"""The action server away for a while: messages and notices wait for it, and come once."""

from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from scripts.stack import ACTIONS, RASA, Stack
from tests.journeys.sides import messages_to_agent


def test_messages_written_without_the_action_server_are_caught_up_on_the_next_turn(
    stack: Stack, rest_customer: RestCustomer, ana: AgentClient
) -> None:
    rest_customer.say("human please")
    handoff_id = ana.wait_for(rest_customer.conversation_id, "offered")["id"]
    ana.accept(handoff_id)
    rest_customer.wait_for_bot("Ana Ferreira")
    before = stack.log(RASA)
    stack.stop(ACTIONS)
    missed = ["Where is my order #10391?", "hello?"]
    assert [rest_customer.say(text) for text in missed] == [[], []]
    assert "action_handoff_gate" in stack.log(RASA).removeprefix(before)
    assert messages_to_agent(ana, handoff_id) == []
    stack.start(ACTIONS)
    assert rest_customer.say("now?") == []
    assert messages_to_agent(ana, handoff_id) == [*missed, "now?"]


def test_notices_wait_for_the_action_server_and_are_said_once(
    stack: Stack, customer: ChatCustomer, ana: AgentClient
) -> None:
    customer.say("human please")
    handoff_id = ana.wait_for(customer.conversation_id, "offered")["id"]
    stack.stop(ACTIONS)
    ana.accept(handoff_id)
    ana.say(handoff_id, "I am here.")
    wait_until(lambda: "action server did not" in stack.log("desk"), "the courier knows that it was not heard")
    assert customer.texts("agent") == []  # it stays behind the notice
    stack.start(ACTIONS)
    customer.hears("system", "Ana Ferreira", seconds=60)
    customer.hears("agent", "I am here.")

    stack.stop(ACTIONS)
    ana.close(handoff_id, "resolved", "All sorted.")
    customer.say("are you still there?")
    stack.start(ACTIONS)
    customer.hears("bot", "All sorted.", seconds=60)
    customer.say("what payment methods do you take?")
    customer.hears("bot", "PayPal")
    system, bot = customer.texts("system"), customer.texts("bot")
    assert sum("Ana Ferreira" in text for text in system) == 1
    assert sum("All sorted." in text for text in bot) == 1
