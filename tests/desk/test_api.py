from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from rasa_handoff.core.errors import Unreachable

from .desk_world import PASSWORD, World

MIA, TOM = ("mia", PASSWORD), ("tom", PASSWORD)


def test_a_script_takes_a_conversation_from_the_offer_to_the_end(world: World, browser: TestClient) -> None:
    world.agent("mia")
    handoff = world.handoff("web/1?<b>", offered_to="mia")
    address = f"/api/handoffs/{handoff.id}"
    assert [h["status"] for h in browser.get("/api/handoffs", auth=MIA).json()] == ["offered"]
    assert browser.post(f"{address}/accept", auth=MIA).json()["status"] == "active"
    browser.post(f"{address}/messages", auth=MIA, json={"id": "m1", "text": "Hello"})
    ending = {"outcome": "resolved", "note": "Refunded.", "learned": {"refunds": 1}}
    assert browser.post(f"{address}/close", auth=MIA, json=ending).json()["outcome"] == "resolved"
    whole = browser.get(address, auth=MIA).json()
    assert list(whole["package"]) == ["summary", "key_details", "transcript"]
    assert whole["handoff"]["conversation_id"] == "web/1?<b>"
    detail = whole["package"]["key_details"]["details"][0]
    assert (detail["kind"], detail["value"], detail["turn"]) == ("order_id", "4711", 1)
    kinds = [entry["kind"] for entry in whole["log"]]
    assert kinds == ["started", "offered", "accepted", "agent_messaged", "handed_back"]
    assert browser.get("/api/handoffs", auth=MIA).json() == []


def test_of_two_agents_who_pick_at_once_one_wins_and_the_other_is_told(world: World, browser: TestClient) -> None:
    world.agent("mia"), world.agent("tom", "Tom")
    for round_ in range(10):
        handoff = world.handoff(f"web-{round_}")
        address = f"/api/handoffs/{handoff.id}/accept"
        with ThreadPoolExecutor(2) as both:
            picks = both.map(lambda who, to: browser.post(to, auth=who), (MIA, TOM), (address, address))
        statuses = {answer.status_code: answer for answer in picks}
        assert set(statuses) == {200, 409}
        assert "somebody else has taken it" in statuses[409].json()["error"]
        winner = world.store.get(handoff.id).agent_id
        assert statuses[200].json()["agent_id"] == winner
        closed = browser.post(f"/api/handoffs/{handoff.id}/close", auth=(winner, PASSWORD), json={})
        assert closed.status_code == 200


def test_only_the_agent_of_a_conversation_may_write_in_it(world: World, browser: TestClient) -> None:
    world.agent("mia"), world.agent("tom", "Tom")
    handoff = world.handoff(offered_to="mia")
    browser.post(f"/api/handoffs/{handoff.id}/accept", auth=MIA)
    said = {"id": "m1", "text": "Hello"}
    answer = browser.post(f"/api/handoffs/{handoff.id}/messages", auth=TOM, json=said)
    assert answer.status_code == 409
    assert "not the agent of this conversation" in answer.json()["error"]


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic"}, {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}]
)
def test_without_credentials_the_api_asks_for_them(browser: TestClient, headers: dict[str, str]) -> None:
    answer = browser.get("/api/handoffs", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_malformed_request_is_told_what_is_wrong(world: World, browser: TestClient) -> None:
    world.agent("mia")
    handoff = world.handoff(offered_to="mia")
    answer = browser.post(f"/api/handoffs/{handoff.id}/messages", auth=MIA, json={"text": "no id"})
    assert answer.status_code == 422
    assert answer.json()["error"] == "id: Field required"


def test_when_the_store_cannot_be_had_everybody_is_told_to_come_back(
    world: World, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.agent("mia")
    assert browser.get("/healthz").json()["status"] == "ok"

    def gone(*_: object) -> None:
        raise Unreachable("The database does not answer.", retry_after=2)

    for method in ("last_seq", "password_hash", "add_chat"):
        monkeypatch.setattr(world.store, method, gone)
    health = browser.get("/healthz")
    assert (health.status_code, health.json()["store"]) == (503, "unreachable: The database does not answer.")
    answer = browser.get("/api/handoffs", auth=MIA)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert browser.post("/chat/messages", json={"id": "m1", "text": "hi"}).status_code == 503


def test_a_courier_that_has_stopped_makes_the_process_unwell(world: World) -> None:
    async def crash() -> None:
        raise RuntimeError("gone")

    world.courier.run = crash  # type: ignore[method-assign]
    with TestClient(world.app()) as browser:
        answer = browser.get("/healthz")
    assert (answer.status_code, answer.json()["courier"]) == (503, "stopped")


def test_the_metrics_count_open_handoffs_by_status(world: World, browser: TestClient) -> None:
    world.agent("mia")
    world.handoff("one"), world.handoff("two"), world.handoff("three", offered_to="mia")
    told = browser.get("/metrics").text
    assert 'rasa_handoff_open_handoffs{status="waiting"} 2.0' in told
    assert 'rasa_handoff_open_handoffs{status="offered"} 1.0' in told
    assert "rasa_handoff_effects_late_seconds" in told
