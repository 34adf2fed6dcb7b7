"""Slack: agents answer in a thread under a card. `docs/how-to/channels/slack.md` says how it is set up."""

from rasa_handoff.channels.kinds import ChannelKind
from rasa_handoff.channels.slack.channel import SlackChannel
from rasa_handoff.channels.slack.configuration import CAPABILITIES, OPTIONAL, SECRETS, SlackSettings

KIND = ChannelKind(
    name="slack",
    title="Slack",
    settings=SlackSettings,
    capabilities=CAPABILITIES,
    make=SlackChannel,
    secrets=SECRETS,
    optional=OPTIONAL,
)
