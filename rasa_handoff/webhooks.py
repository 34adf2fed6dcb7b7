"""Outgoing webhooks: signed CloudEvents (see `signing`), whose `webhook-id` is the event's id."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any

import httpx

from rasa_handoff.core.errors import Refused, Unreachable, problem_of
from rasa_handoff.retrying import may_pass, retry_after
from rasa_handoff.signing import signed

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
            raise Unreachable(f"The webhook {to} did not answer ({problem_of(error)}).") from error
        _require_taken(to, response)


def _require_taken(to: str, response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    said = f"The webhook {to} answered {status}"
    if may_pass(status):
        raise Unreachable(said, retry_after(response.headers.get("retry-after"), _LONGEST_PAUSE))
    raise Refused(f"{said}; it is not tried again. Redirects are not followed: name the last address.")
