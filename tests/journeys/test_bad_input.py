"""What nobody expects to be sent, through the whole stack: handled rightly, or refused with a clear error."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from scripts.clients import AgentClient, ChatCustomer, RestCustomer, wait_until
from scripts.stack import ACTIONS, SERVER, Stack, free_ports
from tests.desk.desk_world import sign_in
from tests.journeys.sides import messages_to_agent

ODD_TEXTS = [
    "Ça marche? 👩🏽‍🚒🏳️‍🌈 naïve ﷽",
    "مرحبا، أين طلبي رقم 10391؟ \u202eshalom\u202c שלום",
    "<img src=x onerror=alert(1)> &amp; {order_id} $(id) '; DROP TABLE log; --",
    "first line\n\tsecond line\r\nthird \u2028 line",
]
ODD_NAME = "<b onmouseover=alert(1)>O'Hara & Søn</b>"
PICTURE = "https://cdn.example/broken%20zip.jpg"


def talking(customer: ChatCustomer | RestCustomer, agent: AgentClient) -> str:
    """The id of a new handoff in which the customer and the agent talk."""
    customer.say("human please")
    handoff_id = str(agent.wait_for(customer.conversation_id, "offered")["id"])
    agent.accept(handoff_id)
    return handoff_id


def test_odd_texts_arrive_unchanged_on_both_sides(customer: ChatCustomer, ana: AgentClient) -> None:
    handoff_id = talking(customer, ana)
    for text in ODD_TEXTS:
        customer.say(text)
        ana.say(handoff_id, text)
    wait_until(lambda: len(customer.texts("agent")) == len(ODD_TEXTS), "the customer has all")
    wait_until(lambda: len(messages_to_agent(ana, handoff_id)) == len(ODD_TEXTS), "the agent has all")
    assert customer.texts("agent") == ODD_TEXTS
    assert messages_to_agent(ana, handoff_id) == ODD_TEXTS


def test_an_empty_message_is_refused_at_the_desk_and_in_the_chat_and_nothing_at_rasa(
    customer: ChatCustomer, rest_customer: RestCustomer, ana: AgentClient
) -> None:
    handoff_id = talking(rest_customer, ana)
    with pytest.raises(httpx.HTTPStatusError, match=r"422.*The message is empty"):
        ana.say(handoff_id, " \n")
    with pytest.raises(httpx.HTTPStatusError, match=r"422.*The message is empty"):
        customer.say("")
    assert [rest_customer.say(text) for text in ("", "   ", "now with words")] == [[], [], []]
    assert messages_to_agent(ana, handoff_id) == ["now with words"]


def test_the_bot_survives_an_empty_message(rest_customer: RestCustomer, ana: AgentClient) -> None:
    rest_customer.say("")
    rest_customer.say("")
    assert any("10391" in text for text in rest_customer.say("Where is my order #10391?"))
    assert ana.newest(rest_customer.conversation_id) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 100_000, id="one word"),
        pytest.param(" ".join(["which cups do you have"] * 4_348), id="many words"),
    ],
)
def test_a_message_of_100_kb_is_answered_and_reaches_the_agent_whole(
    rest_customer: RestCustomer, ana: AgentClient, text: str
) -> None:
    rest_customer.say(text)
    handoff_id = talking(rest_customer, ana)
    assert rest_customer.say(text) == []
    assert messages_to_agent(ana, handoff_id) == [text]


def test_the_desk_and_the_chat_refuse_100_kb_and_name_the_limit(customer: ChatCustomer, ana: AgentClient) -> None:
    handoff_id = talking(customer, ana)
    with pytest.raises(httpx.HTTPStatusError, match=r"422.*at most 16,000"):
        customer.say("x" * 100_000)
    with pytest.raises(httpx.HTTPStatusError, match=r"422.*at most 16,000"):
        ana.say(handoff_id, "x" * 100_000)


def test_a_message_of_only_an_attachment_reaches_the_agent(rest_customer: RestCustomer, ana: AgentClient) -> None:
    sent = {"attachments": [{"type": "image", "url": PICTURE}]}
    rest_customer.say("", sent)
    handoff_id = talking(rest_customer, ana)
    assert rest_customer.say("", sent) == []
    whole = ana.handoff(handoff_id)
    before = [line["attachments"] for line in whole["package"]["transcript"] if line["author"] == "customer"]
    since = [entry["data"]["attachments"] for entry in whole["log"] if entry["kind"] == "customer_messaged"]
    assert [[one["url"] for one in several] for several in (*before, *since)] == [[PICTURE], [], [PICTURE]]


@pytest.mark.parametrize("conversation_id", ["spaces/7/threads/1", "whatsapp:+491700000", "o'hara+a%2Fb@x.example|[1]"])
def test_an_odd_conversation_id_is_only_a_name(stack: Stack, ana: AgentClient, conversation_id: str) -> None:
    customer = RestCustomer(stack.rasa_url, conversation_id)
    handoff_id = talking(customer, ana)
    ana.say(handoff_id, "Hello over there.")
    customer.wait_for_bot("Hello over there.")
    assert customer.say("hello") == []
    assert messages_to_agent(ana, handoff_id) == ["hello"]
    ana.close(handoff_id, "resolved", "Done over there.")
    customer.wait_for_bot("Done over there.")
    assert any("10391" in text for text in customer.say("Where is my order #10391?"))


@pytest.mark.parametrize("conversation_id", ["shop 7", "küche/東京 🛋", "../a?b=c&d#e", "'\"<i>\\"])
def test_nobody_is_promised_a_human_when_rasas_api_cannot_name_the_conversation(
    stack: Stack, ana: AgentClient, conversation_id: str
) -> None:
    customer = RestCustomer(stack.rasa_url, conversation_id)
    assert any("couldn't reach our team" in text for text in customer.say("Can I talk to a human please?"))
    assert ana.newest(conversation_id) is None
    assert "Have the channel's connector give such ids" in stack.log(ACTIONS)
    assert customer.say("hello") != []


def test_an_agents_name_is_text_wherever_it_stands(
    stack: Stack, staff: dict[str, AgentClient], customer: ChatCustomer
) -> None:
    odd = staff["odd"] = stack.agent("odd", "--name", ODD_NAME)
    odd.available()
    handoff_id = talking(customer, odd)
    customer.hears("system", ODD_NAME)
    odd.say(handoff_id, "It is me.")
    customer.hears("agent", "It is me.")
    assert [line["name"] for line in customer.lines() if line["author"] == "agent"] == [ODD_NAME]
    with httpx.Client(base_url=stack.desk_url, follow_redirects=True, timeout=30, trust_env=False) as browser:
        sign_in(browser, "odd", odd.password)
        page = browser.get(f"/desk/{handoff_id}").text
    assert "<b onmouseover" not in page
    assert "&lt;b onmouseover=alert(1)&gt;O&#39;Hara &amp; Søn&lt;/b&gt;" in page


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code of `rasa-handoff ARGUMENTS` and what it printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
    command = [str(SERVER / "rasa-handoff"), *arguments]
    done = subprocess.run(
        command, env=inherited | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("command", [("db", "upgrade"), ("desk",)])
def test_a_database_that_is_not_there_is_a_clear_error(tmp_path: Path, command: tuple[str, ...]) -> None:
    for url in (
        f"sqlite:///{tmp_path}/missing/handoff.sqlite",
        f"postgresql://u:secret@127.0.0.1:{free_ports(1)[0]}/h",
    ):
        code, printed = run(*command, HANDOFF_DATABASE_URL=url)
        assert code == 1
        assert printed.startswith("rasa-handoff: ")
        assert "Traceback" not in printed
        assert "secret" not in printed
        assert "database" in printed.lower()
