"""Agent assist in a real browser: articles, a streamed suggestion that is edited, a quick action with its question."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rasa_handoff.core.handoff import Accepted, Handoff
from rasa_handoff.core.runs import ActionEnded
from rasa_handoff.writers.model import LanguageModel
from scripts.model_server import Model, serving

from .desk_world import PASSWORD, World
from .test_assist import ACTIONS

pytestmark = pytest.mark.browser


@pytest.fixture
def model() -> Iterator[Model]:
    with serving() as server:
        yield server


@pytest.fixture
def window(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def handoff(world: World, model: Model) -> Handoff:
    world.model = LanguageModel("test", model.url, "secret")
    world.actions, world.unavailable = ACTIONS, {"ticket": "It has no key."}
    world.agent("mia")
    handoff = world.handoff(offered_to="mia")
    return world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))


@pytest.fixture
def desk(window: BrowserContext, handoff: Handoff) -> Page:
    page = window.new_page()
    page.goto(f"/desk/sign-in?next=/desk/{handoff.id}")
    page.fill("[name=agent_id]", "mia")
    page.fill("[name=password]", PASSWORD)
    page.click("text=Sign in >> nth=-1")
    expect(page.locator("#suggest")).to_be_visible()
    return page


def test_an_agent_reads_asks_edits_sends_and_acts(
    world: World, handoff: Handoff, desk: Page, model: Model, tmp_path: Path
) -> None:
    complaints: list[str] = []
    desk.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    desk.on("pageerror", lambda error: complaints.append(str(error)))
    first = desk.locator("#article-hits .article").first
    expect(first.locator("mark").first).to_be_visible()
    expect(first.locator(".article-title")).to_have_text("When your refund arrives")

    model.pieces, model.pause = ["Your refund takes 3 to 5 ", "working days [1]."], 0.2
    desk.press("#text", "Alt+g")
    expect(desk.locator("#text")).to_have_value("Your refund takes 3 to 5 working days.")
    expect(desk.locator("#suggest-state")).to_have_text("Read it before you send it.")
    assert world.courier.told == []
    desk.locator(".cite").click()
    expect(first).to_have_attribute("open", "")
    desk.locator("#text").press("End")
    desk.locator("#text").press_sequentially(" Sorry!")
    desk.screenshot(path=tmp_path / "suggested.png")
    desk.press("#text", "Enter")
    expect(desk.locator("#lines .line.agent .bubble")).to_have_text("Your refund takes 3 to 5 working days. Sorry!")

    desk.click("#quick-refund")
    expect(desk.locator("#ask-refund .ask")).to_have_text("Of 4711?")
    desk.fill("#ask-refund [name=order_id]", "10298")
    expect(desk.locator("#ask-refund .ask")).to_have_text("Of 10298?")
    desk.screenshot(path=tmp_path / "asked.png")
    desk.press("#ask-refund [name=order_id]", "Enter")
    expect(desk.locator("#lines")).to_contain_text("Mia Moreau: Refund (order id 10298)")
    run = next(entry for entry in world.store.log(handoff.id) if entry.kind == "action_run")
    world.service.receive(handoff.id, ActionEnded(run.data["run_id"], "Refund", False, "No such order."))
    expect(desk.locator("#lines .failed")).to_contain_text("Refund failed. No such order.")
    expect(desk.locator("#quick-ticket")).to_be_disabled()
    assert complaints == []


def test_a_suggestion_is_stopped_and_taken_out_and_half_of_it_is_never_sent(
    world: World, desk: Page, model: Model
) -> None:
    desk.fill("#text", "Dear Ana,")
    model.pieces, model.pause = ["word "] * 500, 0.05
    desk.click("#suggest")
    expect(desk.locator("#text")).to_have_value(re.compile(r"^Dear Ana,\n\nword word"))
    desk.press("#text", "Enter")
    expect(desk.locator("#suggest-stop")).to_be_visible()
    desk.click("#suggest-stop")
    expect(desk.locator("#suggest-state")).to_have_text("Stopped.")
    desk.click("#suggest-undo")
    expect(desk.locator("#text")).to_have_value("Dear Ana,")
    assert world.courier.told == []


def test_a_failing_model_and_a_canned_reply(desk: Page, model: Model) -> None:
    model.status = 401
    desk.click("#suggest")
    expect(desk.locator("#suggest-state")).to_contain_text("No suggestion: ")
    expect(desk.locator("#text")).to_have_value("")
    desk.click("#quick-hello")
    expect(desk.locator("#text")).to_have_value("Hello Ana Silva!")


def test_articles_are_searched_and_a_passage_is_taken(desk: Page) -> None:
    desk.fill("#article-q", "do you ship to Norway?")
    first = desk.locator("#article-hits .article").first
    expect(first.locator(".article-title")).to_have_text("Countries we deliver to")
    first.locator("summary").click()
    expect(first.locator(".prose")).to_contain_text("Liechtenstein")
    first.locator("[data-insert-from]").click()
    expect(desk.locator("#text")).not_to_have_value("")
    desk.fill("#article-q", "zzzz")
    expect(desk.locator("#article-hits .empty")).to_have_text("No article fits that question.")
