"""The fake workspace notices what Slack does not have: otherwise it would prove nothing."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from rasa_handoff.channels.slack.api import SlackApi
from rasa_handoff.core.errors import HandoffError
from tests.channels.slack import block_kit, spec
from tests.channels.slack.world import BOT_TOKEN, CHANNEL, USERS, SlackWorld


@pytest.fixture
async def api(world: SlackWorld) -> AsyncIterator[SlackApi]:
    api = SlackApi(f"{world.url}/api/", BOT_TOKEN)
    yield api
    await api.close()


@pytest.mark.parametrize(
    ("method", "arguments", "problem"),
    [
        ("chat.postMessage", {"channel": CHANNEL, "text": "a", "thread": "1"}, "no such argument: thread"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "a", "mrkdwn": "no"}, "mrkdwn is no boolean"),
        ("chat.update", {"channel": CHANNEL, "text": "a"}, "without ts"),
        ("chat.update", {"channel": CHANNEL, "ts": "1.0", "metadata": {}}, "no such argument: metadata"),
        ("conversations.info", {"channel": CHANNEL, "limit": 1}, "no such argument: limit"),
        ("conversations.history", {"channel": CHANNEL, "oldest": "yesterday"}, "oldest is no number"),
        ("users.infos", {"user": "U1"}, "there is no method users.infos"),
        ("reactions.get", {"channel": CHANNEL}, "reactions.get is GET, not POST"),
    ],
)
async def test_a_wrong_call_is_noticed(
    world: SlackWorld, api: SlackApi, method: str, arguments: dict[str, Any], problem: str
) -> None:
    if spec.paths() is None:
        pytest.skip("without Slack's specification")
    with suppress(HandoffError):
        await api.call(method, **arguments)
    assert any(problem in one for one in world.violations), world.violations
    world.violations.clear()


async def test_the_fake_workspace_answers_as_the_specification_has_it(world: SlackWorld, api: SlackApi) -> None:
    if spec.paths() is None:
        pytest.skip("without Slack's specification")
    metadata = {"event_type": "a", "event_payload": {"id": "1"}}
    posted = await api.call("chat.postMessage", channel=CHANNEL, text="a", metadata=metadata)
    file, block = world.file("a.png", "image/png", b"1"), {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
    calls: dict[str, dict[str, Any]] = {
        "chat.update": {"channel": CHANNEL, "ts": posted["ts"], "text": "b", "blocks": [block]},
        "chat.postEphemeral": {"channel": CHANNEL, "user": USERS["anna"], "text": "c"},
        "auth.test": {},
        "users.info": {"user": USERS["anna"]},
        "conversations.info": {"channel": CHANNEL},
        "conversations.history": {"channel": CHANNEL},
        "conversations.replies": {"channel": CHANNEL, "ts": posted["ts"]},
        "files.info": {"file": file["id"]},
    }
    wrong = list(spec.problems_of_answer("chat.postMessage", posted))
    for method, arguments in calls.items():
        wrong += spec.problems_of_answer(method, await api.call(method, **arguments))
    assert wrong == []


@pytest.mark.parametrize(
    "block",
    [
        {"type": "header", "text": {"type": "mrkdwn", "text": "a"}},
        {"type": "header", "text": {"type": "plain_text", "text": "a" * 151}},
        {"type": "header", "text": {"type": "plain_text", "text": ""}},
        {"type": "section"},
        {"type": "section", "fields": []},
        {"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3001}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "a", "emoji": True}},
        {"type": "paragraph", "text": {"type": "mrkdwn", "text": "a"}},
        {"type": "actions", "elements": []},
    ],
)
def test_a_wrong_block_is_noticed(block: dict[str, Any]) -> None:
    assert list(block_kit.problems([block]))
