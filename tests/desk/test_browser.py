"""The pages' scripts, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from rasa_handoff.core.conversation import Author
from rasa_handoff.core.errors import Unreachable
from rasa_handoff.core.handoff import Accepted, AgentMessaged, HandedBack, Outcome
from rasa_handoff.ports import ChatLine

from .desk_world import PASSWORD, World, now

pytestmark = pytest.mark.browser


@pytest.fixture
def window(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """The agent's, or the customer's when they are alone."""
    yield from opened(chromium, address)


@pytest.fixture
def customers_window(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    yield from opened(chromium, address)


def opened(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=address)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def complaints(window: BrowserContext, customers_window: BrowserContext) -> list[str]:
    """What the browser complains about: violations of the content security policy, errors of scripts."""
    heard: list[str] = []
    for each in (window, customers_window):
        each.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
        each.on("weberror", lambda error: heard.append(str(error.error)))
    return heard


def at_the_desk(window: BrowserContext, path: str = "/desk") -> Page:
    page = window.new_page()
    page.goto(f"/desk/sign-in?next={path}")
    page.fill("[name=agent_id]", "mia")
    page.fill("[name=password]", PASSWORD)
    page.click("text=Sign in >> nth=-1")
    page.wait_for_url(f"**{path}")
    return page


def in_the_chat(window: BrowserContext) -> Page:
    page = window.new_page()
    page.goto("/chat")
    return page


def write(page: Page, text: str) -> None:
    page.fill("#text", text)
    page.press("#text", "Enter")


def test_a_customer_and_an_agent_talk_side_by_side(
    world: World, window: BrowserContext, customers_window: BrowserContext, complaints: list[str]
) -> None:
    world.agent("mia")
    desk, chat = at_the_desk(window), in_the_chat(customers_window)
    write(chat, "I want a human")
    expect(chat.locator(".line.bot .bubble")).to_have_text("You said: I want a human")
    handoff = world.handoff(chat.locator("body").get_attribute("data-conversation") or "", offered_to="mia")

    expect(desk.locator(f"#offer-{handoff.id}")).to_be_visible()
    expect(desk).to_have_title("(1) My desk")
    desk.click(f"#accept-{handoff.id}")
    expect(chat.locator("#owner-name")).to_have_text("Mia Moreau")

    desk.locator("#text").press_sequentially("Hello")
    expect(chat.locator("#typing-who")).to_have_text("Mia Moreau is writing")
    desk.press("#text", "Shift+Enter")
    desk.locator("#text").press_sequentially("Ana")
    desk.press("#text", "Enter")
    expect(chat.locator(".line.agent .bubble")).to_have_text("Hello\nAna", use_inner_text=True)
    expect(desk.locator("#lines .line.agent .bubble")).to_have_count(1)
    expect(desk.locator("#text")).to_have_value("")

    world.customer_says(handoff, "Thank you")
    expect(desk.locator("#lines .line.customer .bubble")).to_have_text("Thank you")
    desk.click("#finish summary")
    desk.fill("#note", "All done.")
    desk.click("#hand-back")
    expect(chat.locator("#owner-name")).to_have_text("Assistant")
    assert world.store.get(handoff.id).outcome is Outcome.RETURNED_TO_BOT
    assert complaints == []


def test_what_a_customer_writes_offline_is_sent_once_when_they_are_back(world: World, window: BrowserContext) -> None:
    chat = in_the_chat(window)
    window.set_offline(True)
    write(chat, "Are you there?")
    expect(chat.locator(".sending .state")).to_have_text("Sending…")
    expect(chat.locator("#offline")).to_be_visible()
    chat.wait_for_timeout(1500)
    window.set_offline(False)
    expect(chat.locator(".line.bot .bubble")).to_have_text("You said: Are you there?")
    expect(chat.locator(".line.customer")).to_have_count(1)
    expect(chat.locator(".sending")).to_have_count(0)
    assert world.courier.asked == ["Are you there?"]


def test_what_is_written_before_the_history_has_come_is_shown_once(world: World, window: BrowserContext) -> None:
    for path in ("**/chat/stream*", "**/chat/messages"):
        window.route(path, lambda route: route.abort())
    chat = in_the_chat(window)
    write(chat, "Quick")
    window.unroute("**/chat/stream*")
    expect(chat.locator("#lines[aria-live=polite]")).to_have_count(1, timeout=10_000)
    expect(chat.locator(".sending")).to_have_count(1)
    window.unroute("**/chat/messages")
    expect(chat.locator(".line.bot .bubble")).to_have_text("You said: Quick", timeout=10_000)
    expect(chat.locator(".line.customer")).to_have_count(1)


def test_a_message_that_never_left_survives_a_reload(world: World, window: BrowserContext) -> None:
    chat = in_the_chat(window)
    window.route("**/chat/messages", lambda route: route.abort())
    write(chat, "Keep this")
    expect(chat.locator(".sending")).to_have_count(1)
    window.unroute("**/chat/messages")
    chat.reload()
    expect(chat.locator(".line.bot .bubble")).to_have_text("You said: Keep this")
    expect(chat.locator(".line.customer")).to_have_count(1)


def test_empty_and_too_long_messages_are_refused_in_the_page(world: World, window: BrowserContext) -> None:
    chat = in_the_chat(window)
    write(chat, "   ")
    expect(chat.locator("#problem")).to_have_text("Write something first.")
    write(chat, "x" * 16_001)
    expect(chat.locator("#problem")).to_contain_text("at most 16,000")
    assert chat.input_value("#text").startswith("xxx")
    assert world.courier.asked == []


def test_an_agents_reply_that_cannot_be_sent_stays_in_the_box(world: World, window: BrowserContext) -> None:
    world.agent("mia")
    handoff = world.handoff(offered_to="mia")
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    desk = at_the_desk(window, f"/desk/{handoff.id}")
    desk.route("**/messages", lambda route: route.abort())
    write(desk, "One moment")
    expect(desk.locator("#reply-problem")).to_contain_text("cannot be reached")
    expect(desk.locator("#text")).to_have_value("One moment")
    desk.unroute("**/messages")
    desk.reload()
    expect(desk.locator("#text")).to_have_value("One moment")
    desk.locator("#send").dblclick()
    expect(desk.locator("#lines .line.agent .bubble")).to_have_text(["One moment"])
    expect(desk.locator("#text")).to_have_value("")


def test_an_open_conversation_follows_what_others_do(world: World, window: BrowserContext) -> None:
    world.agent("mia")
    handoff = world.handoff(offered_to="mia")
    desk = at_the_desk(window, f"/desk/{handoff.id}")
    expect(desk.locator("#composer")).to_contain_text("Accept")
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    expect(desk.locator("#reply")).to_be_visible()
    world.service.receive(handoff.id, AgentMessaged("from-a-script", "mia", "Hello from elsewhere"))
    expect(desk.locator("#lines .line.agent .bubble")).to_have_text(["Hello from elsewhere"])
    world.service.receive(handoff.id, HandedBack("mia", Outcome.RESOLVED, "Done."))
    expect(desk.locator("#reply")).to_have_count(0)
    expect(desk.locator("#composer")).to_contain_text("Resolved")


def test_after_an_outage_of_the_store_no_line_is_missing_or_repeated(
    world: World, window: BrowserContext, customers_window: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.agent("mia")
    chat = in_the_chat(customers_window)
    handoff = world.handoff(chat.locator("body").get_attribute("data-conversation") or "", offered_to="mia")
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    desk = at_the_desk(window, f"/desk/{handoff.id}")
    write(chat, "one")
    world.customer_says(handoff, "one")
    expect(desk.locator("#lines .line.customer")).to_have_count(1)
    expect(chat.locator(".line.bot")).to_have_count(1)

    def gone(*_: object) -> None:
        raise Unreachable("The database does not answer.")

    with monkeypatch.context() as outage:
        for method in ("last_seq", "agent", "newest"):
            outage.setattr(world.store, method, gone)
        world.customer_says(handoff, "two")
        expect(desk.locator("#offline")).to_be_visible()
        expect(chat.locator("#offline")).to_be_visible()
        desk.wait_for_timeout(2000)  # the browser gives the desk's stream up; the page makes a new one
    write(chat, "two")
    expect(desk.locator("#lines .line.customer .bubble")).to_have_text(["one", "two"])
    expect(chat.locator(".line.customer .bubble")).to_have_text(["one", "two"])
    expect(desk.locator("#offline")).to_be_hidden()


def test_other_ways_than_waiting_can_be_pressed_through_news_about_the_wait_until_somebody_is_there(
    world: World, customers_window: BrowserContext
) -> None:
    world.agent("mia")
    chat = in_the_chat(customers_window)
    conversation = chat.locator("body").get_attribute("data-conversation") or ""
    handoff = world.handoff(conversation, offered_to="mia")
    buttons = ({"title": "Call me back", "payload": "/handoff_callback"},)
    for number, dressed in ((1, buttons), (2, ())):
        line = ChatLine(0, conversation, f"l{number}", Author.SYSTEM, None, f"News {number}", now(), dressed)
        world.store.add_chat(line)
    expect(chat.locator(".line.system .bubble").last).to_have_text("News 2")
    expect(chat.locator(".choice")).to_have_text("Call me back")
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    expect(chat.locator("#owner-name")).to_have_text("Mia Moreau")
    expect(chat.locator(".choice")).to_have_count(0)
