"""Messages and files into a topic."""

from collections.abc import Mapping
from html import escape
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from rasa_handoff.channel import Outgoing, Person
from rasa_handoff.channels.telegram.api import CLOSED, Bot, Declined
from rasa_handoff.channels.telegram.html import parts, plain
from rasa_handoff.channels.telegram.steps import Steps
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.errors import problem_of
from rasa_handoff.timeouts import timeout

_METHODS = {"image": ("sendPhoto", "photo"), "video": ("sendVideo", "video"), "audio": ("sendAudio", "audio")}
_DOCUMENT = ("sendDocument", "document")
_LARGEST = 50_000_000  # bytes that a bot may upload
_PATIENCE = 15.0  # seconds for fetching and uploading a file, while the messages after it wait
_NO_PREVIEW = {"link_preview_options": {"is_disabled": True}}
_ROOM = 3900  # leaves room for a name before the text


class Topics:
    """Writes into topics. `hosts` are those whose files are fetched by us and uploaded, where Telegram cannot."""

    def __init__(self, bot: Bot, steps: Steps, hosts: frozenset[str]) -> None:
        self._bot, self._steps, self._hosts = bot, steps, hosts

    async def show(self, thread: str, message: Outgoing) -> None:
        """The message, part by part; what an earlier try brought there is not sent again."""
        key = f"{thread} {message.id}"
        for number, part in enumerate(parts(message.text, _ROOM)):
            said = _said(message, part)
            await self._steps.once(key, f"text {number}", lambda said=said: self.send(thread, "sendMessage", said))  # type: ignore[misc]
        for number, file in enumerate(message.attachments):
            await self._steps.once(key, f"file {number}", lambda file=file: self._file(thread, file))  # type: ignore[misc]

    async def html(self, thread: str, text: str, **more: Any) -> Any:
        return await self.send(thread, "sendMessage", {"text": text, "parse_mode": "HTML", **_NO_PREVIEW, **more})

    async def mention(self, thread: str, person: Person, text: str) -> None:
        """Telegram notifies the person; colleagues in the topic can read it too."""
        name = plain(person.name)
        who = f'<a href="tg://user?id={escape(person.id)}">{name}</a>' if person.id else name
        for number, part in enumerate(parts(text, _ROOM // 5)):
            await self.html(thread, f"{who}: {plain(part)}" if not number else plain(part))

    async def send(self, thread: str, method: str, parameters: Mapping[str, Any]) -> Any:
        """A message into the topic, which is opened again when it was closed. Errors: PlaceGone too."""
        told = {"message_thread_id": int(thread), **parameters}
        try:
            return await self._bot.in_chat(method, told)
        except Declined as error:
            if CLOSED not in error.why:
                raise
        await self._bot.in_chat("reopenForumTopic", {"message_thread_id": int(thread)}, fine=("topic_not_modified",))
        return await self._bot.in_chat(method, told)

    async def _file(self, thread: str, file: Attachment) -> Any:
        """As the best that Telegram takes: a copy, by its address, uploaded, or as a link."""
        try:
            if copied := _message_of(file.url):
                return await self.send(thread, "copyMessage", copied)
            if urlsplit(file.url).hostname in self._hosts:
                async with timeout(_PATIENCE):
                    return await self._upload(thread, file)
            method, name = _METHODS.get(file.kind, _DOCUMENT)
            return await self.send(thread, method, {name: file.url})
        except (Declined, TimeoutError, ValueError):
            text = f"[{file.kind}] {file.url}"
            return await self.send(thread, "sendMessage", {"text": parts(text)[0], **_NO_PREVIEW})

    async def _upload(self, thread: str, file: Attachment) -> Any:
        content, media_type = await _fetched(file.url)
        name = PurePosixPath(urlsplit(file.url).path).name or file.kind
        method, part = _METHODS.get(file.kind, _DOCUMENT)
        told = {"message_thread_id": int(thread)}
        return await self._bot.upload(method, told, part, (name, content, media_type))


def _said(message: Outgoing, part: str) -> dict[str, Any]:
    """The customer's words as they are; anybody else's with their name."""
    if message.author is Author.CUSTOMER:
        return {"text": part, **_NO_PREVIEW}
    name = message.name or message.author.value.capitalize()
    bold = {"type": "bold", "offset": 0, "length": len(f"{name}:".encode("utf-16-le", errors="replace")) // 2}
    return {"text": f"{name}: {part}", "entities": [bold], **_NO_PREVIEW}


def _message_of(url: str) -> dict[str, int] | None:
    """A message that this bot can see: `tg://message?chat_id=1&message_id=2`. Errors: ValueError."""
    address = urlsplit(url)
    if (address.scheme, address.netloc) != ("tg", "message"):
        return None
    told = parse_qs(address.query)
    chat, message = told.get("chat_id", [""])[0], told.get("message_id", [""])[0]
    return {"from_chat_id": int(chat), "message_id": int(message)}


async def _fetched(url: str) -> tuple[bytes, str]:
    """The file and its media type. Errors: Declined, whatever it is."""
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE) as client, client.stream("GET", url) as response:
            content = b""
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > _LARGEST:
                    raise Declined("the file is larger than 50 MB")
            if not response.is_success:
                raise Declined(f"the file's server answered {response.status_code}")
            return content, response.headers.get("content-type", "application/octet-stream")
    except httpx.HTTPError as error:
        raise Declined(f"the file's server did not answer ({problem_of(error)})") from error
