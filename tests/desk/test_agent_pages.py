from html import unescape

import pytest
from fastapi.testclient import TestClient

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.delivery import Delayed, Delivered, Undelivered
from rasa_handoff.core.handoff import Accepted, HandedBack, Outcome, Status
from rasa_handoff.core.package import Attempt, Detail, IntentSeen, Quote
from rasa_handoff.core.summarised import SummaryFailed, SummaryWritten

from .desk_world import World, sign_in

IMAGE = Attachment("https://files.example/receipt.png", "image")


@pytest.fixture
def csrf(world: World, browser: TestClient) -> str:
    world.agent("mia")
    return sign_in(browser)


def accepted(world: World, browser: TestClient, csrf: str, **changes: object) -> str:
    handoff = world.handoff(offered_to="mia", **changes)
    answer = browser.post(f"/desk/{handoff.id}/accept", data={"csrf": csrf})
    assert str(answer.url).endswith(f"/desk/{handoff.id}")
    return handoff.id


def test_an_offer_shows_who_why_and_how_long_is_left(world: World, browser: TestClient, csrf: str) -> None:
    handoff = world.handoff(offered_to="mia")
    page = browser.get("/desk").text
    assert "Ana Silva" in page
    assert "Asked for a person" in page
    assert handoff.offer_expires_at is not None
    assert f'data-until="{handoff.offer_expires_at.isoformat(timespec="milliseconds")}"' in page


def test_the_package_can_be_read_in_layers_before_accepting(world: World, browser: TestClient, csrf: str) -> None:
    handoff = world.handoff(offered_to="mia")
    page = unescape(browser.get(f"/desk/{handoff.id}").text)
    layers = ["The customer wants a refund.", "4711", 'Customer said: "human please"']
    layers += [
        "I suggest you wait another two days.",
        "Getting worse",
        "<details",
        "Where is my refund for order 4711?",
    ]
    assert [page.index(layer) for layer in layers] == sorted(page.index(layer) for layer in layers)
    assert "<details open" not in page
    assert "accept" in page
    assert 'id="reply"' not in page


def test_the_summary_says_whether_it_is_a_draft_the_models_or_failed(
    world: World, browser: TestClient, csrf: str
) -> None:
    handoff = world.handoff(offered_to="mia")
    assert "Draft" in browser.get(f"/desk/{handoff.id}").text
    world.service.receive(handoff.id, SummaryFailed("The model did not answer."))
    failed = browser.get(f"/desk/{handoff.id}").text
    assert "the model failed" in failed
    assert "The model did not answer." in failed
    assert "The customer wants a refund." in failed
    world.service.receive(handoff.id, SummaryWritten(("She wants her money.",), "gpt-4o-mini"))
    assert "By gpt-4o-mini" in browser.get(f"/desk/{handoff.id}").text


def test_a_declined_offer_leaves_the_desk(world: World, browser: TestClient, csrf: str) -> None:
    handoff = world.handoff(offered_to="mia")
    browser.post(f"/desk/{handoff.id}/decline", data={"csrf": csrf})
    assert world.store.get(handoff.id).status is Status.WAITING
    assert f"offer-{handoff.id}" not in browser.get("/desk").text


def test_accepting_an_offer_that_is_gone_says_so_on_the_desk(world: World, browser: TestClient, csrf: str) -> None:
    world.agent("tom", "Tom")
    handoff = world.handoff(offered_to="tom")
    answer = browser.post(f"/desk/{handoff.id}/accept", data={"csrf": csrf})
    assert answer.status_code == 409
    assert "The offer is gone" in answer.text
    assert "Your conversations" in answer.text


def test_a_full_agent_who_picks_from_the_queue_is_told_why_not(world: World, browser: TestClient, csrf: str) -> None:
    world.agent("mia", max_chats=1)
    accepted(world, browser, csrf, conversation_id="one")
    answer = browser.post(f"/desk/{world.handoff('two').id}/accept", data={"csrf": csrf})
    assert answer.status_code == 409
    assert "all your places are taken" in answer.text


