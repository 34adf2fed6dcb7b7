"""Passing a conversation on, from the form to the colleague's desk; and being there or not."""

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient

from rasa_handoff.core.handoff import Accepted, AgentMessaged, Status
from rasa_handoff.core.routing import Presence, Role

from .desk_world import PASSWORD, World, now, sign_in


@pytest.fixture
def csrf(world: World, browser: TestClient) -> str:
    world.agent("mia")
    return sign_in(browser)


@pytest.fixture
def talk(world: World, browser: TestClient, csrf: str) -> str:
    """A conversation that Mia has; Tom is there too."""
    world.agent("tom", "Tom Beck")
    handoff = world.handoff(offered_to="mia")
    world.service.receive(handoff.id, Accepted("mia", "Mia Moreau"))
    return handoff.id


def test_a_colleague_is_asked_with_the_note_while_it_stays_with_its_agent(
    world: World, browser: TestClient, csrf: str, talk: str
) -> None:
    form = browser.get(f"/desk/{talk}/transfer").text
    assert "Tom Beck" in form
    assert "agent:mia" not in form
    posted = {"csrf": csrf, "to": "agent:tom", "note": "Knows the case."}
    page = browser.post(f"/desk/{talk}/transfer", data=posted).text
    assert "Tom Beck</bdi> is being asked to take over" in page
    assert 'id="reply"' in page
    handoff = world.store.get(talk)
    assert (handoff.status, handoff.agent_id, handoff.offered_to) == (Status.ACTIVE, "mia", "tom")
    theirs = browser.get("/api/handoffs?mine=true", auth=("tom", PASSWORD)).json()
    assert [one["transfer"]["note"] for one in theirs] == ["Knows the case."]
    taken = browser.post(f"/api/handoffs/{talk}/accept", auth=("tom", PASSWORD)).json()
    assert (taken["agent_id"], taken["previous_agent"], taken["transfer"]) == ("tom", "Mia Moreau", None)
    assert "To be passed on to Tom Beck — Knows the case." in unescape(browser.get(f"/desk/{talk}").text)


def test_whoever_is_invited_sees_from_whom_and_why(world: World, browser: TestClient, csrf: str) -> None:
    world.agent("tom", "Tom Beck")
    handoff = world.handoff(offered_to="tom")
    world.service.receive(handoff.id, Accepted("tom", "Tom Beck"))
    body = {"agent_id": "mia", "note": "She speaks French."}
    assert browser.post(f"/api/handoffs/{handoff.id}/transfer", json=body, auth=("tom", PASSWORD)).status_code == 200
    for address in ("/desk", f"/desk/{handoff.id}"):
        page = browser.get(address).text
        assert "She speaks French." in page
        assert f'id="accept-{handoff.id}"' in page
        assert f'id="chat-{handoff.id}"' not in page  # it is Tom's until she accepts
    browser.post(f"/desk/{handoff.id}/decline", data={"csrf": csrf})
    after = world.store.get(handoff.id)
    assert (after.agent_id, after.transfer) == ("tom", None)
    assert "Declined by Mia Moreau" in browser.get(f"/desk/{handoff.id}").text


def test_a_cold_transfer_lets_go_at_once_and_keeps_the_place(
    world: World, browser: TestClient, csrf: str, talk: str
) -> None:
    before = world.store.get(talk)
    browser.post(f"/desk/{talk}/transfer", data={"csrf": csrf, "to": "department:support", "cold": "true"})
    after = world.store.get(talk)
    assert (after.status, after.agent_id, after.queued_at) == (Status.WAITING, None, before.queued_at)
    assert after.epoch == before.epoch + 1
    assert world.store.agent("mia").active_chats == 0
    world.service.assign()
    assert world.store.get(talk).agent_id == "tom"


def test_a_transfer_can_be_taken_back(world: World, browser: TestClient, csrf: str, talk: str) -> None:
    browser.post(f"/desk/{talk}/transfer", data={"csrf": csrf, "to": "agent:tom"})
    page = browser.post(f"/desk/{talk}/transfer/cancel", data={"csrf": csrf}).text
    assert 'id="transfer"' in page
    assert world.store.agent("tom").active_chats == 0


