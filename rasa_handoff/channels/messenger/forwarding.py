"""What is for the bot goes on to Rasa's own webhook, signed as Meta signs.

Rasa's connector reads one event of a request and leaves the others (`Messenger.handle` returns after the first), so
each goes alone. It answers 200 to a wrong signature too, with words of its own.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from rasa_handoff.channels.http import Vendor
from rasa_handoff.channels.messenger.hooks import signature
from rasa_handoff.core.errors import Refused, Unreachable

_TURN = 120.0  # seconds: it answers when the bot has


class Rasa:
    """Belongs to one event loop."""

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret
        self._vendor = Vendor("Rasa's webhook for Messenger", "")
        self._turns: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        for turn in self._turns.values():
            turn.cancel()
        await self._vendor.close()

    async def forward(self, id: str, payload: Mapping[str, Any]) -> None:
        """Bring the event to the bot. Errors: Unreachable, whatever it is: the customer's message is not given up.

        A turn that takes longer than whoever waits for it goes on: Rasa would stop it with its connection, and begin it
        again with the next try. That next try waits for the same turn.
        """
        if id not in self._turns:
            entry = {"id": payload["page"], "time": payload["time"], "messaging": [payload["event"]]}
            self._turns[id] = asyncio.create_task(self.post({"object": "page", "entry": [entry]}))
        turn = self._turns[id]
        try:
            await asyncio.shield(turn)
        finally:
            if turn.done():
                self._turns.pop(id, None)

    async def post(self, told: Mapping[str, Any]) -> None:
        """Errors: Unreachable."""
        body = json.dumps(told).encode()
        headers = {"x-hub-signature": signature(self._secret, body), "content-type": "application/json"}
        try:
            options = {"content": body, "headers": headers, "timeout": _TURN}
            response = await self._vendor.request("POST", self._url, **options)
        except Refused as error:
            raise Unreachable(f"{error} See that credentials.yml has `facebook`, and `rasa` in handoff.yml.") from error
        if response.text == "not validated":
            raise Unreachable(
                "Rasa does not take our signature: `secret` under `facebook` in credentials.yml must be the app_secret."
            )
