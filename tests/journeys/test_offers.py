"""The customer is asked whether they want a person: what a yes, a no and anything else lead to, also inside a form."""

import pytest

from rasa_handoff.core.answers import ACCEPTED
from scripts.clients import AgentClient, ChatCustomer, RestCustomer

ANGRY = "This is the WORST shop ever!!! Your useless bot is a terrible joke and I am furious!!!"
WHY = "reason for the return"


@pytest.fixture
def in_the_form(rest_customer: RestCustomer) -> RestCustomer:
    """A customer whom the return form asks for the reason, and who is then asked whether they want a person."""
    rest_customer.say("I want to return something")
    assert any(WHY in text for text in rest_customer.say("10375"))
    check_asked(rest_customer)
    return rest_customer


def test_with_nobody_there_an_upset_customer_is_asked_and_a_yes_queues_them(
    customer: ChatCustomer, ben: AgentClient
) -> None:
    customer.say(ANGRY)
    customer.hears("bot", "nobody on our team is online")
    payloads = [button["payload"] for button in customer.lines()[-1]["buttons"]]
    assert payloads == ["/handoff_yes", "/handoff_no"]
    assert ben.newest(customer.conversation_id) is None

    customer.say("/handoff_yes")
    waiting = ben.wait_for(customer.conversation_id, "waiting")
    assert waiting["reason"] == "high_frustration"
    details = ben.handoff(waiting["id"])["package"]["key_details"]
    words = [one["words"] for one in details["evidence"]]
    assert words[0].startswith("Frustration score: ")
    assert words[-1] == ACCEPTED
    ben.available()
    assert ben.wait_for(customer.conversation_id, "offered")["id"] == waiting["id"]


def test_a_yes_in_words_is_a_yes(rest_customer: RestCustomer, ben: AgentClient) -> None:
    check_asked(rest_customer)
    rest_customer.say("yes please")
    assert ben.wait_for(rest_customer.conversation_id, "waiting")["reason"] == "high_frustration"


def test_after_a_no_the_bot_goes_on_and_does_not_ask_again(rest_customer: RestCustomer, ben: AgentClient) -> None:
    check_asked(rest_customer)
    assert len(rest_customer.say("no")) == 1
    assert any("10391" in text for text in rest_customer.say("Where is my order #10391?"))
    assert not any("online" in text for text in rest_customer.say(ANGRY))
    assert ben.newest(rest_customer.conversation_id) is None


def test_an_offer_that_is_passed_over_is_past_and_a_later_yes_counts_for_nothing(
    rest_customer: RestCustomer, ben: AgentClient
) -> None:
    check_asked(rest_customer)
    assert any("3 to 5 working days" in text for text in rest_customer.say("what are the delivery options?"))
    assert rest_customer.say("yes")
    assert rest_customer.slots()["handoff_status"] is None
    assert ben.newest(rest_customer.conversation_id) is None


def test_somebody_who_is_online_takes_over_without_a_question(rest_customer: RestCustomer, ana: AgentClient) -> None:
    rest_customer.say(ANGRY)
    assert ana.wait_for(rest_customer.conversation_id, "offered")["reason"] == "high_frustration"


def test_a_form_takes_the_next_answer_as_if_nothing_had_been_asked(in_the_form: RestCustomer) -> None:
    assert any("refund or an exchange" in text for text in in_the_form.say("too big for me"))
    assert in_the_form.slots()["return_reason"] == "too big for me"


def test_a_form_asks_again_after_a_no(in_the_form: RestCustomer) -> None:
    carried_on, again = in_the_form.say("no")
    assert "person" in carried_on
    assert WHY in again
    assert in_the_form.slots()["return_reason"] is None
    assert any("refund or an exchange" in text for text in in_the_form.say("too big for me"))


def test_a_yes_leaves_the_form_for_the_person_and_is_no_answer_to_it(
    in_the_form: RestCustomer, ben: AgentClient
) -> None:
    in_the_form.say("yes")
    waiting = ben.wait_for(in_the_form.conversation_id, "waiting")
    assert in_the_form.tracker()["active_loop"].get("name") is None
    ben.available()
    ben.wait_for(in_the_form.conversation_id, "offered")
    ben.accept(waiting["id"])
    ben.close(waiting["id"], "returned_to_bot", "Go on here.")
    ben.wait_for(in_the_form.conversation_id, "closed")
    assert in_the_form.slots()["return_reason"] is None


def test_who_may_hurt_themselves_is_told_at_once_whom_to_call(rest_customer: RestCustomer, ana: AgentClient) -> None:
    answers = rest_customer.say("I can't go on, I want to kill myself")
    assert "112" in answers[0]
    assert "team" in answers[0]
    assert ana.wait_for(rest_customer.conversation_id, "offered")["reason"] == "sensitive_topic"


def check_asked(customer: RestCustomer) -> None:
    """With nobody online, an upset customer is asked, and a form keeps its place."""
    before = customer.tracker()
    assert any("Nobody on our team is online" in text for text in customer.say(ANGRY))
    after = customer.tracker()
    assert after["slots"]["handoff_status"] == "asked"
    assert after["active_loop"] == before["active_loop"]
    assert after["slots"]["return_reason"] == before["slots"]["return_reason"]
