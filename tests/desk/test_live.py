"""The streams, over a real server."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from rasa_handoff.core.handoff import Accepted, AgentMessaged
from rasa_handoff.core.questions import Question, answered
from rasa_handoff.desk import live as live_module
from rasa_handoff.desk.streams import UNLOGGED

from .desk_world import PASSWORD, World, now, token_in

Event = dict[str, str]


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=5, trust_env=False, follow_redirects=True) as client:
        yield client


@contextmanager
def stream(http: httpx.Client, path: str, last_id: str | None = None) -> Iterator[Iterator[Event]]:
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with http.stream("GET", path, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


def events(answer: httpx.Response) -> Iterator[Event]:
    event: Event = {}
    for line in answer.iter_lines():
        if not line:
            if "event" in event:
                yield event
            event = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = f"{event[name]}\n{value}" if name in event else value


def until(stream_: Iterator[Event], name: str) -> Event:
    return next(event for event in stream_ if event["event"] == name)


def sign_in(http: httpx.Client) -> str:
    token = token_in(http.get("/desk/sign-in").text)
    answer = http.post("/desk/sign-in", data={"csrf": token, "agent_id": "mia", "password": PASSWORD})
    return token_in(answer.text)


def test_an_offer_appears_on_the_desk_by_itself(world: World, http: httpx.Client) -> None:
    world.agent("mia")
    sign_in(http)
    with stream(http, f"/desk/stream?after={world.store.last_seq()}") as live:
        handoff = world.handoff(offered_to="mia")
        found = (event for event in live if event["event"] == "offers")
        offers = next(event for event in found if f"offer-{handoff.id}" in event["data"])
        assert int(offers["id"]) == world.store.last_seq()


def test_a_question_of_the_bot_appears_on_the_desk_by_itself_and_goes_when_it_is_settled(
    world: World, http: httpx.Client
) -> None:
    world.agent("mia")
    sign_in(http)
    with stream(http, f"/desk/stream?after={world.store.last_seq()}") as live:
        question = Question("q1", "c1", "support", "20 % off?", "", now(), now() + timedelta(minutes=2))
        world.store.ask(question, now())
        found = (event["data"] for event in live if event["event"] == "questions")
        assert next(html for html in found if "20 % off?" in html)
        world.store.settle(answered(question, "ben", "Ben", "Yes."), now())
        assert "20 % off?" not in next(found)


def test_a_desk_that_saw_everything_is_sent_nothing_until_something_happens(world: World, http: httpx.Client) -> None:
    world.agent("mia")
    world.handoff("one", offered_to="mia")
    sign_in(http)
    with stream(http, f"/desk/stream?after={world.store.last_seq()}") as live:
        time.sleep(0.3)
        world.handoff("two")
        assert next(event["event"] for event in live if event["event"] not in UNLOGGED) == "queue"


def test_a_conversation_resumes_after_the_last_line_that_was_seen(world: World, http: httpx.Client) -> None:
    world.agent("mia")
    sign_in(http)
    handoff = world.handoff(offered_to="mia")
    path = f"/desk/{handoff.id}/stream?after={world.store.last_seq()}"
    with stream(http, path) as live:
        world.customer_says(handoff, "first")
        line = until(live, "lines")
        assert "first" in line["data"]
    world.customer_says(handoff, "second")
    world.customer_says(handoff, "third")
    with stream(http, path, last_id=line["id"]) as live:
        assert ["second" in until(live, "lines")["data"], "third" in until(live, "lines")["data"]] == [True, True]


def test_the_customers_chat_resumes_after_the_last_line_that_was_seen(world: World, http: httpx.Client) -> None:
    http.post("/chat/messages", json={"id": "m1", "text": "one"})
    with stream(http, "/chat/stream") as live:
        lines = [until(live, "line"), until(live, "line")]
        assert [json.loads(line["data"])["text"] for line in lines] == ["one", "You said: one"]
    http.post("/chat/messages", json={"id": "m2", "text": "two"})
    with stream(http, "/chat/stream?after=0", last_id=lines[-1]["id"]) as live:
        assert json.loads(until(live, "line")["data"])["text"] == "two"


def test_an_open_web_chat_is_a_sign_of_life_of_its_customer(
    world: World, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "VISIT", 0.05)
    conversation_id = http.post("/chat/messages", json={"id": "m1", "text": "human"}).json()["conversation_id"]
    world.handoff(conversation_id)
    with stream(http, "/chat/stream") as live:
        until(live, "ready")
        begun = now()
        assert eventually(lambda: (world.store.customer_seen(conversation_id) or begun) > begun)
    time.sleep(0.5)
    closed = world.store.customer_seen(conversation_id)
    time.sleep(0.3)
    assert world.store.customer_seen(conversation_id) == closed


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def test_the_agents_words_and_typing_reach_the_customer(world: World, http: httpx.Client) -> None:
    world.agent("mia")
    csrf = sign_in(http)
    conversation_id = http.post("/chat/messages", json={"id": "m1", "text": "human"}).json()["conversation_id"]
    with stream(http, "/chat/stream") as live:
        until(live, "ready")
        handoff = world.handoff(conversation_id, offered_to="mia")
        assert json.loads(until(live, "owner")["data"])["status"] == "offered"
        world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
        assert json.loads(until(live, "owner")["data"]) == {"status": "active", "agent_name": "Mia Moreau"}
        assert http.post(f"/desk/{handoff.id}/typing", headers={"X-CSRF-Token": csrf}).status_code == 204
        until(live, "typing")
        world.service.receive(handoff.id, AgentMessaged("a1", "mia", "Hello, I have read it all."))
        line = json.loads(until(live, "line")["data"])
        assert (line["author"], line["name"], line["text"]) == ("agent", "Mia Moreau", "Hello, I have read it all.")


def test_streams_are_only_for_whom_they_concern(world: World, http: httpx.Client) -> None:
    assert http.get("/chat/stream").status_code == 204
    assert str(http.get("/desk/stream").url).endswith("/desk/sign-in")
