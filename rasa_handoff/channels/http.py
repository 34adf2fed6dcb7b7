"""How channels call their vendors: with a time limit, each failure as one of our errors. The courier tries again."""

import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import httpx

from rasa_handoff.core.errors import HandoffError, Refused, Unreachable, problem_of
from rasa_handoff.retrying import may_pass, retry_after

LONGEST_PAUSE = 3600.0
_SHOWN = 300  # characters of an answer in an error
_OF_SENDING = frozenset({"auth", "follow_redirects"})

Json = dict[str, Any]


@cache
def trusted() -> ssl.SSLContext:
    """Which servers we believe: read once, which takes a tenth of a second."""
    return httpx.create_ssl_context()


class Vendor:
    """A vendor's HTTP API. Not thread-safe: belongs to one event loop, on which it is opened when it is first used.

    `refusal` makes an error of an answer that is none of 2xx, where the vendor's own words say more; None: ours.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float = 10.0,
        refusal: Callable[[httpx.Response], HandoffError | None] = lambda response: None,
    ) -> None:
        self.name = name
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=headers, auth=auth, timeout=timeout, follow_redirects=False, verify=trusted()
        )
        self._refusal = refusal

    async def close(self) -> None:
        await self._http.aclose()

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of the answer; None of an empty one. Errors: Unreachable, Refused."""
        response = await self.request(method, path, **options)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise Unreachable(f"{self.name} answered something that is not JSON.") from error

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer, which is one of 2xx. Errors: Unreachable, Refused."""
        response = await self.open(method, path, **options)
        try:
            await response.aread()
        except httpx.HTTPError as error:
            raise self._unreached(error) from error
        finally:
            await response.aclose()
        return response

    async def open(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The same, with its body still to be read and the answer to be closed by the caller: for files."""
        try:
            how = {name: options.pop(name) for name in _OF_SENDING & options.keys()}
            response = await self._http.send(self._http.build_request(method, path, **options), stream=True, **how)
            if not response.is_success:
                await response.aread()
        except httpx.HTTPError as error:
            raise self._unreached(error) from error
        if not response.is_success:
            raise self._refusal(response) or _said(self.name, response)
        return response

    def _unreached(self, error: httpx.HTTPError) -> Unreachable:
        return Unreachable(f"{self.name} did not answer ({problem_of(error)}).")


def _said(name: str, response: httpx.Response) -> HandoffError:
    status = response.status_code
    text = f"{name} answered {status}: {response.text[:_SHOWN]}".rstrip(": ")
    if may_pass(status):
        return Unreachable(text, retry_after(response.headers.get("retry-after"), LONGEST_PAUSE))
    return Refused(text)
