"""The Bot API: its calls, and its errors as ours. https://core.telegram.org/bots/api#making-requests"""

import json
import logging
from collections.abc import Collection, Mapping
from typing import Any

import httpx

from rasa_handoff.channels.http import LONGEST_PAUSE, Vendor
from rasa_handoff.core.errors import HandoffError, PlaceGone, Refused, Unreachable

Json = dict[str, Any]

# https://github.com/tdlib/telegram-bot-api/issues/854 and, from older servers, the second one.
_GONE = ("message thread not found", "topic_deleted")
CLOSED = "topic_closed"


class Declined(Refused):
    """Telegram will not do it. `why` is its description, in lower case."""

    def __init__(self, description: str) -> None:
        super().__init__(f"Telegram says: {description}")
        self.why = description.lower()


class Migrated(Refused):
    """The group has another id now."""

    def __init__(self, chat: int) -> None:
        super().__init__(f"The group on Telegram has become a supergroup: write chat: {chat} in handoff.yml.")
        self.chat = chat


class Bot:
    """A bot, and the group that it works in. `chat` follows the group when it gets another id."""

    def __init__(self, token: str, api: str, chat: int) -> None:
        self.id = token.partition(":")[0]
        self.chat = chat
        base = api.rstrip("/")
        self._files = f"{base}/file/bot{token}"
        self._vendor = Vendor("Telegram", f"{base}/bot{token}/", refusal=_refusal)
        self._redacting = _Redacting(token)
        logging.getLogger("httpx").addFilter(self._redacting)

    async def close(self) -> None:
        logging.getLogger("httpx").removeFilter(self._redacting)
        await self._vendor.close()

    async def call(
        self,
        method: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        fine: Collection[str] = (),
        timeout: float = 10.0,
    ) -> Any:
        """The result; None when Telegram declines with one of the words in `fine`. Errors: Unreachable, Refused."""
        body = json.dumps(_encodable(parameters or {})).encode()
        options = {"content": body, "headers": {"content-type": "application/json"}, "timeout": timeout}
        return await self._called(method, options, fine)

    async def in_chat(self, method: str, parameters: Mapping[str, Any], *, fine: Collection[str] = ()) -> Any:
        """A call about our group, with its present id."""
        try:
            return await self.call(method, {"chat_id": self.chat, **parameters}, fine=fine)
        except Migrated as moved:
            self.chat = moved.chat
            return await self.call(method, {"chat_id": self.chat, **parameters}, fine=fine)

    async def upload(self, method: str, parameters: Mapping[str, Any], name: str, file: tuple[str, bytes, str]) -> Any:
        """A call that sends a file: its name, content and media type."""
        told = {key: str(value) for key, value in {"chat_id": self.chat, **parameters}.items()}
        return await self._called(method, {"data": told, "files": {name: file}, "timeout": 60.0}, ())

    async def download(self, file_path: str) -> httpx.Response:
        """A file, as `getFile` names it, still to be read and closed. Telegram gives bots at most 20 MB."""
        return await self._vendor.open("GET", f"{self._files}/{file_path}", timeout=60.0)

    async def _called(self, method: str, options: Mapping[str, Any], fine: Collection[str]) -> Any:
        try:
            answer = await self._vendor.call("POST", method, **options)
        except Declined as error:
            if any(word in error.why for word in fine):
                return None
            raise
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            raise Unreachable("Telegram answered something that is none of its answers.")
        return answer.get("result")


class _Redacting(logging.Filter):
    """The token is a part of the addresses that are called, and the client logs these."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if self._token and self._token in text:
            record.msg, record.args = text.replace(self._token, "<token>"), ()
        return True


def _refusal(response: httpx.Response) -> HandoffError | None:
    told = _told(response)
    description, parameters = str(told.get("description") or ""), told.get("parameters") or {}
    if isinstance(parameters.get("retry_after"), int):
        return Unreachable("Telegram asks to wait.", min(float(parameters["retry_after"]), LONGEST_PAUSE))
    if isinstance(parameters.get("migrate_to_chat_id"), int):
        return Migrated(parameters["migrate_to_chat_id"])
    if any(word in description.lower() for word in _GONE):
        return PlaceGone("The topic on Telegram was deleted.")
    if response.status_code in (401, 404):
        return Refused("Telegram does not know the bot's token: copy it from @BotFather into HANDOFF_CHANNEL_SECRETS.")
    return Declined(description) if response.status_code in (400, 403, 413) else None


def _told(response: httpx.Response) -> Json:
    try:
        told = response.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _encodable(value: Any) -> Any:
    """With a question mark for what is no character: half a surrogate pair, say, which Telegram declines."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {key: _encodable(one) for key, one in value.items()}
    return [_encodable(one) for one in value] if isinstance(value, list | tuple) else value
