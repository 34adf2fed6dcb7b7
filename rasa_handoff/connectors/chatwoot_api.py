"""The calls to Chatwoot's API that the bot makes, with its own token; with aiohttp, which Rasa brings."""

import asyncio
import json
import logging
from typing import Any, Dict, Optional, Text, Tuple

import aiohttp

from rasa_handoff.connectors.chatwoot_words import MARK, mapping

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
TRIES = 3
LARGEST_FILE = 20 * 1024 * 1024
_LONGEST_PAUSE = 5.0
_PASSING = (429, 502, 503)  # nothing was done


class ChatwootError(Exception):
    """Chatwoot did not do it; the text says what it answered."""

    def __init__(self, text: Text, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class ChatwootApi:
    """One account, as its agent bot. Belongs to the event loop of the server."""

    def __init__(self, url: Text, account: int, bot_token: Text, api_token: Text = "") -> None:
        self._base = "{}/api/v1/accounts/{}".format(url.rstrip("/"), account)
        self._bot_token, self._api_token = bot_token, api_token
        self._reading: Tuple[Text, Text] = ("GET", api_token or bot_token)
        self._session: Optional[aiohttp.ClientSession] = None

    async def close(self) -> None:
        """Close the connections. The next call opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def conversation(self, number: int) -> Dict[Text, Any]:
        """The conversation as it is now. Errors: ChatwootError.

        A bot's token may read it since 4.15; before that, it may change it, and is answered with all of it also when
        there is nothing to change.
        """
        method, token = self._reading
        try:
            return await self._call(method, number, "", {} if method == "PATCH" else None, token)
        except ChatwootError as error:
            if error.status != 401 or method == "PATCH" or self._api_token:
                raise
        found = await self._call("PATCH", number, "", {}, self._bot_token)
        self._reading = ("PATCH", self._bot_token)
        return found

    async def set_status(self, number: int, status: Text) -> None:
        """Errors: ChatwootError."""
        await self._call("POST", number, "/toggle_status", {"status": status}, self._bot_token)

    async def send(self, number: int, content: Text, content_type: Text = "text", **attributes: Any) -> None:
        """Say it to the customer. Errors: ChatwootError."""
        body = {
            "content": content,
            "message_type": "outgoing",
            "private": False,
            "content_type": content_type,
            "content_attributes": {MARK: "bot", **attributes},
        }
        await self._call("POST", number, "/messages", body, self._bot_token)

    async def send_file(self, number: int, name: Text, media_type: Text, data: bytes) -> None:
        """Errors: ChatwootError."""
        form = aiohttp.FormData()
        form.add_field("content", "")
        form.add_field("message_type", "outgoing")
        form.add_field("content_attributes", json.dumps({MARK: "bot"}))
        form.add_field("attachments[]", data, filename=name, content_type=media_type)
        await self._call("POST", number, "/messages", form, self._bot_token)

    async def download(self, url: Text) -> Tuple[Text, bytes]:
        """The media type and the content of a file. Errors: ChatwootError."""
        try:
            async with self._http().get(url) as response:
                data = await response.content.read(LARGEST_FILE + 1)
                while len(data) <= LARGEST_FILE:
                    more = await response.content.read(LARGEST_FILE)
                    if not more:
                        break
                    data += more
                if response.status != 200 or len(data) > LARGEST_FILE:
                    raise ChatwootError("{} cannot be had, or is too large.".format(url), response.status)
                return response.content_type, data
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            raise ChatwootError("{} cannot be had: {!r}".format(url, error)) from error

    async def _call(self, method: Text, number: int, path: Text, body: Any, token: Text) -> Dict[Text, Any]:
        """Tries again what Chatwoot has certainly not done, and nothing else: it knows no idempotency keys."""
        url = "{}/conversations/{}{}".format(self._base, number, path)
        # Rack takes either spelling for `api_access_token`; nginx drops names with an underscore unless it is told.
        options = {"headers": {"api-access-token": token}, "allow_redirects": False}
        options["data" if isinstance(body, aiohttp.FormData) else "json"] = body
        for left in reversed(range(1 if isinstance(body, aiohttp.FormData) else TRIES)):
            try:
                async with self._http().request(method, url, **options) as response:
                    text = await response.text()
                    if response.status // 100 == 2:
                        return _json(text)
                    problem = "Chatwoot answered {} to {} {}: {}".format(response.status, method, path, text[:200])
                    error, pause = ChatwootError(problem, response.status), response.headers.get("retry-after")
                    may_pass = response.status in _PASSING
            except aiohttp.ClientConnectorError as failed:
                error, pause, may_pass = ChatwootError("Chatwoot cannot be reached: {}".format(failed)), None, True
            except (aiohttp.ClientError, asyncio.TimeoutError, UnicodeError) as failed:
                error, pause, may_pass = ChatwootError("Chatwoot did not answer: {!r}".format(failed)), None, False
            if not (left and may_pass):
                raise error
            await asyncio.sleep(_pause(pause))
        raise AssertionError  # the last one has raised

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))
        return self._session


def _pause(told: Optional[Text]) -> float:
    try:
        return max(0.0, min(float(told or ""), _LONGEST_PAUSE))
    except ValueError:
        return 0.5


def _json(text: Text) -> Dict[Text, Any]:
    try:
        return mapping(json.loads(text))
    except ValueError:
        return {}
