"""Files that customers sent, fetched to be passed on to a vendor that takes nothing but bytes.

Their addresses come from outside, so none leads into our own network: hosts without a public address are not asked,
unless they are named. What cannot be had is shown as a link instead.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

import httpx

from rasa_handoff.channels.http import trusted
from rasa_handoff.timeouts import timeout

LARGEST = 20 * 1024 * 1024
_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    name: str
    media_type: str
    content: bytes


class Fetching:
    """Belongs to one event loop. `hosts` may have addresses that are not public."""

    def __init__(self, hosts: Collection[str] = (), largest: int = LARGEST, seconds: float = 20.0) -> None:
        self._hosts = frozenset(hosts)
        self._largest = largest
        self._seconds = seconds
        self._http: httpx.AsyncClient | None = None

    async def fetch(self, url: str) -> Fetched | None:
        """None where it cannot be had, may not be asked for, or is too large."""
        try:
            async with timeout(self._seconds):
                return await self._followed(url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, TimeoutError):
            return None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def _followed(self, url: str) -> Fetched | None:
        for _ in range(_REDIRECTS + 1):
            response = await self._asked(httpx.URL(url))
            if response is None:
                return None
            try:
                if not response.has_redirect_location:
                    return await self._read(response, url)
                url = urljoin(url, response.headers["location"])
            finally:
                await response.aclose()
        return None

    async def _asked(self, url: httpx.URL) -> httpx.Response | None:
        """The host's answer; the address that was looked at is the one that is called."""
        if url.scheme not in ("http", "https") or not url.host:
            return None
        address = url.host if url.host in self._hosts else await _public(url.host)
        if address is None:
            return None
        there = url.copy_with(host=address, username=None, password=None)
        headers = {"host": url.netloc.decode().rpartition("@")[2]}
        if self._http is None:  # most conversations are without files
            self._http = httpx.AsyncClient(timeout=self._seconds, follow_redirects=False, verify=trusted())
        request = self._http.build_request("GET", there, headers=headers, extensions={"sni_hostname": url.host})
        return await self._http.send(request, stream=True)

    async def _read(self, response: httpx.Response, url: str) -> Fetched | None:
        if not response.is_success:
            return None
        content = bytearray()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > self._largest:
                return None
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        return Fetched(_name(url), media_type or "application/octet-stream", bytes(content))


async def _public(host: str) -> str | None:
    """An address of the host, if all of its addresses are public ones."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]) for one in found]
    return addresses[0] if addresses and all(map(_is_public, addresses)) else None


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "sixtofour", None) or getattr(parsed, "ipv4_mapped", None)
    found = [one for one in (parsed, inner) if one is not None]
    return all(one.is_global and not one.is_multicast and not one.is_reserved for one in found)


def _name(url: str) -> str:
    name = PurePosixPath(unquote(httpx.URL(url).path)).name
    kept = "".join(one for one in name if one.isprintable() and one not in '/\\:*?"<>|')
    return kept[-100:] or "file"
