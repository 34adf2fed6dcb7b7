import time

import pytest
from fastapi.testclient import TestClient

from rasa_handoff.core.conversation import Author
from rasa_handoff.core.handoff import Accepted
from rasa_handoff.ports import ChatLine

from .desk_world import World, now


def said(browser: TestClient, least: int = 0) -> list[tuple[str, str]]:
    """The chat's lines as (author, text), once there are at least so many."""
    for _ in range(200):
        lines = browser.get("/chat/messages").json()["lines"]
        if len(lines) >= least:
            return [(line["author"], line["text"]) for line in lines]
        time.sleep(0.01)
    raise AssertionError(f"fewer than {least} lines: {lines}")


def test_the_bot_answers_and_all_of_it_is_there_after_a_reload(world: World, browser: TestClient) -> None:
    browser.get("/chat")
    browser.post("/chat/messages", json={"id": "m1", "text": "مرحبا 👋"})
    talk = [("customer", "مرحبا 👋"), ("bot", "You said: مرحبا 👋")]
    assert said(browser, 2) == talk
    browser.get("/chat")
    assert said(browser) == talk


def test_a_message_sent_twice_is_asked_once(world: World, browser: TestClient) -> None:
    first, second = (browser.post("/chat/messages", json={"id": "m1", "text": "hello"}).json() for _ in range(2))
    assert (first["new"], second["new"]) == (True, False)
    assert said(browser, 2) == [("customer", "hello"), ("bot", "You said: hello")]
    assert world.courier.asked == ["hello"]


def test_a_press_on_a_button_sends_its_payload_and_shows_its_title(world: World, browser: TestClient) -> None:
    press = {"id": "m1", "text": '/inform{"order":"4711"}', "title": "Running shoes"}
    browser.post("/chat/messages", json=press)
    assert said(browser, 2)[0] == ("customer", "Running shoes")
    assert world.courier.asked == ['/inform{"order":"4711"}']


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "The message is empty"), (" \n\t", "The message is empty"), ("x" * 100_000, "at most 16,000")],
)
def test_an_empty_and_a_huge_message_are_refused_clearly(browser: TestClient, text: str, told: str) -> None:
    answer = browser.post("/chat/messages", json={"id": "m1", "text": text})
    assert answer.status_code == 422
    assert told in answer.json()["error"]
    assert said(browser) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_megabytes_is_not_even_read(browser: TestClient, chunked: bool) -> None:
    body = b'{"id": "m1", "text": "' + b"x" * 2_000_000 + b'"}'
    content = iter([body[:900_000], body[900_000:]]) if chunked else body
    answer = browser.post("/chat/messages", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert "1,000,000 bytes" in answer.text


def test_what_no_database_can_keep_is_taken_out(world: World, browser: TestClient) -> None:
    body = r'{"id": "m1", "text": "a\u0000b\ud800c"}'
    browser.post("/chat/messages", content=body, headers={"Content-Type": "application/json"})
    assert said(browser, 2)[0] == ("customer", "ab?c")


def test_a_new_conversation_begins_empty_and_nobody_elses_can_be_guessed(browser: TestClient) -> None:
    old = browser.post("/chat/messages", json={"id": "m1", "text": "hello"}).json()["conversation_id"]
    browser.post("/chat/new")
    assert said(browser) == []
    assert browser.get("/chat/messages").json()["conversation_id"] != old
    browser.cookies.clear()
    browser.cookies.set("handoff_chat", old)
    assert browser.get("/chat/messages").json()["conversation_id"] is None


def test_the_customer_sees_who_answers(world: World, browser: TestClient) -> None:
    world.agent("mia")
    conversation_id = browser.post("/chat/messages", json={"id": "m1", "text": "human"}).json()["conversation_id"]

    def owner() -> dict[str, str | None]:
        told: dict[str, str | None] = browser.get("/chat/messages").json()["owner"]
        return told

    assert owner() == {"status": "bot", "agent_name": None}
    handoff = world.handoff(conversation_id, offered_to="mia")
    assert owner() == {"status": "offered", "agent_name": None}
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    assert owner() == {"status": "active", "agent_name": "Mia Moreau"}


def test_buttons_and_pictures_of_the_bot_reach_the_page_and_a_script_address_does_not(
    world: World, browser: TestClient
) -> None:
    conversation_id = browser.post("/chat/messages", json={"id": "m1", "text": "hi"}).json()["conversation_id"]
    buttons = ({"title": "Yes", "payload": "/affirm"},)
    for id_, picture in (("p1", "https://shop.example/a.png"), ("p2", "javascript:alert(1)")):
        line = ChatLine(0, conversation_id, id_, Author.BOT, None, "", now(), buttons, picture)
        world.store.add_chat(line)
    lines = {line["id"]: line for line in browser.get("/chat/messages").json()["lines"]}
    assert lines["p1"]["buttons"] == [{"title": "Yes", "payload": "/affirm"}]
    assert lines["p1"]["attachment"] == "https://shop.example/a.png"
    assert lines["p2"]["attachment"] is None


def test_the_web_chat_keeps_no_secret(world: World, browser: TestClient) -> None:
    for at, text in enumerate(("my card is 4111 1111 1111 1111", "my password is hunter2")):
        browser.post("/chat/messages", json={"id": f"m{at}", "text": text})
    shown = str(browser.get("/chat/messages").json()) + str(world.store.claim(now(), "w", 30, 100))
    assert "•••• 1111" in shown
    assert "4111" not in shown
    assert "hunter2" not in shown
