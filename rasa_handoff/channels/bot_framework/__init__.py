"""Takeover by hubs that speak the handoff events of Microsoft's Bot Framework.

The shapes are those of https://learn.microsoft.com/azure/bot-service/bot-service-design-pattern-handoff-human: the bot
as a proxy. Both ways they are signed as our webhooks are; a hub's own sign-in is a matter for what stands before it.
"""

from rasa_handoff.channels.bot_framework.channel import CAPABILITIES, BotFrameworkChannel
from rasa_handoff.channels.bot_framework.settings import BotFrameworkChannelSettings
from rasa_handoff.channels.kinds import ChannelKind

KIND = ChannelKind(
    name="bot_framework",
    title="Bot Framework events",
    settings=BotFrameworkChannelSettings,
    capabilities=CAPABILITIES,
    make=BotFrameworkChannel,
    secrets={
        "key": "signs what is sent both ways: `whsec_` and the base64 of 24 to 64 random bytes",
        "token": "what the hub wants as `Authorization: Bearer`, if it does",
    },
    optional=frozenset({"token"}),
)
