"""What agents do at the desk beside talking, in real browser windows: pass conversations on, work off callbacks."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.clients import AgentClient, ChatCustomer
from scripts.stack import Stack
from tests.journeys.test_side_by_side import line, picture, window, write

pytestmark = pytest.mark.browser

OpenDesk = Callable[[AgentClient], Page]


@pytest.fixture
def desk(chromium: Browser, stack: Stack) -> Iterator[OpenDesk]:
    """Opens an agent's desk in a window of its own."""
    with ExitStack() as windows:

        def opened(agent: AgentClient) -> Page:
            opening = window(chromium, stack.desk_url, 1280, 860)
            page = next(opening)
            windows.callback(lambda: next(opening, None))
            page.goto("/desk")
            page.fill("[name=agent_id]", agent.me()["id"])
            page.fill("[name=password]", agent.password)
            page.press("[name=password]", "Enter")
            expect(page.locator("#to-follow-ups")).to_be_visible()
            return page

        yield opened


def test_a_conversation_is_passed_on_warm_to_a_colleague_and_cold_to_a_department(
    customer: ChatCustomer, desk: OpenDesk, ana: AgentClient, ben: AgentClient, clara: AgentClient
) -> None:
    clara.available(False)
    customer.say("I want to talk to a human please")
    ana.accept(ana.wait_for(customer.conversation_id, "offered")["id"])
    customer.hears("system", "Ana Ferreira")
    handoff_id = ana.wait_for(customer.conversation_id, "active")["id"]

    ben.available()
    anas, bens = desk(ana), desk(ben)
    anas.goto(f"/desk/{handoff_id}")
    anas.locator("#transfer").click()
    anas.select_option("#to", "agent:ben")
    anas.fill("#note", "Ben knows this parcel.")
    picture(anas, "pass-on")
    anas.click("#pass-on")
    expect(bens.locator(f"#offer-{handoff_id}")).to_contain_text("Ben knows this parcel.")
    picture(bens, "passed-on-offer")
    picture(anas, "passing-on")
    customer.say("are you still there?")
    line(anas, "customer", "are you still there?")  # Ana has it until Ben accepts
    write(anas, "Yes, Ben will be with you in a moment.")
    customer.hears("agent", "Ben will be with you")
    bens.locator(f"#accept-{handoff_id}").click()
    customer.hears("system", "Ben Okafor")
    line(bens, "customer", "are you still there?")
    line(bens, "agent", "Ben will be with you")
    expect(anas.locator("#text")).to_have_count(0)
    picture(anas, "passed-on")

    bens.locator("#transfer").click()
    bens.select_option("#to", "department:trust")
    bens.fill("#note", "A matter of data protection.")
    bens.check("#cold")
    bens.click("#pass-on")
    waiting = clara.wait_for(customer.conversation_id, "waiting")
    assert (waiting["need"]["department"], waiting["agent_id"]) == ("trust", None)
    customer.hears("system", "colleague")
    claras = desk(clara)
    clara.available()
    claras.locator(f"#accept-{handoff_id}").click()
    customer.hears("system", "Clara Weiss")
    line(claras, "agent", "Ben will be with you")
    picture(claras, "passed-on-to-a-department")


def test_a_callback_is_taken_not_reached_reopened_and_done(
    customer: ChatCustomer, desk: OpenDesk, ana: AgentClient
) -> None:
    ana.available(False)
    customer.say("human please")
    customer.hears("system", "rather not wait")
    customer.say("/handoff_callback")
    customer.hears("bot", "Which number")
    customer.say("+44 20 7946 0999")
    customer.hears("bot", "When shall we call")
    customer.say(
        next(one for one in customer.lines() if "When shall we call" in str(one["text"]))["buttons"][0]["payload"]
    )
    customer.hears("bot", "+44 20 7946 0999")
    handoff_id = ana.wait_for(customer.conversation_id, "closed")["id"]

    page = desk(ana)
    page.click("#to-follow-ups")
    card, owed = page.locator(f"#follow-up-{handoff_id}"), page.get_by_role("region", name="To be done")
    over = page.get_by_role("region", name="Over")
    expect(owed.locator(card)).to_contain_text("+44 20 7946 0999")
    picture(page, "callbacks")
    page.click(f"#take-{handoff_id}")
    expect(card).to_contain_text("Ana Ferreira")
    card.get_by_placeholder("Note").fill("No answer, twice.")
    page.click(f"#failed-{handoff_id}")
    expect(over.locator(card)).to_contain_text("No answer, twice.")
    picture(page, "callback-not-reached")
    page.click(f"#reopen-{handoff_id}")
    expect(owed.locator(card)).to_be_visible()
    page.click(f"#take-{handoff_id}")
    card.get_by_placeholder("Note").fill("Sent a new one.")
    page.click(f"#done-{handoff_id}")
    expect(over.locator(card)).to_contain_text(re.compile("Done.*Sent a new one", re.DOTALL))
    picture(page, "callback-done")
