"""The callbacks and e-mails that are owed, worked from the desk."""

from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient

from rasa_handoff.core.follow_up import CallbackBooked, EmailTaken, EmailUndelivered, FollowUpState, Recipient
from rasa_handoff.core.told import SlaMissed

from .desk_world import World, now, sign_in

PAGE = "/desk/follow-ups"


@pytest.fixture
def csrf(world: World, browser: TestClient) -> str:
    world.agent("mia")
    return sign_in(browser)


def booked(world: World, hours: float = 1, conversation_id: str = "web-1") -> str:
    event = CallbackBooked("+442079460018", now() + timedelta(hours=hours))
    return world.service.receive(world.handoff(conversation_id).id, event).id


def state(world: World, handoff_id: str) -> FollowUpState:
    follow_up = world.store.get(handoff_id).follow_up
    assert follow_up is not None
    return follow_up.state


def test_what_is_owed_is_listed_by_due_time_with_whom_to_reach_and_why(
    world: World, browser: TestClient, csrf: str
) -> None:
    later, soon = booked(world, 2, "later"), booked(world, 1, "soon")
    page = browser.get(PAGE).text
    assert page.index(f"follow-up-{soon}") < page.index(f"follow-up-{later}")
    assert 'href="tel:+442079460018"' in page
    assert "+44 20 7946 0018" in page
    assert "The customer wants a refund." in page
    assert "Overdue" not in page


def test_what_is_overdue_says_so(world: World, browser: TestClient, csrf: str) -> None:
    booked(world, -1)
    assert "Overdue" in browser.get(PAGE).text


def test_a_callback_is_taken_done_and_reopened(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = booked(world)
    page = browser.post(f"{PAGE}/{handoff_id}/take", data={"csrf": csrf}).text
    assert "Mia Moreau" in page
    browser.post(f"{PAGE}/{handoff_id}/done", data={"csrf": csrf, "note": "Sorted on the phone."})
    assert state(world, handoff_id) is FollowUpState.DONE
    assert "Sorted on the phone." in browser.get(PAGE).text
    browser.post(f"{PAGE}/{handoff_id}/reopen", data={"csrf": csrf})
    assert state(world, handoff_id) is FollowUpState.OPEN
    browser.post(f"{PAGE}/{handoff_id}/failed", data={"csrf": csrf, "note": "No answer."})
    assert state(world, handoff_id) is FollowUpState.FAILED


def test_what_somebody_else_has_taken_is_refused_with_who_has_it(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = booked(world)
    world.agent("ben", "Ben Okafor")
    with TestClient(browser.app) as other:
        token = sign_in(other, "ben")
        other.post(f"{PAGE}/{handoff_id}/take", data={"csrf": token})
    refused = browser.post(f"{PAGE}/{handoff_id}/done", data={"csrf": csrf})
    assert refused.status_code == 409
    assert "Ben Okafor has taken this." in unescape(refused.text)


def test_an_email_that_could_not_be_sent_is_seen(world: World, browser: TestClient, csrf: str) -> None:
    handoff = world.service.receive(world.handoff().id, EmailTaken("ana@example.com", now() + timedelta(hours=24)))
    world.service.receive(handoff.id, EmailUndelivered(Recipient.TEAM, "550 no such user"))
    page = browser.get(PAGE).text
    assert "The e-mail to the team was not sent: 550 no such user" in page
    assert 'href="mailto:ana@example.com"' in page


def test_a_form_without_its_token_changes_nothing(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = booked(world)
    assert browser.post(f"{PAGE}/{handoff_id}/take").status_code == 403
    assert state(world, handoff_id) is FollowUpState.OPEN


def test_the_page_needs_a_sign_in(browser: TestClient) -> None:
    assert browser.get(PAGE, follow_redirects=False).headers["location"].startswith("/desk/sign-in")


def test_whoever_waits_longer_than_promised_is_marked_in_the_queue(
    world: World, browser: TestClient, csrf: str
) -> None:
    world.service.receive(world.handoff().id, SlaMissed())
    assert "Longer than promised" in browser.get("/desk").text
