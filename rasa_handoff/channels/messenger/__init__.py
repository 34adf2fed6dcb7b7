"""Takeover in the inbox of a Facebook page. `docs/how-to/channels/messenger.md` sets it up."""

from rasa_handoff.channels.kinds import ChannelKind
from rasa_handoff.channels.messenger.channel import CAPABILITIES, MessengerChannel
from rasa_handoff.channels.messenger.settings import MessengerSettings

KIND = ChannelKind(
    name="messenger",
    title="Facebook Messenger",
    settings=MessengerSettings,
    capabilities=CAPABILITIES,
    make=MessengerChannel,
    secrets={
        "page_token": "the page access token; the same as `page-access-token` in Rasa's credentials.yml",
        "app_secret": "the app's secret (App settings, Basic); the same as `secret` in Rasa's credentials.yml",
        "verify_token": "a text of your choice that you also enter with the webhook's address in the app's dashboard",
    },
    customers=("facebook",),
)
