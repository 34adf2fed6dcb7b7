"""Whether a page, its app and Rasa are as they must be, and what mends it."""

from collections.abc import Sequence
from typing import Any

from rasa_handoff.channel import Checked
from rasa_handoff.channels.messenger.forwarding import Rasa
from rasa_handoff.channels.messenger.graph import Graph
from rasa_handoff.channels.messenger.settings import MessengerSettings
from rasa_handoff.core.errors import HandoffError

FIELDS = ("messages", "messaging_postbacks", "messaging_handovers", "message_echoes", "standby")
"""What the app must be told of the page."""
SCOPES = ("pages_messaging", "pages_manage_metadata")


async def checked(
    graph: Graph, rasa: Rasa, settings: MessengerSettings, secret: str, hook_url: str | None
) -> Sequence[Checked]:
    """All findings; where the token is wrong, nothing else of Meta's can be seen."""
    page, forwards = await _page(graph, settings), await _forwards(rasa)
    if not page.well:
        return [page, forwards]
    app = Graph(_base(settings), f"{settings.app}|{secret}", secret)
    try:
        found = [page, await _subscribed(graph, settings), await _hook(app, settings, hook_url)]
        return [*found, await _token(app, graph.token, settings), forwards]
    finally:
        await app.close()


def _base(settings: MessengerSettings) -> str:
    return f"{str(settings.api).rstrip('/')}/{settings.version}"


async def _page(graph: Graph, settings: MessengerSettings) -> Checked:
    try:
        told = await graph.get(settings.page, fields="name,messaging_feature_status")
    except HandoffError as error:
        return Checked(False, str(error), "see page, page_token and app_secret: all three belong to one page and app")
    routed = bool((told.get("messaging_feature_status") or {}).get("hop_v2"))
    how = "with Conversation Routing" if routed else "without a default app"
    if settings.to_app is None and not routed:
        mend = "set a default app in the page's settings (Advanced messaging), or leave to_app out"
        return Checked(False, f"Control is released to the default app, and {told.get('name')!r} has none.", mend)
    return Checked(True, f"the page {told.get('name')!r} answers, {how}")


async def _subscribed(graph: Graph, settings: MessengerSettings) -> Checked:
    try:
        told = await graph.get(f"{settings.page}/subscribed_apps")
    except HandoffError as error:
        return Checked(False, str(error), "give the token the permission pages_manage_metadata")
    ours = next((one for one in _rows(told) if str(one.get("id")) == settings.app), {})
    missing = [field for field in FIELDS if field not in (ours.get("subscribed_fields") or ())]
    if missing:
        mend = "in the app's dashboard, Messenger, Webhooks, choose them for the page"
        return Checked(False, f"The app is not told of: {', '.join(missing)}.", mend)
    return Checked(True, "the app is told of all that happens on the page")


async def _hook(app: Graph, settings: MessengerSettings, hook_url: str | None) -> Checked:
    try:
        told = await app.get(f"{settings.app}/subscriptions")
    except HandoffError as error:
        return Checked(False, str(error), "copy the app's id and secret from App settings, Basic")
    ours = next((one for one in _rows(told) if one.get("object") == "page"), {})
    if hook_url is None:
        return Checked(False, "The desk has no public address.", "set it, so that Meta can call it")
    if ours.get("callback_url") != hook_url or not ours.get("active"):
        mend = f"in the app's dashboard, Webhooks, Page, enter {hook_url} and the verify_token"
        return Checked(False, f"The app's webhook is {ours.get('callback_url') or 'not set'}.", mend)
    return Checked(True, "the app's webhook is ours")


async def _token(app: Graph, token: str, settings: MessengerSettings) -> Checked:
    try:
        told = await app.get("debug_token", input_token=token)
    except HandoffError as error:
        return Checked(False, str(error), "copy the app's id and secret from App settings, Basic")
    data = told.get("data") or {}
    if str(data.get("app_id")) != settings.app:
        mend = f"make the page access token in the app {settings.app}"
        return Checked(False, f"The page_token is of another app, {data.get('app_id')}.", mend)
    missing = [scope for scope in SCOPES if scope not in (data.get("scopes") or ())]
    if missing:
        return Checked(False, f"The token lacks: {', '.join(missing)}.", "make a new page access token with them")
    return Checked(True, "the token may do all that is needed")


async def _forwards(rasa: Rasa) -> Checked:
    try:
        await rasa.post({"object": "page", "entry": []})
    except HandoffError as error:
        return Checked(
            False, str(error), "start Rasa with `facebook` in credentials.yml, and see `rasa` in handoff.yml"
        )
    return Checked(True, "Rasa takes what is for the bot")


def _rows(told: Any) -> list[dict[str, Any]]:
    rows = told.get("data") if isinstance(told, dict) else None
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
