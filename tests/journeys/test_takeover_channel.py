"""A handoff answered in Slack: the real Rasa, action server and desk, with a Slack that answers as Slack does."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rasa_handoff.channel import Press
from scripts.clients import AgentClient, ChatCustomer, wait_until
from scripts.stack import ACTIONS, DESK, Stack
from tests.channels.slack.world import BOT_TOKEN, CHANNEL, SECRET, SlackWorld
from tests.channels.vendor import ANNA
from tests.journeys.changes import changed


@pytest.fixture
def slack(stack: Stack) -> Iterator[SlackWorld]:
    vendor = SlackWorld()
    yield vendor
    vendor.close()


def with_slack(slack: SlackWorld, folder: Path) -> dict[str, str]:
    """The environment of a stack whose support answers in Slack, where Ana is Anna Ng."""
    text = Path("handoff.yml").read_text(encoding="utf-8")
    text = text.replace("  - id: ana\n", f"  - id: ana\n    email: {ANNA.email}\n")
    text += f"""
channels:
  - id: slack
    type: slack
    departments: [support]
    channel: {CHANNEL}
    api_url: {slack.url}/api/
    file_hosts: [127.0.0.1]
"""
    (folder / "handoff.yml").write_text(text, encoding="utf-8")
    secrets = f'{{"slack": {{"bot_token": "{BOT_TOKEN}", "signing_secret": "{SECRET}"}}}}'
    return {
        "HANDOFF_CONFIG": str(folder / "handoff.yml"),
        "HANDOFF_CHANNEL_SECRETS": secrets,
        "HANDOFF_PUBLIC_URL": "https://desk.example.com",
    }


def deliver(slack: SlackWorld, stack: Stack, *, times: int = 1) -> None:
    """Slack calls the desk, as often as it sees fit."""
    hooks, slack.hooks[:] = list(slack.hooks), []
    for hook in hooks:
        for _ in range(times):
            answer = httpx.post(
                f"{stack.desk_url}/hooks/slack{hook.path}", content=hook.body, headers=dict(hook.headers)
            )
            assert answer.status_code == 200, answer.text


def test_a_conversation_goes_to_slack_and_back_to_the_bot(
    stack: Stack, slack: SlackWorld, staff: dict[str, AgentClient], customer: ChatCustomer, tmp_path: Path
) -> None:
    ana = staff["ana"]
    with changed(stack, ACTIONS, DESK, **with_slack(slack, tmp_path)):
        customer.say("Where is my order #10391?")
        customer.hears("bot", "10391")
        customer.say("human please")
        handoff = wait_until(lambda: shown(ana, customer), "Slack shows the handoff")
        key = handoff["places"][0]["key"]
        assert "10391" in slack.context(key)

        slack.press(key, Press.ACCEPT, ANNA)
        deliver(slack, stack, times=2)
        customer.hears("system", "Ana Ferreira")
        wait_until(lambda: "Ana Ferreira" in slack.context(key), "the card says who has it")

        customer.say("are you there?")
        wait_until(lambda: slack.shown(key)[-1:] == ["are you there?"], "Slack shows what the customer says")
        slack.agent_says(key, "I am, and I see order 10391.", ANNA)
        deliver(slack, stack, times=3)
        customer.hears("agent", "I am, and I see order 10391.")
        assert customer.texts("agent") == ["I am, and I see order 10391."]
        assert customer.texts("bot")[-1:] != ["are you there?"]

        slack.press(key, Press.CLOSE, ANNA)
        deliver(slack, stack)
        wait_until(lambda: slack.hooks, "the dialog that was opened is sent")
        deliver(slack, stack)
        wait_until(lambda: ana.handoff(handoff["id"])["handoff"]["status"] == "closed", "it is closed")
        wait_until(lambda: slack.is_released(key), "Slack has let go")
        said = len(customer.texts("bot"))
        customer.say("Where is my order #10391?")
        wait_until(lambda: len(customer.texts("bot")) > said, "the bot answers again", meanwhile=customer.look)


def shown(agent: AgentClient, customer: ChatCustomer) -> dict[str, object] | None:
    newest = agent.newest(customer.conversation_id)
    return newest if newest and newest["places"] else None