@pytest.mark.parametrize(
    ("to", "status", "said"),
    [("agent:tom", 409, "Tom Beck is away or has no free place"), ("department:moon", 422, "Choose a colleague")],
)
def test_a_transfer_that_cannot_be_keeps_what_was_typed(
    world: World, browser: TestClient, csrf: str, talk: str, to: str, status: int, said: str
) -> None:
    world.store.set_presence("tom", Presence.AWAY, now())
    answer = browser.post(f"/desk/{talk}/transfer", data={"csrf": csrf, "to": to, "note": "kept note"})
    assert answer.status_code == status
    assert said in answer.text
    assert "kept note" in answer.text
    assert world.store.get(talk).transfer is None


def test_only_whoever_has_it_passes_it_on(world: World, browser: TestClient, csrf: str, talk: str) -> None:
    answer = browser.post(f"/api/handoffs/{talk}/transfer", json={"department": "support"}, auth=("tom", PASSWORD))
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "You are not the agent of this conversation (any more).",
    )


def test_lines_keep_the_name_of_whoever_wrote_them(world: World, browser: TestClient, csrf: str, talk: str) -> None:
    world.service.receive(talk, AgentMessaged("m1", "mia", "One moment.", "Mia Moreau"))
    body = {"agent_id": "tom", "warm": False}
    browser.post(f"/api/handoffs/{talk}/transfer", json=body, auth=("mia", PASSWORD))
    browser.post(f"/api/handoffs/{talk}/accept", auth=("tom", PASSWORD))
    page = browser.get(f"/desk/{talk}").text
    assert "<bdi>Mia Moreau</bdi> <time" in page


def test_an_agent_says_where_they_are(world: World, browser: TestClient, csrf: str) -> None:
    for presence in ("busy", "away", "online"):
        browser.post("/desk/presence", data={"csrf": csrf, "presence": presence})
        assert world.store.agent("mia").presence.value == presence
        page = browser.get("/desk").text
        assert f'id="presence-{presence}"' in page.split('aria-pressed="true"')[0]
    assert browser.post("/desk/presence", data={"csrf": csrf, "presence": "asleep"}).status_code == 422


def test_why_this_agent_stands_with_the_offer(world: World, browser: TestClient, csrf: str) -> None:
    handoff = world.handoff()
    world.service.assign()
    page = browser.get("/desk").text
    assert "<li>works in support</li>" in page
    assert "Offered to Mia Moreau: works in support; speaks en;" in browser.get(f"/desk/{handoff.id}").text


def test_a_request_is_a_sign_of_life_and_reachable_elsewhere_is_kept(world: World, browser: TestClient) -> None:
    world.agent("mia")
    world.store.seen(["mia"], now() - timedelta(hours=1))
    assert browser.get("/api/me", auth=("mia", PASSWORD)).json()["presence"] == "online"
    body = {"seconds": 600}
    assert browser.post("/api/me/reachable", json=body, auth=("mia", PASSWORD)).status_code == 204
    until = world.store.agent("mia").reachable_until
    assert until is not None
    assert until > now() + timedelta(seconds=500)


def test_a_supervisor_finds_what_others_talk_about_and_passes_it_on(
    world: World, browser: TestClient, csrf: str, talk: str
) -> None:
    assert f"team-{talk}" not in browser.get("/desk").text  # Mia's own, and she is no supervisor
    world.store.add_agent(replace(world.store.agent("tom"), role=Role.SUPERVISOR))
    browser.post("/desk/sign-out", data={"csrf": csrf})
    token = sign_in(browser, "tom")
    desk = browser.get("/desk").text
    assert f"team-{talk}" in desk
    assert "Mia Moreau" in desk
    assert f'href="/desk/{talk}/transfer"' in browser.get(f"/desk/{talk}").text
    world.store.set_presence("mia", Presence.ONLINE, now())
    browser.post(f"/desk/{talk}/transfer", data={"csrf": token, "to": "department:support", "cold": "true"})
    assert world.store.get(talk).status is Status.WAITING
