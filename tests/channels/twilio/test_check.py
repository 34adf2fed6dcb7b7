"""`check` says what is wrong at Twilio, and what mends it."""

from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.twilio import KIND, TwilioChannel
from tests.channels.twilio.world import TOKEN, TwilioWorld
from tests.channels.vendor import Fault


async def failed(channel: TwilioChannel) -> list[str]:
    return [f"{one.what} -> {one.mend}" for one in await channel.check() if not one.well]


async def test_all_is_well(channel: TwilioChannel) -> None:
    assert await failed(channel) == []
    assert len(await channel.check()) == 7


async def test_a_wrong_auth_token_is_said_before_the_first_webhook_is_refused(world: TwilioWorld) -> None:
    world.key = ("SK1", "secret")
    secrets = {"auth_token": "another", "api_key": "SK1", "api_key_secret": "secret"}
    made = KIND.settings.model_validate({"id": "there", "type": "twilio", **world.settings()})
    channel = TwilioChannel(Setup("there", made, secrets, world.hook_url))
    (said,) = await failed(channel)
    assert "primary auth token" in said
    await channel.close()


async def test_calls_are_made_with_the_api_key_where_there_is_one(world: TwilioWorld) -> None:
    world.key = ("SK1", "secret")
    secrets = {"auth_token": TOKEN, "api_key": "SK1", "api_key_secret": "secret"}
    made = KIND.settings.model_validate({"id": "there", "type": "twilio", **world.settings()})
    channel = TwilioChannel(Setup("there", made, secrets, world.hook_url))
    assert await failed(channel) == []
    await channel.close()


async def test_what_flex_does_not_use_is_named_with_what_it_does(world: TwilioWorld) -> None:
    other = {"service": "IS" + "0" * 32, "workspace": "WS" + "0" * 32, "task_channel": "carrier-pigeon"}
    made = KIND.settings.model_validate({"id": "there", "type": "twilio", **world.settings(), **other})
    channel = TwilioChannel(Setup("there", made, {"auth_token": TOKEN}, None))
    said = "\n".join(await failed(channel))
    for wanted in ("set service to IS" + "b" * 32, "set workspace to WS", "task_channel", "HANDOFF_PUBLIC_URL"):
        assert wanted in said
    await channel.close()


async def test_another_default_service_is_said(world: TwilioWorld, channel: TwilioChannel) -> None:
    world.default_service = "IS" + "0" * 32
    (said,) = await failed(channel)
    assert "Conversations, Manage, Defaults" in said


async def test_a_twilio_that_does_not_answer_is_said_and_nothing_raised(
    world: TwilioWorld, channel: TwilioChannel
) -> None:
    world.faults.extend([Fault(lost=True)] * 5)
    assert len(await failed(channel)) == 5
