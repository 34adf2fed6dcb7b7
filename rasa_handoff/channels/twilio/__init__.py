"""Takeover in Twilio Flex, where Flex chooses who answers.

The conversation is made first and the Interaction is bound to it, as Twilio's guide to chat clients of one's own does
it: so a repeat is known by the conversation's unique name, and no agent joins before everything is there to read.
"""

from rasa_handoff.channels.kinds import ChannelKind
from rasa_handoff.channels.twilio.channel import CAPABILITIES, TwilioChannel
from rasa_handoff.channels.twilio.settings import TwilioChannelSettings

KIND = ChannelKind(
    name="twilio",
    title="Twilio Flex",
    settings=TwilioChannelSettings,
    capabilities=CAPABILITIES,
    make=TwilioChannel,
    secrets={
        "auth_token": "the account's auth token, with which Twilio signs webhooks: Console, Account Info",
        "api_key": "an API key's SID (`SK...`), to call Twilio with instead: Console, API keys & tokens",
        "api_key_secret": "that key's secret, shown once when it is made",
        "signing_key": "the secret of a SharedKey, where a Webhook Rule has Twilio sign with one",
    },
    optional=frozenset({"api_key", "api_key_secret", "signing_key"}),
)
