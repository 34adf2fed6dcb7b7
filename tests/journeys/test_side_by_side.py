"""Customer and agent in two real browser windows, through the whole stack. Leaves screenshots in .run/screenshots."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.clients import AgentClient
from scripts.stack import ROOT, Stack

PICTURES = ROOT / ".run/screenshots"

pytestmark = pytest.mark.browser


@pytest.fixture
def customer_page(chromium: Browser, stack: Stack) -> Iterator[Page]:
    yield from window(chromium, stack.desk_url, 460, 820)


@pytest.fixture
def agent_page(chromium: Browser, stack: Stack) -> Iterator[Page]:
    yield from window(chromium, stack.desk_url, 1280, 860)


def window(chromium: Browser, url: str, width: int, height: int) -> Iterator[Page]:
    context = chromium.new_context(base_url=url, viewport={"width": width, "height": height})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    path: Path = PICTURES / f"{name}.png"
    page.screenshot(path=path)


def write(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def line(page: Page, author: str, text: str) -> None:
    expect(page.locator(f"#lines .line.{author}").filter(has_text=text)).to_have_count(1, timeout=30_000)


def test_customer_and_agent_side_by_side(
    customer_page: Page, agent_page: Page, stack: Stack, staff: dict[str, AgentClient]
) -> None:
    ana = staff["ana"]
    agent_page.goto("/desk")
    agent_page.fill("[name=agent_id]", "ana")
    agent_page.fill("[name=password]", ana.password)
    picture(agent_page, "sign-in")
    agent_page.press("[name=password]", "Enter")
    expect(agent_page.get_by_text("The next offer appears here")).to_be_visible()

    customer_page.goto("/chat")
    write(customer_page, "Where's my order #10391? I'm Crystal Minh, crystal.minh@example.org")
    line(customer_page, "bot", "10391")
    write(customer_page, "That was meant to be a birthday present. Can I talk to a human please?")
    line(customer_page, "system", "member of our team")

    offer = agent_page.locator("[id^=offer-]")
    expect(offer).to_contain_text("Crystal Minh")
    expect(agent_page).to_have_title(re.compile(r"^\(1\) "))
    picture(agent_page, "offer")
    agent_page.locator("[id^=accept-]").click()
    for layer in ("Summary", "Already told", "Full transcript"):
        expect(agent_page.get_by_text(layer).first).to_be_visible()
    expect(agent_page.locator("dl.facts").first).to_contain_text("crystal.minh@example.org")
    expect(agent_page.get_by_text("Hi there, and welcome")).to_be_hidden()  # the transcript is folded
    line(customer_page, "system", "Ana Ferreira")

    write(agent_page, "Hello Crystal, Ana here. Shall I send a new one by express?")
    line(customer_page, "agent", "Shall I send a new one")
    write(customer_page, "Yes please 🎂")
    line(agent_page, "customer", "Yes please 🎂")
    picture(agent_page, "conversation")
    picture(customer_page, "chat")

    customer_page.reload()
    line(customer_page, "agent", "Shall I send a new one")
    line(customer_page, "customer", "Yes please 🎂")

    agent_page.locator("#finish summary").click()
    agent_page.fill("#note", "A new blanket is on its way by express.")
    picture(agent_page, "finish")
    agent_page.click("#close")
    line(customer_page, "bot", "A new blanket is on its way by express.")
    picture(customer_page, "chat-after")
    picture(agent_page, "closed")
    write(customer_page, "thank you!")
    expect(customer_page.locator("#lines .line.bot")).to_have_count(3, timeout=30_000)
