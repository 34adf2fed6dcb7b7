"""How Twilio is called: form-encoded, and each of its error codes that means something to us as an error of ours.

Refused
├── Exists      what was to be made is there already
├── Missing     what was asked for is not there
└── PlaceGone
    └── Closed  the conversation has ended for good: another would do
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import takewhile
from typing import Any
from urllib.parse import quote

import httpx

from rasa_handoff.channels.http import LONGEST_PAUSE, Vendor
from rasa_handoff.channels.twilio.settings import TwilioChannelSettings
from rasa_handoff.core.errors import HandoffError, PlaceGone, Refused, Unreachable
from rasa_handoff.retrying import retry_after

Json = dict[str, Any]

PAGE = 100
_PAGES = 50
_TOO_MANY = 20429
_CLOSED = 50377
# A conversation's unique name, a participant (in two places), a user.
_EXISTING = frozenset({50353, 50433, 50437, 50201})


class Exists(Refused):
    """What was to be made is there already."""


class Missing(Refused):
    """What was asked for is not there."""


class Closed(PlaceGone):
    """The conversation has ended for good."""


class Twilio:
    """Twilio's API. All calls: Unreachable, Refused."""

    def __init__(self, settings: TwilioChannelSettings, user: str, password: str) -> None:
        self._settings = settings
        self._vendor = Vendor("Twilio", "", auth=(user, password), refusal=_refusal)
        self._at = {
            "conversations": f"v1/Services/{settings.service}",
            "flex-api": "v1/Interactions",
            "taskrouter": f"v1/Workspaces/{settings.workspace}",
            settings.media: f"v1/Services/{settings.service}/Media",
        }

    async def close(self) -> None:
        await self._vendor.close()

    async def get(self, product: str, *path: str, **query: str | int) -> Json:
        found = await self._vendor.call("GET", self._url(product, *path), params=query)
        return dict(found or {})

    async def post(self, product: str, *path: str, headers: Mapping[str, str] | None = None, **form: Any) -> Json:
        """`form` has Twilio's names, a double underscore for a dot; what is neither text nor a list is sent as JSON."""
        data = {name.replace("__", "."): _field(value) for name, value in form.items()}
        made = await self._vendor.call("POST", self._url(product, *path), data=data, headers=headers)
        return dict(made or {})

    async def absolute(self, product: str, path: str, auth: tuple[str, str] | None = None) -> Json:
        """What lies outside of the service and the workspace."""
        options = {"auth": auth} if auth else {}
        found = await self._vendor.call("GET", f"{self._base(product)}/{path}", **options)
        return dict(found or {})

    async def task(self, sid: str) -> tuple[Json, dict[str, str]]:
        """A task's attributes, and the header with which they change only if nobody else has changed them."""
        response = await self._vendor.request("GET", self._url("taskrouter", "Tasks", sid))
        tag = response.headers.get("etag")
        return json.loads(response.json().get("attributes") or "{}"), {"If-Match": tag} if tag else {}

    async def messages(self, conversation: str, after: int = -1) -> Sequence[Json]:
        """The conversation's messages with a higher index, oldest first."""
        newest: list[Json] = []
        query: dict[str, str | int] = {"Order": "desc", "PageSize": PAGE}
        for _ in range(_PAGES):
            page = await self.get("conversations", "Conversations", conversation, "Messages", **query)
            found = list(page.get("messages") or ())
            kept = list(takewhile(lambda one: int(one["index"]) > after, found))
            newest += kept
            token = _token((page.get("meta") or {}).get("next_page_url"))
            if len(kept) < len(found) or not token:
                break
            query = {**query, **token}
        return newest[::-1]

    async def read(self, url: str) -> AsyncIterator[bytes]:
        """The bytes at an address that Twilio has signed: it is given no password of ours."""
        response = await self._vendor.open("GET", url, auth=None)
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
        except httpx.HTTPError as error:
            raise Unreachable(f"Twilio's file store broke off ({type(error).__name__}).") from error
        finally:
            await response.aclose()

    def _url(self, product: str, *path: str) -> str:
        return "/".join([self._base(product), self._at[product], *(quote(part, safe="") for part in path)])

    def _base(self, product: str) -> str:
        return self._settings.api.replace("{product}", product)


def _field(value: Any) -> Any:
    return value if isinstance(value, str | list) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _token(next_page: Any) -> dict[str, str | int]:
    query = dict(httpx.URL(next_page).params) if isinstance(next_page, str) else {}
    return {name: query[name] for name in ("Page", "PageToken") if name in query}


def _refusal(response: httpx.Response) -> HandoffError | None:
    try:
        told = response.json()
        code, said = int(told["code"]), str(told["message"])
    except (ValueError, KeyError, TypeError):
        return Missing("Twilio has nothing there (404).") if response.status_code == 404 else None
    text = f"Twilio answered {response.status_code}: {said[:300]} (https://www.twilio.com/docs/errors/{code})"
    if code in _EXISTING:
        return Exists(text)
    if code == _CLOSED:
        return Closed(text)
    if code == _TOO_MANY or response.status_code == 412:
        return Unreachable(text, retry_after(response.headers.get("retry-after"), LONGEST_PAUSE))
    if response.status_code == 404:
        return Missing(text)
    return Refused(f"{text}. See `rasa-handoff check`.") if response.status_code in (401, 403) else None
