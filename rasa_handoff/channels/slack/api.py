"""Slack's Web API (https://docs.slack.dev/apis/web-api): calls, errors, rate limits, pages."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import httpx

from rasa_handoff.channels.http import LONGEST_PAUSE, Json, Vendor
from rasa_handoff.core.errors import Refused, Unreachable
from rasa_handoff.retrying import retry_after
from rasa_handoff.timeouts import timeout

PAGE = 200
"""Messages a call, as Slack recommends."""

_READ = frozenset(
    {"auth.test", "conversations.history", "conversations.info", "conversations.replies", "files.info", "users.info"}
)
_LIMITED = frozenset({"ratelimited", "rate_limited"})
_PASSING = _LIMITED | {"fatal_error", "internal_error", "org_login_required", "request_timeout", "service_unavailable"}
_MEND = {
    "account_inactive": "the app was removed: install it anew",
    "channel_not_found": "look at the id of the channel in handoff.yml, and invite the app to it if it is private",
    "invalid_auth": "look at the token in HANDOFF_CHANNEL_SECRETS",
    "is_archived": "name another channel in handoff.yml",
    "not_authed": "look at the token in HANDOFF_CHANNEL_SECRETS",
    "not_in_channel": "invite the app to the channel",
    "token_expired": "make the app anew, without token rotation",
    "token_revoked": "install the app anew, and put its new token into HANDOFF_CHANNEL_SECRETS",
}
_POST = "chat.postMessage"
_WORTH_WAITING = 3.0  # seconds; a longer pause is the courier's
_LONGEST_TURN = 8.0
_TRIES = 3

_To = tuple[str, str]
"""A method, and the channel where it is done."""


class SlackRefused(Refused):
    """Slack answered `ok: false`; `code` is its `error`."""

    def __init__(self, method: str, code: str, answer: Mapping[str, Any]) -> None:
        mend = f"add the scope {answer['needed']} and install the app anew" if "needed" in answer else _MEND.get(code)
        super().__init__(f"Slack refused {method}: {code}{f' ({mend})' if mend else ''}.")
        self.code = code


class SlackApi:
    """Belongs to one event loop, as `Vendor` does."""

    def __init__(self, url: str, bot_token: str, app_token: str = "", timeout: float = 10.0) -> None:
        self.vendor = Vendor("Slack", url, headers=_bearer(bot_token), timeout=timeout)
        self.app_token = app_token
        self._paused: dict[_To, float] = {}
        self._turns: dict[_To, asyncio.Lock] = {}

    async def call(self, method: str, **arguments: Any) -> Json:
        """Slack's answer, which is `ok`. Errors: SlackRefused, Unreachable, Refused."""
        return (await self.answer(method, **arguments))[0]

    async def answer(self, method: str, **arguments: Any) -> tuple[Json, httpx.Headers]:
        """The answer with its headers."""
        to = method, str(arguments.get("channel", ""))
        if method != _POST:
            return await self._patiently(to, arguments)
        async with self._turn(to):
            return await self._patiently(to, arguments)

    async def messages(self, method: str, **arguments: Any) -> AsyncIterator[Json]:
        """What a method with pages finds, page after page."""
        cursor: str | None = None
        while cursor != "":
            page = await self.call(method, limit=PAGE, cursor=cursor, **arguments)
            for message in page.get("messages") or ():
                yield message
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")

    async def close(self) -> None:
        await self.vendor.close()

    @asynccontextmanager
    async def _turn(self, to: _To) -> AsyncIterator[None]:
        """Slack takes a message a second for each channel: who posts there does so one after the other."""
        turn = self._turns.setdefault(to, asyncio.Lock())
        try:
            async with timeout(_LONGEST_TURN):
                await turn.acquire()
        except TimeoutError as error:
            raise Unreachable(f"More is posted to {to[1]} than Slack takes.", _LONGEST_TURN / 2) from error
        try:
            yield
        finally:
            turn.release()

    async def _patiently(self, to: _To, arguments: Mapping[str, Any]) -> tuple[Json, httpx.Headers]:
        """A short pause is waited for."""
        for _ in range(_TRIES):
            await self._wait(to)
            try:
                return await self._once(to[0], arguments)
            except Unreachable as error:
                if error.retry_after is None:
                    raise
                self._paused[to] = monotonic() + error.retry_after
                limited = error
        raise limited

    async def _wait(self, to: _To) -> None:
        """Not to be told again what we know: limits are on a method, those of posting on a channel too."""
        pause = self._paused.get(to, 0.0) - monotonic()
        if pause > _WORTH_WAITING:
            raise Unreachable(f"Slack limits {to[0]} for another {pause:.0f} s.", pause)
        self._paused.pop(to, None)
        if pause > 0:
            await asyncio.sleep(pause)

    async def _once(self, method: str, arguments: Mapping[str, Any]) -> tuple[Json, httpx.Headers]:
        told = {name: _written(value) for name, value in arguments.items() if value is not None}
        sent: Json = {"params": told} if method in _READ else {"data": told}
        if method == "apps.connections.open":
            sent["headers"] = _bearer(self.app_token)
        response = await self.vendor.request("GET" if method in _READ else "POST", method, **sent)
        answer = _object(response)
        if answer.get("ok") is True:
            return answer, response.headers
        code = str(answer.get("error") or "no reason given")
        if code in _PASSING:
            pause = retry_after(response.headers.get("retry-after"), LONGEST_PAUSE)
            raise Unreachable(f"Slack cannot do {method} now: {code}.", pause)
        raise SlackRefused(method, code, answer)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _written(value: Any) -> str:
    """An argument as a form has it: objects and lists as JSON, and nothing that is not Unicode."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode(errors="replace").decode()


def _object(response: httpx.Response) -> Json:
    try:
        answer = response.json()
    except ValueError as error:
        raise Unreachable("Slack answered something that is not JSON.") from error
    if not isinstance(answer, dict):
        raise Unreachable("Slack answered something that is no object.")
    return answer
