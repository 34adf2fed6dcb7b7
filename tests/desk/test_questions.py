"""The bot's questions on the desk and in its API."""

from datetime import timedelta

from fastapi.testclient import TestClient

from rasa_handoff.core.questions import Question, QuestionState

from .desk_world import PASSWORD, World, now, sign_in


def asked(world: World, id: str = "q1", department: str = "support") -> Question:
    at = now()
    question = Question(id, f"c-{id}", department, "<b>20 %</b> off?", "cheaper there", at, at + timedelta(minutes=2))
    return world.store.ask(question, at)


def test_an_agent_sees_the_departments_questions_and_answers(world: World, browser: TestClient) -> None:
    world.agent("mia")
    asked(world)
    asked(world, "q2", "legal")
    csrf = sign_in(browser)
    page = browser.get("/desk").text
    assert "&lt;b&gt;20 %&lt;/b&gt; off?" in page
    assert "cheaper there" in page
    assert page.count('action="/desk/questions/') == 1
    answered = browser.post("/desk/questions/q1/answer", data={"csrf": csrf, "text": "Yes."})
    assert "The bot asks" not in answered.text
    question = world.store.question("q1")
    assert (question.state, question.answer, question.agent_name) == (QuestionState.ANSWERED, "Yes.", "Mia Moreau")


def test_whoever_is_late_or_from_another_department_is_told(world: World, browser: TestClient) -> None:
    world.agent("mia")
    asked(world)
    asked(world, "q2", "legal")
    auth = ("mia", PASSWORD)
    assert [one["id"] for one in browser.get("/api/questions", auth=auth).json()] == ["q1"]
    assert browser.post("/api/questions/q1/answer", auth=auth, json={"text": "Yes."}).json()["state"] == "answered"
    late = browser.post("/api/questions/q1/answer", auth=auth, json={"text": "No."})
    assert (late.status_code, "Mia Moreau was quicker" in late.text) == (409, True)
    other = browser.post("/api/questions/q2/answer", auth=auth, json={"text": "Yes."})
    assert (other.status_code, "There is no question" in other.text) == (404, True)
    assert browser.post("/api/questions/q9/answer", auth=auth, json={"text": "Yes."}).status_code == 404
    assert browser.get("/api/questions").status_code == 401
