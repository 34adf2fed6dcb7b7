"""The calls to Chatwoot's API that we make, as its swagger has them. Errors, all: Unreachable, Refused, Gone.

Chatwoot knows no idempotency keys. All but the notes may be repeated as they are; a note carries our mark in its
`content_attributes`, by which it is found again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from rasa_handoff.channels.http import Vendor
from rasa_handoff.core.errors import HandoffError, Refused, Unreachable

Json = dict[str, Any]

MARK = "rasa_handoff"
"""The content attribute of what we and the bot's connector write: it is no person's."""

NOBODY = 0
PAGE = 100  # messages that Chatwoot gives after one; before one, 20
_FLOODED = 60.0


class Gone(Refused):
    """There is no such thing in Chatwoot (any more)."""


class Chatwoot:
    """One account. Not thread-safe: belongs to one event loop."""

    def __init__(self, url: str, account: int, token: str) -> None:
        # Rack takes either spelling for `api_access_token`; nginx drops names with an underscore unless it is told.
        headers = {"api-access-token": token}
        self._vendor = Vendor("Chatwoot", url.rstrip("/"), headers=headers, refusal=_refusal)
        self._account = f"/api/v1/accounts/{account}"

    async def close(self) -> None:
        await self._vendor.close()

    async def conversation(self, number: int) -> Json:
        return _mapping(await self._call("GET", number))

    async def set_status(self, number: int, status: str) -> None:
        await self._call("POST", number, "/toggle_status", {"status": status})

    async def assign(self, number: int, *, agent: int | None = None, team: int | None = None) -> None:
        """Give it to an agent or a team; `NOBODY` takes it from them."""
        body = {"assignee_id": agent} if agent is not None else {"team_id": team}
        await self._call("POST", number, "/assignments", body)

    async def add_labels(self, number: int, wanted: Sequence[str]) -> None:
        """Chatwoot sets all labels at once, so those that are there go along, as they are at this moment."""
        there = _mapping(await self._call("GET", number, "/labels")).get("payload") or []
        if missing := [label for label in wanted if label not in there]:
            await self._call("POST", number, "/labels", {"labels": [*there, *missing]})

    async def set_priority(self, number: int, priority: str) -> None:
        await self._call("POST", number, "/toggle_priority", {"priority": priority})

    async def set_attributes(self, number: int, attributes: Mapping[str, Any]) -> None:
        """Replaces all of them."""
        await self._call("POST", number, "/custom_attributes", {"custom_attributes": dict(attributes)})

    async def note(self, number: int, text: str, mark: str) -> int:
        """Write a private note. Returns its number."""
        body = {"content": text, "message_type": "outgoing", "private": True, "content_attributes": {MARK: mark}}
        return int(_mapping(await self._call("POST", number, "/messages", body)).get("id") or 0)

    async def messages(self, number: int, **where: int) -> list[Json]:
        """`after=`: the next 100, oldest first; `before=`: the last 20 before it; else the last 20."""
        answer = _mapping(await self._call("GET", number, "/messages", params=where))
        return [_mapping(one) for one in answer.get("payload") or []]

    async def toggle_typing(self, number: int, *, on: bool) -> None:
        """To agents only: the customer would take it for an agent's."""
        body = {"typing_status": "on" if on else "off", "is_private": True}
        await self._call("POST", number, "/toggle_typing_status", body)

    async def profile(self) -> Json:
        return _mapping(await self._vendor.call("GET", "/api/v1/profile"))

    async def listed(self, what: str) -> list[Json]:
        """The account's teams, agents, inboxes or webhooks."""
        answer = await self._vendor.call("GET", f"{self._account}/{what}")
        found = answer.get("payload", []) if isinstance(answer, dict) else answer
        found = found.get("webhooks", []) if isinstance(found, dict) else found
        return [_mapping(one) for one in found or []]

    async def agent_bot(self, inbox: int) -> Json:
        """The bot that answers in the inbox; empty when none does."""
        answer = _mapping(await self._vendor.call("GET", f"{self._account}/inboxes/{inbox}/agent_bot"))
        return _mapping(answer.get("agent_bot"))

    async def _call(
        self,
        method: str,
        number: int,
        path: str = "",
        json: Json | None = None,
        params: Mapping[str, int] | None = None,
    ) -> Any:
        options: Json = {} if json is None else {"json": json}
        if params:
            options["params"] = dict(params)
        return await self._vendor.call(method, f"{self._account}/conversations/{number}{path}", **options)


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _refusal(response: httpx.Response) -> HandoffError | None:
    """What Chatwoot means by some of its refusals."""
    text = response.text[:300]
    if response.status_code == 401:
        return Refused(f"Chatwoot refused us: {text} Is the secret `token` an administrator's access token?")
    if response.status_code == 404:
        return Gone(f"Chatwoot has no such thing: {response.request.url.path}")
    if response.status_code == 422 and "Too many messages" in text:
        return Unreachable("Chatwoot takes no more messages of this conversation for a minute.", _FLOODED)
    return None
