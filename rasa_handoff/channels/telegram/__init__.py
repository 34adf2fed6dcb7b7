"""Takeover in a forum group of Telegram: a topic for each handoff. `docs/how-to/channels/telegram.md` sets it up."""

from rasa_handoff.channels.kinds import ChannelKind
from rasa_handoff.channels.telegram.channel import CAPABILITIES, TelegramChannel
from rasa_handoff.channels.telegram.settings import TelegramSettings

KIND = ChannelKind(
    name="telegram",
    title="Telegram",
    settings=TelegramSettings,
    capabilities=CAPABILITIES,
    make=TelegramChannel,
    secrets={
        "token": "the bot's token, from @BotFather",
        "secret": "1 to 256 of A-Z, a-z, 0-9, _ and - of your choice; Telegram sends it along with its webhooks",
    },
    optional=frozenset({"secret"}),
)
