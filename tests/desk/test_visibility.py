"""Who sees what on the desk: the lists, the pages, the streams and the API of two departments and a supervisor."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from rasa_handoff.core.follow_up import CallbackBooked, FollowUpTaken
from rasa_handoff.core.handoff import Accepted, HandedBack, Handoff, Need, Outcome, Transferred, Widened
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.routing import Presence, Role
from rasa_handoff.core.visibility import Visibility
from rasa_handoff.desk.auth import visible

from .desk_world import CHEAP, PASSWORD, World, now, sign_in
from .test_live import http, stream, until  # noqa: F401 (http is a fixture)

POLICY = Policy(
    departments={"support": "Support", "trust": "Trust"},
    fallbacks={"support": ("trust",)},
)


@pytest.fixture(autouse=True)
def team(world: World) -> None:
    """Mia of support, Ted of trust, and Sue, trust's supervisor."""
    world.service.policy = POLICY
    mia = world.agent("mia")
    for agent_id, role in (("ted", Role.AGENT), ("sue", Role.SUPERVISOR)):
        other = replace(mia, id=agent_id, name=agent_id.title(), department="trust", role=role)
        world.store.add_agent(replace(other, presence=Presence.OFFLINE), CHEAP.hash(PASSWORD))
        world.store.set_presence(agent_id, Presence.ONLINE, now())


def auth(agent_id: str) -> tuple[str, str]:
    return (agent_id, PASSWORD)


def routes(app: FastAPI | APIRouter) -> Iterator[APIRoute]:
    for route in app.routes:
        if isinstance(route, APIRoute):
            yield route
        elif router := getattr(route, "original_router", None):  # FastAPI keeps an included router as it is
            yield from routes(router)


def asks_for(dependant: Dependant, call: object) -> bool:
    return dependant.call is call or any(asks_for(one, call) for one in dependant.dependencies)


def parameters(dependant: Dependant) -> Iterator[str]:
    yield from (one.name for one in (*dependant.path_params, *dependant.query_params, *dependant.body_params))
    for one in dependant.dependencies:
        yield from parameters(one)


def about_a_handoff(app: FastAPI) -> list[APIRoute]:
    named = [(route, set(parameters(route.dependant))) for route in routes(app)]
    return [route for route, names in named if names & {"handoff", "handoff_id"}]


def test_every_route_with_a_handoff_asks_whether_it_may_be_seen(world: World) -> None:
    found = about_a_handoff(world.app())
    assert len(found) > 20
    assert [f"{route.methods} {route.path}" for route in found if not asks_for(route.dependant, visible)] == []


def test_no_address_names_a_handoff_in_another_way(world: World) -> None:
    """Else the test above would not find it. Files are signed, and channels' webhooks verify what they are sent."""
    known = {"handoff_id", "question_id", "article_id:path", "action_id", "token", "name", "channel_id}{path:path"}
    named = {part[1:-1] for route in routes(world.app()) for part in route.path.split("/") if part.startswith("{")}
    assert named == known


def test_what_one_may_not_see_answers_word_for_word_as_what_is_not_there(world: World, browser: TestClient) -> None:
    hidden, missing = world.handoff(offered_to="mia").id, "0" * 32
    before = world.store.get(hidden)
    csrf = sign_in(browser, "ted")
    tried = 0
    for route in about_a_handoff(world.app()):
        for method in route.methods:
            answers = []
            for handoff_id in (hidden, missing):
                address = route.path.replace("{handoff_id}", handoff_id).replace("{action_id}", "refund")
                headers = {"X-CSRF-Token": csrf}
                body = {"id": "m1", "text": "hi"} if route.path.startswith("/api/") else None
                answer = browser.request(method, address, headers=headers, json=body)
                answers.append((answer.status_code, answer.text.replace(handoff_id, "ID")))
            assert answers[0] == answers[1], (method, route.path)
            assert answers[0][0] == 404, (method, route.path)
            tried += 1
    assert tried > 20
    assert world.store.get(hidden) == before


def test_the_desk_lists_the_departments_own_and_a_supervisors_everybodys(world: World, browser: TestClient) -> None:
    handoff = world.handoff()
    for agent_id, sees in (("mia", True), ("ted", False), ("sue", True)):
        listed = [one["id"] for one in browser.get("/api/handoffs", auth=auth(agent_id)).json()]
        assert (listed == [handoff.id]) is sees
        sign_in(browser, agent_id)
        assert (f"queued-{handoff.id}" in browser.get("/desk").text) is sees
        assert browser.get(f"/desk/{handoff.id}").status_code == (200 if sees else 404)


