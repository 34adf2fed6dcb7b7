"""The summary at the desk: its states, the lines it rests on, and another try."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import BrowserContext, expect

from rasa_handoff.core.package import Basis, Part, SummaryState
from rasa_handoff.core.summarised import SummaryFailed, SummaryWritten

from .desk_world import World, sign_in
from .test_browser import at_the_desk, complaints, customers_window, window  # noqa: F401

CITED = SummaryWritten(
    ("Ana wants her refund for order 4711.", "The bot asked her to wait.", "Nothing is refunded <b>yet</b>."),
    "gpt-4o-mini",
    (
        Basis(Part.WANTS, (1,), "gpt-4o-mini", compared=False),
        Basis(Part.TRIED, (2,), "gpt-4o-mini"),
        Basis(Part.UNRESOLVED),
    ),
    left_out=1,
)


def test_each_sentence_links_to_its_lines_and_says_when_it_is_the_drafts(world: World, browser: TestClient) -> None:
    world.agent("mia")
    sign_in(browser)
    handoff = world.handoff()
    world.service.receive(handoff.id, CITED)
    page = browser.get(f"/desk/{handoff.id}").text
    assert 'href="#said-1"' in page
    assert 'id="said-1"' in page
    assert "from the draft" in page
    assert "in another language" in page
    assert "did not read 1 of 3 lines" in page
    assert "<b>yet</b>" not in page
    told = browser.get(f"/api/handoffs/{handoff.id}").json()["package"]["summary"]
    assert told["basis"][1] == {"part": "tried", "lines": [2], "source": "gpt-4o-mini", "compared": True}


def test_another_try_is_for_a_summary_that_failed_and_for_none_else(world: World, browser: TestClient) -> None:
    world.agent("mia")
    csrf = sign_in(browser)
    handoff = world.handoff()
    assert "try-again" not in browser.get(f"/desk/{handoff.id}").text
    browser.post(f"/desk/{handoff.id}/summary", data={"csrf": csrf})
    assert world.store.get(handoff.id).summary.state is SummaryState.DRAFT
    world.service.receive(handoff.id, SummaryFailed("The model is away."))
    page = browser.get(f"/desk/{handoff.id}").text
    assert "try-again" in page
    assert "The model is away." in page
    answer = browser.post(f"/desk/{handoff.id}/summary", data={"csrf": csrf})
    assert "the model is writing" in answer.text
    tried = world.store.get(handoff.id).summary
    assert (tried.state, tried.error, tried.sentences) == (SummaryState.PENDING, None, handoff.summary.sentences)


def test_the_api_asks_for_another_try_too(world: World, browser: TestClient) -> None:
    world.agent("mia")
    csrf = sign_in(browser)
    handoff = world.handoff()
    world.service.receive(handoff.id, SummaryFailed("The model is away."))
    answer = browser.post(f"/api/handoffs/{handoff.id}/summary", headers={"x-csrf-token": csrf})
    assert answer.json()["summary"]["state"] == "pending"


@pytest.mark.browser
def test_a_sentence_lights_its_lines_and_its_numbers_open_the_transcript(
    world: World,
    window: BrowserContext,  # noqa: F811
    complaints: list[str],  # noqa: F811
) -> None:
    world.agent("mia")
    handoff = world.handoff()
    world.service.receive(handoff.id, CITED)
    page = at_the_desk(window, f"/desk/{handoff.id}")
    asked = page.locator(".line", has=page.locator("#said-1"))
    expect(asked).to_be_hidden()
    page.locator(".cited a").first.focus()
    page.keyboard.press("Enter")
    expect(asked).to_be_visible()
    expect(asked).to_be_focused()
    page.locator(".cited").nth(1).hover()
    expect(page.locator(".line.lit")).to_have_count(1)
    expect(page.locator(".line.lit .bubble")).to_have_text("I suggest you wait another two days.")
    page.locator("h1").hover()
    expect(page.locator(".line.lit")).to_have_count(0)
    assert complaints == []


@pytest.mark.browser
def test_the_states_change_while_the_page_is_open(
    world: World,
    window: BrowserContext,  # noqa: F811
    complaints: list[str],  # noqa: F811
) -> None:
    world.agent("mia")
    handoff = world.handoff()
    world.service.receive(handoff.id, SummaryFailed("The model is away."))
    page = at_the_desk(window, f"/desk/{handoff.id}")
    page.click("#try-again")
    expect(page.locator("#summary .tag")).to_have_text("Draft · the model is writing")
    world.service.receive(handoff.id, replace(CITED, source="another-model"))
    expect(page.locator("#summary .tag")).to_have_text("By another-model")
    assert complaints == []
