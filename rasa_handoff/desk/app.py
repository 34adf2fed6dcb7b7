"""The desk's ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from rasa_handoff import __version__
from rasa_handoff.channel import Channel
from rasa_handoff.desk import (
    api,
    assist,
    auth,
    chat,
    followups,
    health,
    hooks,
    pages,
    problems,
    questions,
    sign_in,
    streams,
    transfers,
)
from rasa_handoff.desk.context import HERE, Desk, Parts, Runs, Task, desk_of, make_pages
from rasa_handoff.desk.guard import Guard
from rasa_handoff.desk.live import Live
from rasa_handoff.desk.passwords import Passwords
from rasa_handoff.desk.sessions import Sessions


def create_app(
    parts: Parts, courier: Runs, pruner: Task | None = None, channels: Mapping[str, Channel] | None = None
) -> FastAPI:
    """The desk, the reference chat page, the API, the hooks of takeover channels and the operators' pages.

    Courier and pruner run while it is up, and what fetches from the `channels`.
    """
    app = FastAPI(
        title="rasa-handoff desk",
        version=__version__,
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = Desk(
        store=parts.store,
        service=parts.service,
        asking=parts.asking(),
        courier=courier,
        live=Live(parts.store),
        sessions=Sessions(parts.secret()),
        passwords=Passwords(parts.store),
        pages=make_pages(),
        departments=parts.service.policy.departments,
        assist=parts.assist(),
    )
    app.state.gate = auth.Gate()
    app.state.pruner = pruner
    app.state.hooks = hooks.Hooks(parts.store, channels or {}, parts.links(), courier.wake)
    app.add_middleware(Guard)
    problems.install(app)
    # The streams and the sign-in before the pages: /desk/{handoff_id} would take their addresses.
    for part in (sign_in, assist, streams, followups, questions, transfers, pages, chat, api, hooks, health):
        app.include_router(part.router)
    app.add_api_route("/", _start, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app


async def _start(desk: Annotated[Desk, Depends(desk_of)]) -> HTMLResponse:
    return desk.page("start.html", {})


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    desk: Desk = app.state.desk
    runs = {"courier": desk.courier, "live": desk.live, "pruner": app.state.pruner}
    tasks = {name: asyncio.create_task(one.run()) for name, one in runs.items() if one}
    tasks |= {name: asyncio.create_task(pull) for name, pull in app.state.hooks.pulls()}
    app.state.tasks = tasks
    loop = asyncio.get_running_loop()
    try:
        with desk.store.listen(lambda: loop.call_soon_threadsafe(desk.stir)):
            yield
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
