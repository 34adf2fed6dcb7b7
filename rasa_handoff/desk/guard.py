"""What holds for every request: security headers on answers, a bound on bodies, no changes asked for by other sites."""

from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 1_000_000

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class TooLarge(HTTPException):
    """The body is longer than we read. FastAPI lets its own kind of exception through when it reads a body."""

    def __init__(self) -> None:
        super().__init__(413, f"More than {BODY_LIMIT:,} bytes are not read.")


class Guard:
    """An ASGI middleware (streams pass through it unbuffered)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        dressed = _Dressed(scope["path"], send)
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and _is_foreign(headers):
            refusal = PlainTextResponse("This request came from another site.", status_code=403)
            await refusal(scope, receive, dressed)
            return
        await self._app(scope, _Bounded(headers, receive), dressed)


def _is_foreign(headers: Headers) -> bool:
    """A browser says that another site's page is asking. Clients that are no browsers say nothing."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


class _Bounded:
    """Reads the body and stops when there is too much of it."""

    def __init__(self, headers: Headers, receive: Receive) -> None:
        length = headers.get("content-length", "0")
        self._receive = receive
        self._read = int(length) if length.isdecimal() and int(length) > BODY_LIMIT else 0

    async def __call__(self) -> Message:
        if self._read > BODY_LIMIT:
            raise TooLarge
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > BODY_LIMIT:
            raise TooLarge
        return message


class _Dressed:
    """Adds the headers to the answer."""

    def __init__(self, path: str, send: Send) -> None:
        self._send = send
        if not path.startswith("/static/"):
            self._cache = "no-store"
        else:  # vendored files carry their version in their name
            self._cache = "max-age=31536000, immutable" if "/vendor/" in path else "no-cache"

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = CONTENT_SECURITY
            headers["X-Content-Type-Options"] = "nosniff"
            headers["X-Frame-Options"] = "DENY"
            headers["Referrer-Policy"] = "same-origin"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Cache-Control"] = self._cache
        await self._send(message)
