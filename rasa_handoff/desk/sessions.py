"""The signed cookies: who is signed in at the desk, and which web chat a browser holds."""

import secrets
from dataclasses import dataclass

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

DESK_COOKIE = "handoff_desk"
SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True)
class Session:
    """Who sits at this browser (nobody before sign-in), and the token its forms must carry."""

    agent_id: str | None
    csrf: str


class Sessions:
    """Reads and writes cookies that only we can make."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def read(self, request: Request, cookie: str, seconds: int) -> dict[str, str]:
        """The cookie's content; empty when it is missing, too old or not ours."""
        try:
            content = self._signer(cookie).loads(request.cookies.get(cookie, ""), max_age=seconds)
        except BadSignature:
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, request: Request, response: Response, cookie: str, content: dict[str, str], seconds: int) -> None:
        response.set_cookie(
            cookie,
            self._signer(cookie).dumps(content),
            max_age=seconds,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )

    def desk(self, request: Request) -> Session:
        content = self.read(request, DESK_COOKIE, SESSION_SECONDS)
        return Session(content.get("agent") or None, content.get("csrf") or secrets.token_urlsafe(24))

    def keep_desk(self, request: Request, response: Response, session: Session) -> None:
        content = {"agent": session.agent_id or "", "csrf": session.csrf}
        self.write(request, response, DESK_COOKIE, content, SESSION_SECONDS)

    def _signer(self, salt: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=salt)
