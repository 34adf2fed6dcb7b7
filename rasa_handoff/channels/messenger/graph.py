"""The Graph API: signed calls, and its errors as ours.

https://developers.facebook.com/docs/messenger-platform/error-codes has the codes. Rate limits and passing troubles are
answered with 400 as everything else is.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx

from rasa_handoff.channels.http import LONGEST_PAUSE, Vendor
from rasa_handoff.core.errors import HandoffError, Refused, Unreachable, UnsupportedByChannel

Json = dict[str, Any]

_LIMITED = frozenset({4, 17, 32, 341, 613, 80006})
_PASSING = frozenset({-1, 1, 2, 1200})
_NO_USER = frozenset({2018001, 2018218})
_ROUTED = "handover protocol apis disabled"


class Disabled(Refused):
    """The page has Conversation Routing, and does not take this call of the older handover protocol."""


class Graph:
    """Calls for a page. `proof` is what Meta calls appsecret_proof: that we know the app's secret."""

    def __init__(self, base: str, token: str, secret: str) -> None:
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        self.token = token
        self._vendor = Vendor("Messenger", f"{base.rstrip('/')}/", refusal=_refusal)
        self._signed = {"headers": {"authorization": f"Bearer {token}"}, "params": {"appsecret_proof": proof}}

    async def close(self) -> None:
        await self._vendor.close()

    async def get(self, path: str, **query: str) -> Any:
        params = {**self._signed["params"], **query}
        return await self._vendor.call("GET", path, headers=self._signed["headers"], params=params)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        headers = {**self._signed["headers"], "content-type": "application/json"}
        content = json.dumps(body).encode()
        return await self._vendor.call("POST", path, content=content, headers=headers, params=self._signed["params"])


def _refusal(response: httpx.Response) -> HandoffError | None:
    error = _error(response)
    code, subcode, message = error.get("code"), error.get("error_subcode"), str(error.get("message") or "")
    text = f"Messenger says: {message}"
    if code in _LIMITED:
        return Unreachable(text, _pause(response))
    if code in _PASSING or error.get("is_transient"):
        return Unreachable(text)
    if _ROUTED in message.lower():
        return Disabled(text)
    if subcode in _NO_USER:
        return UnsupportedByChannel("The page has no conversation with this customer.")
    if code == 190:
        return Refused(f"{text} Make a new page access token, for Rasa's credentials.yml and HANDOFF_CHANNEL_SECRETS.")
    return Refused(text) if error and response.status_code < 500 else None


def _error(response: httpx.Response) -> Json:
    try:
        told = response.json()
    except ValueError:
        return {}
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, dict) else {}


def _pause(response: httpx.Response) -> float | None:
    """Seconds, of the minutes that Meta estimates for each kind of limit."""
    try:
        told = json.loads(response.headers.get("x-business-use-case-usage", "{}"))
        minutes = [float(one["estimated_time_to_regain_access"]) for kinds in told.values() for one in kinds]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    longest = max(minutes, default=0.0)
    return min(60 * longest, LONGEST_PAUSE) if longest else None
