"""A handoff with its package, and where Flex shows it."""

from dataclasses import replace
from typing import Any

from rasa_handoff.channel import Case, Incoming, Opened, Outgoing
from rasa_handoff.channels.twilio import TwilioChannel
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.handoff import Handoff, Rules
from rasa_handoff.core.need import Need
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.takeover import Place
from tests.channels.twilio.world import TwilioWorld
from tests.writers.packages import DRAFT, NOW, package


def a_case(about: ContextPackage | None = None, **changes: Any) -> Case:
    reason, need = Reason.CUSTOMER_REQUESTED, Need("billing", language="en")
    handoff = Handoff("h-1", "conversation-1", "rest", reason, need, Rules(), NOW, DRAFT, priority=2)
    return Case(replace(handoff, **changes), about or package(), "https://handoff.example/desk/h-1")


def a_message(id: str, text: str, *files: Attachment, author: Author = Author.CUSTOMER) -> Outgoing:
    return Outgoing(id, author, text, None, files)


def place_of(opened: Opened, mark: str = "") -> Place:
    return Place("there", "billing", opened.key, opened.data, mark)


async def taken(channel: TwilioChannel) -> Place:
    return place_of(await channel.take_over(a_case(), "e-1", again=False))


async def heard(world: TwilioWorld, channel: TwilioChannel) -> list[Incoming]:
    """What the webhooks that wait mean to us."""
    hooks, world.hooks = world.hooks, []
    signals = [signal for hook in hooks for signal in channel.receive(world.request(hook)).signals]
    return [one for signal in signals for one in await channel.events(signal)]
