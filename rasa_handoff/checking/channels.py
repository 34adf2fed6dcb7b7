"""The takeover channels, live: each says itself whether its keys, rights and webhooks are as they must be."""

import asyncio
from collections.abc import Iterator, Sequence

from rasa_handoff.channel import Channel, Checked
from rasa_handoff.checking.findings import Finding, Situation, State
from rasa_handoff.core.errors import HandoffError, SettingsError
from rasa_handoff.relay import Links
from rasa_handoff.settings.channels import channels_of
from rasa_handoff.timeouts import timeout
from rasa_handoff.wiring import channel_of

SECONDS = 30.0


def channels(situation: Situation) -> Iterator[Finding]:
    """Each channel of handoff.yml."""
    told = channels_of(situation.settings.channels) if situation.settings else []
    if told and situation.environment.public_url is None:
        what = "HANDOFF_PUBLIC_URL is not set: vendors are not told where to call, and files of agents are not sent"
        yield Finding("channels", State.NOTE, what, "set HANDOFF_PUBLIC_URL to the desk's address as vendors reach it")
    for kind, settings in told:
        about = f"channel {settings.id}"
        try:
            channel = channel_of(situation.environment, kind, settings, _links(situation))
        except SettingsError as error:
            yield Finding(about, State.WRONG, str(error), "set HANDOFF_CHANNEL_SECRETS")
            continue
        for one in asyncio.run(_look(channel)):
            yield Finding(about, State.OK if one.well else State.WRONG, one.what, one.mend)


async def _look(channel: Channel) -> Sequence[Checked]:
    try:
        async with timeout(SECONDS):
            return await channel.check()
    except TimeoutError:
        return [Checked(False, f"it did not answer within {SECONDS:.0f} seconds", "see whether the vendor is up")]
    except HandoffError as error:
        return [Checked(False, str(error))]
    finally:
        await channel.close()


def _links(situation: Situation) -> Links:
    return Links(situation.environment.public_url, "not used here")
