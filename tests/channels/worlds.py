"""The vendors that the contract suite runs over: one for each kind of channel that we have."""

from tests.channels.bot_framework.world import BotFrameworkWorld
from tests.channels.chatwoot.world import ChatwootWorld
from tests.channels.guide_world import GuideWorld
from tests.channels.messenger.world import MessengerWorld
from tests.channels.slack.world import SlackWorld
from tests.channels.telegram.world import TelegramWorld
from tests.channels.twilio.world import TwilioWorld
from tests.channels.vendor import FakeVendor
from tests.channels.webhook_world import WebhookWorld

WORLDS: tuple[type[FakeVendor], ...] = (
    WebhookWorld,
    GuideWorld,
    SlackWorld,
    ChatwootWorld,
    TelegramWorld,
    TwilioWorld,
    BotFrameworkWorld,
    MessengerWorld,
)

NOT_YET: tuple[type[FakeVendor], ...] = ()
"""Those that do not keep the whole contract yet: the suite leaves them out."""
