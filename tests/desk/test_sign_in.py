from fastapi.testclient import TestClient

from .desk_world import PASSWORD, World, sign_in, token_in


def test_signing_in_makes_the_agent_available_and_signing_out_away(world: World, browser: TestClient) -> None:
    world.agent("mia", online=False)
    csrf = sign_in(browser)
    assert world.store.agent("mia").available
    browser.post("/desk/sign-out", data={"csrf": csrf})
    assert not world.store.agent("mia").available
    assert str(browser.get("/desk").url).endswith("/desk/sign-in?next=/desk")


def test_a_wrong_password_and_an_unknown_agent_are_told_the_same(world: World, browser: TestClient) -> None:
    world.agent("mia")
    told = []
    for agent_id, password in (("mia", "guess"), ("nobody", PASSWORD)):
        token = token_in(browser.get("/desk/sign-in").text)
        answer = browser.post("/desk/sign-in", data={"csrf": token, "agent_id": agent_id, "password": password})
        assert answer.status_code == 401
        told.append(answer.text.replace(agent_id, "-"))
    assert "The agent id or the password is wrong." in told[0]
    assert told[0].split("<form")[0] == told[1].split("<form")[0]


def test_after_five_wrong_passwords_even_the_right_one_has_to_wait(world: World, browser: TestClient) -> None:
    world.agent("mia")
    for _ in range(5):
        assert browser.get("/api/handoffs", auth=("mia", "guess")).status_code == 401
    answer = browser.get("/api/handoffs", auth=("mia", PASSWORD))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_a_form_without_the_token_changes_nothing(world: World, browser: TestClient) -> None:
    world.agent("mia")
    handoff = world.handoff(offered_to="mia")
    sign_in(browser)
    for data in ({}, {"csrf": "forged"}):
        answer = browser.post(f"/desk/{handoff.id}/accept", data=data)
        assert answer.status_code == 403
        assert "Load it again" in answer.text
    assert world.store.get(handoff.id).status == "offered"


def test_the_api_wants_the_token_from_a_session_and_not_from_basic(world: World, browser: TestClient) -> None:
    world.agent("mia")
    assert browser.post("/api/me/available", json={"available": False}, auth=("mia", PASSWORD)).status_code == 200
    csrf = sign_in(browser)
    assert browser.post("/api/me/available", json={"available": False}).status_code == 403
    token = {"X-CSRF-Token": csrf}
    assert browser.post("/api/me/available", json={"available": False}, headers=token).json()["available"] is False


def test_the_page_that_was_asked_for_comes_after_signing_in_but_no_other_site(
    world: World, browser: TestClient
) -> None:
    world.agent("mia")
    handoff = world.handoff()
    for wanted, reached in (
        (f"/desk/{handoff.id}", f"/desk/{handoff.id}"),
        ("https://evil.example/desk", "/desk"),
        ("//evil.example", "/desk"),
    ):
        token = token_in(browser.get("/desk/sign-in").text)
        form = {"csrf": token, "agent_id": "mia", "password": PASSWORD, "next": wanted}
        answer = browser.post("/desk/sign-in", data=form, follow_redirects=False)
        assert answer.headers["location"] == reached


def test_another_sites_page_can_change_nothing(world: World, browser: TestClient) -> None:
    said = {"id": "m1", "text": "hello"}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.post("/chat/messages", json=said, headers=headers).status_code == 403
    assert browser.post("/chat/messages", json=said, headers={"Origin": "http://testserver"}).status_code == 200


def test_cookies_are_out_of_scripts_reach_and_secure_behind_https(world: World) -> None:
    for base, secure in (("http://testserver", False), ("https://testserver", True)):
        with TestClient(world.app(), base_url=base) as browser:
            cookie = browser.get("/desk/sign-in").headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert ("Secure" in cookie) is secure
