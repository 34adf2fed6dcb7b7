"""Files, both ways: customers' into a thread, agents' out of it (https://docs.slack.dev/messaging/working-with-files)."""

import re
from collections.abc import AsyncIterator, Collection, Sequence
from urllib.parse import urlsplit

import httpx

from rasa_handoff.channel import File
from rasa_handoff.channels.fetching import Fetched, Fetching
from rasa_handoff.channels.slack.api import SlackApi, SlackRefused
from rasa_handoff.channels.slack.posting import Spot
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.errors import NotFound, Refused, Unreachable

_NOT_THERE = frozenset({"file_deleted", "file_not_found", "not_visible"})


class Files:
    def __init__(self, api: SlackApi, api_url: str, hosts: Collection[str]) -> None:
        self._api = api
        self._host = urlsplit(api_url).hostname or ""
        self._fetching = Fetching(hosts)

    async def uploaded(self, attachments: Sequence[Attachment]) -> tuple[list[str], list[Attachment]]:
        """The ids of what was uploaded, which nobody sees yet, and what could not be. Errors: Unreachable, Refused."""
        ids, left = [], []
        for one in attachments:
            fetched = await self._fetching.fetch(one.url)
            if fetched and fetched.content:
                ids.append(await self._upload(fetched))
            else:
                left.append(one)
        return ids, left

    async def show(self, spot: Spot, ids: Sequence[str], *, again: bool) -> None:
        """Share what was uploaded. Errors: Unreachable, Refused."""
        if not ids or (again and await self._are_shown(spot, ids)):
            return
        try:
            files = [{"id": id} for id in ids]
            where = {"channel_id": spot.channel, "thread_ts": spot.thread}
            await self._api.call("files.completeUploadExternal", files=files, **where)
        except SlackRefused:
            if not again:  # of what an earlier try has completed there is nothing left to complete
                raise

    async def open(self, id: str) -> File:
        """Errors: NotFound, Unreachable, Refused."""
        if not re.fullmatch("F[A-Z0-9]{2,30}", id):
            raise NotFound("Slack has no such file.")
        try:
            about = (await self._api.call("files.info", file=id))["file"]
        except SlackRefused as error:
            if error.code in _NOT_THERE:
                raise NotFound("Slack has this file no longer.") from error
            raise
        url = str(about.get("url_private_download") or about.get("url_private") or "")
        self._require_slacks(url)
        response = await self._api.vendor.open("GET", url)
        media_type = response.headers.get("content-type", "application/octet-stream")
        length = response.headers.get("content-length", "")
        size = int(length) if length.isdecimal() else None
        return File(str(about.get("name") or "file"), media_type, size, _chunks(response))

    async def close(self) -> None:
        await self._fetching.close()

    async def _upload(self, fetched: Fetched) -> str:
        told = {"filename": fetched.name, "length": len(fetched.content)}
        answer = await self._api.call("files.getUploadURLExternal", **told)
        url = str(answer["upload_url"])
        self._require_slacks(url)
        headers = {"content-type": "application/octet-stream"}
        await self._api.vendor.request("POST", url, content=fetched.content, headers=headers)
        return str(answer["file_id"])

    async def _are_shown(self, spot: Spot, ids: Sequence[str]) -> bool:
        async for message in self._api.messages("conversations.replies", channel=spot.channel, ts=spot.thread):
            if {one.get("id") for one in message.get("files") or ()} & set(ids):
                return True
        return False

    def _require_slacks(self, url: str) -> None:
        """Our token goes to Slack and nowhere else."""
        parts = urlsplit(url)
        host, domain = parts.hostname or "", ".".join(self._host.split(".")[-2:])
        is_local = host == self._host and not host.endswith("slack.com")
        if not (is_local or (parts.scheme == "https" and (host == domain or host.endswith(f".{domain}")))):
            raise Refused(f"Slack names an address for a file that is not its own: {host}.")


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    except httpx.HTTPError as error:
        raise Unreachable(f"Slack broke off in the middle of a file ({type(error).__name__}).") from error
    finally:
        await response.aclose()
