"""Outgoing webhooks, signed as https://www.standardwebhooks.com says: any of its libraries verifies them.

`webhook-id` is the event's id, the same on every try; `webhook-timestamp` the time of the try, in seconds since 1970;
`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any

import httpx

from rasa_handoff.core.errors import Refused, SettingsError, Unreachable
from rasa_handoff.retrying import may_pass, retry_after

_PREFIX = "whsec_"
_LONGEST_PAUSE = 3600.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a webhook goes, and the key it is signed with. `transcript`: it may have the whole conversation."""

    url: str
    key: bytes
    transcript: bool = False


class Webhooks:
    """All endpoints by id. Not thread-safe: belongs to the courier's event loop."""

    def __init__(self, endpoints: Mapping[str, Endpoint], timeout: float = 10.0) -> None:
        self._endpoints = endpoints
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    def wants_transcript(self, to: str) -> bool:
        """See `ports.Listeners.wants_transcript`."""
        return to in self._endpoints and self._endpoints[to].transcript

    async def deliver(self, to: str, event: Mapping[str, Any]) -> None:
        """See `ports.Listeners.deliver`."""
        endpoint = self._endpoints.get(to)
        if endpoint is None:
            raise Refused(f"There is no webhook {to!r} in handoff.yml any more.")
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = signed(endpoint.key, str(event["id"]), int(time()), body)
        headers["content-type"] = "application/cloudevents+json; charset=utf-8"
        try:
            response = await self._http.post(endpoint.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Unreachable(f"The webhook {to} did not answer ({error or type(error).__name__}).") from error
        _require_taken(to, response)


def signed(key: bytes, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that let the receiver verify `body`."""
    digest = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def key_of(webhook_id: str, secret: str) -> bytes:
    """The key in a `whsec_...` secret. Errors: SettingsError."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise SettingsError(
            f"The secret of the webhook {webhook_id!r} in HANDOFF_WEBHOOK_SECRETS is none: write {_PREFIX} and the "
            f"base64 of 24 to 64 random bytes, such as from `openssl rand -base64 32`."
        )
    return key


def _require_taken(to: str, response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    said = f"The webhook {to} answered {status}"
    if may_pass(status):
        raise Unreachable(said, retry_after(response.headers.get("retry-after"), _LONGEST_PAUSE))
    raise Refused(f"{said}; it is not tried again. Redirects are not followed: name the last address.")