def test_a_reply_goes_to_the_customer_once_however_often_it_is_sent(
    world: World, browser: TestClient, csrf: str
) -> None:
    handoff_id = accepted(world, browser, csrf)
    for _ in range(2):
        form = {"csrf": csrf, "message_id": "m1", "text": "I am on it."}
        assert browser.post(f"/desk/{handoff_id}/messages", data=form).status_code == 200
    assert [e.kind for e in world.store.log(handoff_id)].count("agent_messaged") == 1
    assert browser.get(f"/desk/{handoff_id}").text.count("I am on it.") == 1


@pytest.mark.parametrize(("text", "told"), [(" \n", "The message is empty"), ("x" * 12_000, "at most 10,000")])
def test_a_reply_that_cannot_be_sent_keeps_the_draft(
    world: World, browser: TestClient, csrf: str, text: str, told: str
) -> None:
    handoff_id = accepted(world, browser, csrf)
    answer = browser.post(f"/desk/{handoff_id}/messages", data={"csrf": csrf, "message_id": "m1", "text": text})
    assert answer.status_code == 422
    assert told in answer.text
    assert text.strip() in answer.text.split("<textarea")[1].split("</textarea>")[0]
    assert "agent_messaged" not in [e.kind for e in world.store.log(handoff_id)]


