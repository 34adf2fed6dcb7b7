"""What the tests of Slack share: a handoff to show, hooks to hand over, payloads as Slack sends them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rasa_handoff.channel import Case, Channel, Incoming, Outgoing, Received, Request
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Handoff, Rules, Status
from rasa_handoff.core.need import Need
from rasa_handoff.core.takeover import Place
from tests.channels.slack.world import SlackWorld, signed
from tests.channels.vendor import Hook
from tests.writers.packages import DRAFT, package

PAYLOADS = Path(__file__).parents[2] / "payloads/slack"
CHANNEL, ROOT = "C0SUPPORT1", "1764410400.000100"
KEY = f"{CHANNEL}:{ROOT}"


def case(status: Status = Status.WAITING, **changes: Any) -> Case:
    at = datetime.now(UTC)
    handoff = Handoff("h-1", "customer-1", "rest", Reason.CUSTOMER_REQUESTED, Need("support"), Rules(), at, DRAFT)
    who = {} if status in (Status.WAITING,) else {"agent_id": "anna", "agent_name": "Anna Ng"}
    return Case(replace(handoff, status=status, **{**who, **changes}), package(), "https://desk.example.com/desk/h-1")


def place(key: str, mark: str = "") -> Place:
    return Place("there", "support", key, {}, mark)


def words(text: str, id: str = "m-1", *files: str) -> Outgoing:
    return Outgoing(id, Author.CUSTOMER, text, "Ann Lee", tuple(Attachment(url, "image") for url in files))


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def hook(payload: Any) -> Hook:
    """A payload as Slack sends it: interactions as a form."""
    text = json.dumps(payload)
    if payload["type"] in ("block_actions", "view_submission"):
        body = urlencode({"payload": text}).encode()
        return Hook(body, signed(body) | {"content-type": "application/x-www-form-urlencoded"})
    return Hook(text.encode(), signed(text.encode()) | {"content-type": "application/json"})


def request(world: SlackWorld, payload: Any) -> Request:
    return world.request(hook(payload))


async def delivered(world: SlackWorld, channel: Channel) -> list[Incoming]:
    """What the hooks that wait come to, those that follow from them too."""
    found: list[Incoming] = []
    while world.hooks:
        received = channel.receive(world.request(world.hooks.pop(0)))
        if received.then:
            await received.then()
        found += await of(channel, received)
    return found


async def of(channel: Channel, received: Received) -> list[Incoming]:
    return [one for signal in received.signals for one in await channel.events(signal)]