def test_a_queue_that_may_be_helped_out_appears_when_its_ring_has_widened(world: World, browser: TestClient) -> None:
    first, second = helped(world, "one"), helped(world, "two")
    sign_in(browser, "ted")
    assert f"queued-{second.id}" not in browser.get("/desk").text
    world.service.receive(second.id, Widened(2))
    page = browser.get("/desk").text
    assert f"queued-{second.id}" in page
    assert f"queued-{first.id}" not in page
    assert 'aria-label="Place 2"' in page  # whoever is before it is, seen or not
    assert [one["id"] for one in browser.get("/api/handoffs", auth=auth("ted")).json()] == [second.id]
    assert browser.post(f"/api/handoffs/{second.id}/accept", auth=auth("ted")).status_code == 200


def test_the_customers_earlier_handoffs_are_linked_only_where_they_may_be_read(
    world: World, browser: TestClient
) -> None:
    earlier = closed(world, "trust")
    handoff = world.handoff("web-2")
    for agent_id, sees in (("mia", False), ("sue", True)):
        sign_in(browser, agent_id)
        assert (f"/desk/{earlier.id}" in browser.get(f"/desk/{handoff.id}").text) is sees


def test_callbacks_are_listed_for_those_who_may_see_them(world: World, browser: TestClient) -> None:
    handoff = world.handoff()
    world.service.receive(handoff.id, CallbackBooked("+442079460018", now() + timedelta(hours=1)))
    for agent_id, sees in (("mia", True), ("ted", False), ("sue", True)):
        sign_in(browser, agent_id)
        assert (handoff.id in browser.get("/desk/follow-ups").text) is sees
    world.service.receive(handoff.id, FollowUpTaken("ted", "Ted"))  # as when Ted has changed departments
    sign_in(browser, "ted")
    assert handoff.id in browser.get("/desk/follow-ups").text


def test_an_open_page_of_what_has_gone_to_another_department_says_so_and_hears_no_more(
    world: World,
    http: httpx.Client,  # noqa: F811
) -> None:
    world.store.add_agent(replace(world.agent("mia"), id="max", name="Max"), CHEAP.hash(PASSWORD))
    handoff = world.handoff(offered_to="mia")
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    token = http.get("/desk/sign-in").text.split('name="csrf" value="')[1].split('"')[0]
    http.post("/desk/sign-in", data={"csrf": token, "agent_id": "max", "password": PASSWORD})
    with stream(http, f"/desk/{handoff.id}/stream?after={world.store.last_seq()}") as live:
        world.customer_says(handoff, "only for support")
        assert "only for support" in until(live, "lines")["data"]
        world.service.receive(handoff.id, Transferred("mia", "trust", warm=False))
        composers = (event["data"] for event in live if event["event"] == "composer")
        assert any("no longer among yours" in html for html in composers)
        world.customer_says(handoff, "only for trust")
        world.service.receive(handoff.id, Accepted("ted", "Ted"))
        world.service.receive(handoff.id, HandedBack("ted", Outcome.RESOLVED))
        assert http.get(f"/desk/{handoff.id}").status_code == 404
    assert http.get(f"/desk/{handoff.id}/stream").status_code == 404


def test_a_team_may_let_everybody_see_everything(world: World, browser: TestClient) -> None:
    world.service.policy = replace(POLICY, visibility=Visibility.EVERYTHING)
    handoff = world.handoff()
    assert browser.get(f"/api/handoffs/{handoff.id}", auth=auth("ted")).status_code == 200
    assert [one["id"] for one in browser.get("/api/handoffs", auth=auth("ted")).json()] == [handoff.id]


def helped(world: World, conversation_id: str) -> Handoff:
    """One that waits in support, which trust may help out later."""
    return opened(world, conversation_id, Need("support", fallback=("trust",)))


def closed(world: World, department: str) -> Handoff:
    handoff = opened(world, "web-1", Need(department))
    world.service.receive(handoff.id, Accepted("ted", "Ted"))
    return world.service.receive(handoff.id, HandedBack("ted", Outcome.RESOLVED))


def opened(world: World, conversation_id: str, need: Need) -> Handoff:
    return world.handoff(conversation_id, need=need)