def test_a_script_gets_the_refusal_alone(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = accepted(world, browser, csrf)
    headers = {"HX-Request": "true", "X-CSRF-Token": csrf}
    answer = browser.post(f"/desk/{handoff_id}/messages", data={"message_id": "m1", "text": ""}, headers=headers)
    assert answer.status_code == 422
    assert answer.text.startswith('<p class="problem">The message is empty.')


def test_what_the_customer_and_the_courier_did_stands_in_the_conversation(
    world: World, browser: TestClient, csrf: str
) -> None:
    handoff_id = accepted(world, browser, csrf)
    world.customer_says(world.store.get(handoff_id), "مرحبا 👋")
    world.customer_says(world.store.get(handoff_id), "", attachments=(IMAGE, Attachment("javascript:alert(1)")))
    world.service.receive(handoff_id, Delayed("e0", "EXTERNAL_handoff_accepted", "Rasa did not answer"))
    world.service.receive(handoff_id, Delivered("e0", "EXTERNAL_handoff_accepted"))
    world.service.receive(handoff_id, Undelivered("e1", "Your refund is on its way.", "Rasa did not answer"))
    page = browser.get(f"/desk/{handoff_id}").text
    assert "Mia Moreau took over" in page
    assert '<p class="bubble" dir="auto">مرحبا 👋</p>' in page
    assert '<img src="https://files.example/receipt.png"' in page
    assert "javascript:" not in page
    assert "Not delivered yet, it is kept and tried again: that you took over (Rasa did not answer)" in page
    assert "Delivered after all: that you took over" in page
    assert "Not delivered: Your refund is on its way. (Rasa did not answer)" in page


def test_closing_takes_outcome_note_and_what_was_learned(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = accepted(world, browser, csrf)
    form = {"csrf": csrf, "outcome": "callback_booked", "note": "Monday, 9:00."}
    rows = {"learned_name": ["order_id", ""], "learned_value": ["4711", ""]}
    browser.post(f"/desk/{handoff_id}/close", data=form | rows)
    closed = world.store.get(handoff_id)
    assert (closed.outcome, closed.note) == (Outcome.CALLBACK_BOOKED, "Monday, 9:00.")
    assert closed.learned == {"order_id": "4711"}
    assert "Callback booked" in browser.get("/desk").text


def test_handing_back_to_the_bot_is_an_outcome_of_its_own(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = accepted(world, browser, csrf)
    browser.post(f"/desk/{handoff_id}/close", data={"csrf": csrf, "outcome": "resolved", "hand_back": "true"})
    assert world.store.get(handoff_id).outcome is Outcome.RETURNED_TO_BOT


@pytest.mark.parametrize("name", ["handoff_status", "not a slot", "", "requested_slot"])
def test_a_slot_the_agent_may_not_set_is_refused(world: World, browser: TestClient, csrf: str, name: str) -> None:
    handoff_id = accepted(world, browser, csrf)
    rows = {"learned_name": name, "learned_value": "x", "note": "kept note"}
    answer = browser.post(f"/desk/{handoff_id}/close", data={"csrf": csrf} | rows)
    assert answer.status_code == 422
    assert "slot" in answer.text
    assert "kept note" in answer.text
    assert world.store.get(handoff_id).is_open


def test_a_closed_conversation_takes_no_more_replies(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = accepted(world, browser, csrf)
    browser.post(f"/desk/{handoff_id}/close", data={"csrf": csrf})
    form = {"csrf": csrf, "message_id": "late", "text": "One more thing"}
    answer = browser.post(f"/desk/{handoff_id}/messages", data=form)
    assert answer.status_code == 409
    assert "This handoff has ended." in answer.text
    assert 'id="reply"' not in answer.text


def test_nothing_that_people_typed_becomes_markup(world: World, browser: TestClient, csrf: str) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    world.agent("mia", nasty)
    handoff_id = accepted(world, browser, csrf, conversation_id=f"slack/C1/{nasty}", customer_name=nasty)
    world.customer_says(world.store.get(handoff_id), nasty)
    form = {"csrf": csrf, "message_id": "m1", "text": nasty}
    browser.post(f"/desk/{handoff_id}/messages", data=form)
    for address in ("/desk", f"/desk/{handoff_id}"):
        page = browser.get(address).text
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_no_page_needs_what_the_content_security_policy_forbids(world: World, browser: TestClient, csrf: str) -> None:
    handoff_id = accepted(world, browser, csrf)
    for address in ("/", "/chat", "/desk/sign-in", "/desk", f"/desk/{handoff_id}"):
        answer = browser.get(address)
        assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert not any(inline in answer.text for inline in ("style=", "<style", "onclick=", "<script>", "hx-on"))


def test_an_unknown_conversation_and_an_unknown_page_are_not_here(browser: TestClient, csrf: str) -> None:
    for address in ("/desk/0123abcd", "/nowhere"):
        answer = browser.get(address)
        assert answer.status_code == 404
        assert "Not here" in answer.text


def test_details_lead_to_their_message_and_contradictions_are_shown_the_latest_first(
    world: World, browser: TestClient, csrf: str
) -> None:
    details = (Detail("name", "Ana Silva", 2), Detail("name", "Anna Silva", 1), Detail("plan", "gold", 0))
    page = unescape(browser.get(f"/desk/{world.handoff(details=details).id}").text)
    assert page.index("Ana Silva</bdi>") < page.index("Anna Silva</bdi>")
    assert "They gave 2; the latest comes first." in page
    assert 'href="#turn-2"' in page
    assert 'id="turn-2"' in page
    assert "known to the bot" in page


def test_what_the_customer_had_before_is_on_the_page_with_its_outcome(
    world: World, browser: TestClient, csrf: str
) -> None:
    before = world.handoff("web-1")
    world.service.receive(before.id, Accepted("mia", "Mia Moreau"))
    world.service.receive(before.id, HandedBack("mia", Outcome.RESOLVED, "sent a new lamp"))
    page = browser.get(f"/desk/{world.handoff('web-1').id}").text
    assert f'href="/desk/{before.id}"' in page
    assert "sent a new lamp" in page


def test_hostile_words_are_only_words(world: World, browser: TestClient, csrf: str) -> None:
    evil = "<img src=x onerror=alert(1)> {{ 7 * 7 }}"
    told = {
        "details": (Detail("order_id", evil, 1, evil, evil), Detail(evil, evil, 1)),
        "promises": (Quote(evil, 1),),
        "done_already": (Quote(evil, 1),),
        "attempted_solutions": (Attempt(evil, 1),),
        "intents": (IntentSeen(evil, 1), IntentSeen("other", 2)),
        "channel": evil,
        "language": "x-" + evil,
    }
    page = browser.get(f"/desk/{world.handoff(**told).id}").text
    assert "<img src=x" not in page
    assert "{{ 7 * 7 }}" in page


def test_an_empty_package_says_so(world: World, browser: TestClient, csrf: str) -> None:
    nothing = {"details": (), "attempted_solutions": (), "history": (), "sentiment": (), "evidence": (), "intent": None}
    page = browser.get(f"/desk/{world.handoff(**nothing).id}").text
    assert "The customer has told no number, name or address yet." in page
