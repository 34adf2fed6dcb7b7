"""What the check says of a page that is not set up."""

from collections.abc import Callable
from typing import Any

import pytest

from rasa_handoff.channel import Received
from tests.channels.messenger.world import OTHER_APP, MessengerWorld


async def mends(page: MessengerWorld) -> str:
    channel = page.channel()
    found = await channel.check()
    await channel.close()
    return "; ".join(one.mend for one in found if not one.well)


async def test_nothing_is_wrong_where_all_is_set_up(page: MessengerWorld) -> None:
    assert await mends(page) == ""


@pytest.mark.parametrize(
    ("change", "mend"),
    [
        (lambda page: setattr(page, "page_token", "wrong"), "page_token"),
        (lambda page: setattr(page, "secret", "wrong"), "app_secret"),
        (lambda page: page.subscribed.remove("standby"), "Webhooks, choose them for the page"),
        (lambda page: setattr(page, "callback", None), "enter https://handoff.example/hooks/there"),
        (lambda page: setattr(page, "callback", "https://rasa.example"), "enter https://handoff.example/hooks/there"),
        (lambda page: setattr(page, "hook_url", None), "so that Meta can call it"),
        (lambda page: page.scopes.remove("pages_messaging"), "new page access token"),
        (lambda page: setattr(page, "token_app", OTHER_APP), "page access token in the app"),
        (lambda page: (setattr(page, "to_app", None), setattr(page, "default_app", None)), "set a default app"),
        (lambda page: setattr(page, "rasa_is_up", False), "start Rasa"),
        (lambda page: setattr(page, "rasa_secret", "another"), "`facebook`"),
    ],
)
async def test_the_check_says_what_mends_it(page: MessengerWorld, change: Callable[[Any], object], mend: str) -> None:
    change(page)
    assert mend in await mends(page)


async def test_the_check_has_no_errors_of_its_own(page: MessengerWorld) -> None:
    channel = page.channel()
    page.close()
    assert not any(one.well for one in await channel.check())
    await channel.close()


async def test_there_is_nothing_to_pull(page: MessengerWorld) -> None:
    async def take_in(_: Received) -> None:
        raise AssertionError("there is nothing to take in")

    channel = page.channel()
    await channel.pull(take_in)
    await channel.close()
