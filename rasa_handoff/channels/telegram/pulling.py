"""How updates come: Telegram calls our webhook, or we ask for them. Never both: it answers getUpdates with an error
while there is a webhook.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

import structlog

from rasa_handoff.channel import Received
from rasa_handoff.channels.telegram.api import Bot
from rasa_handoff.channels.telegram.updates import TYPES
from rasa_handoff.core.errors import HandoffError

log = structlog.get_logger()

_WAIT = 25  # seconds that Telegram holds an empty answer back
_PAUSE = 5.0  # seconds after a failure


async def pulled(bot: Bot, read: Callable[[Any], Received], take_in: Callable[[Received], Awaitable[None]]) -> NoReturn:
    """Ask for updates, each acknowledged (by asking for the ones after it) when it is taken in."""
    after: dict[str, int] = {}
    while True:
        told = {"timeout": _WAIT, "allowed_updates": TYPES, **after}
        try:
            for update in await bot.call("getUpdates", told, timeout=_WAIT + 10.0):
                received = read(update)
                if received.signals:
                    await take_in(received)
                after = {"offset": update["update_id"] + 1}
        except HandoffError as error:
            log.warning("telegram.pull_failed", error=str(error))
            await asyncio.sleep(getattr(error, "retry_after", None) or _PAUSE)


async def registered(bot: Bot, url: str, secret: str) -> None:
    """Have Telegram call us, where it calls nobody yet: another's webhook is not ours to take away."""
    try:
        present = await bot.call("getWebhookInfo")
        if present.get("url") in ("", url):
            told = {"url": url, "secret_token": secret, "allowed_updates": TYPES}
            await bot.call("setWebhook", told)
    except HandoffError as error:
        log.warning("telegram.webhook_not_set", error=str(error))
