"""Our errors as answers: a page for a page, a notice for a page's script, JSON for the API and the chat."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from rasa_handoff.core.errors import (
    AgentBusy,
    BadMessage,
    Conflict,
    HandoffError,
    NotFound,
    Refused,
    Unreachable,
)
from rasa_handoff.desk.auth import Forged, SignInNeeded, TooMany
from rasa_handoff.desk.context import desk_of

STATUSES: dict[type[Exception], int] = {
    SignInNeeded: 401,
    Forged: 403,
    NotFound: 404,
    Refused: 409,
    AgentBusy: 409,
    Conflict: 409,
    BadMessage: 422,
    TooMany: 429,
    Unreachable: 503,
}
TITLES = {
    403: "That did not come from this page",
    404: "Not here",
    409: "Not any more",
    422: "That cannot be sent",
    429: "Slow down",
    503: "Not reachable right now",
}
BUSY = "You are away, or all your places are taken. Go online or finish a conversation first."


def install(app: FastAPI) -> None:
    """Make the application answer our errors, and unknown addresses, clearly."""
    for kind in (HandoffError, SignInNeeded, Forged, TooMany):
        app.add_exception_handler(kind, _answer)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(RequestValidationError, _malformed)


def status_of(error: Exception) -> int:
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def words_of(error: Exception) -> str:
    return BUSY if isinstance(error, AgentBusy) else str(error) or "Something went wrong."


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInNeeded) and not _wants_json(request):
        return _to_sign_in(request)
    response = _say(request, status_of(error), words_of(error))
    if isinstance(error, SignInNeeded):
        response.headers["WWW-Authenticate"] = 'Basic realm="desk", charset="UTF-8"'
    wait = error.wait if isinstance(error, TooMany) else getattr(error, "retry_after", None)
    if wait:
        response.headers["Retry-After"] = f"{wait:.0f}"
    return response


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    text = "There is no such page." if error.status_code == 404 else str(error.detail)
    return _say(request, error.status_code, text)


async def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = [f"{'.'.join(str(at) for at in item['loc'][1:])}: {item['msg']}" for item in error.errors()]
    return _say(request, 422, "; ".join(told))


def _say(request: Request, status: int, text: str) -> Response:
    if _wants_json(request):
        return JSONResponse({"error": text}, status_code=status)
    desk = desk_of(request)
    if "hx-request" in request.headers:
        return HTMLResponse(desk.render("fragments/notice.html", {"problem": text}), status_code=status)
    title = TITLES.get(status, "Something went wrong")
    return desk.page("problem.html", {"title": title, "text": text}, status)


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/chat/"))


def _to_sign_in(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/desk/sign-in"})
    next_page = f"?next={request.url.path}" if request.method == "GET" and "stream" not in request.url.path else ""
    return RedirectResponse(f"/desk/sign-in{next_page}", status_code=303)
