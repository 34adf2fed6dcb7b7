"""What `rasa-handoff check` says of a Slack channel: its token and scopes, its channels, and how Slack reaches us."""

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from time import time

import httpx

from rasa_handoff.channel import Checked
from rasa_handoff.channels.http import trusted
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.channels.slack.api import SlackApi
from rasa_handoff.channels.slack.configuration import SCOPES
from rasa_handoff.core.errors import HandoffError, problem_of

_APP = "on the app's page at https://api.slack.com/apps"


async def checked(api: SlackApi, setup: Setup) -> Sequence[Checked]:
    """Errors: none."""
    try:
        found = [await _token(api)]
        found += [await _channel(api, one) for one in sorted(setup.settings.slack_channels())]
    except HandoffError as error:
        return [Checked(False, str(error), f"put the Bot User OAuth Token ({_APP}) into HANDOFF_CHANNEL_SECRETS")]
    return [*found, await (_socket(api) if setup.settings.socket_mode else _hook(setup))]


async def _token(api: SlackApi) -> Checked:
    we, headers = await api.answer("auth.test")
    given = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")}
    missing = [scope for scope in SCOPES if scope not in given]
    what = f"Slack knows the app as {we.get('user')} in {we.get('team')}"
    if missing:
        add = f"add {', '.join(missing)} under OAuth & Permissions {_APP}, and install the app anew"
        return Checked(False, f"{what}, but without some scopes", add)
    return Checked(True, what)


async def _channel(api: SlackApi, id: str) -> Checked:
    try:
        about = (await api.call("conversations.info", channel=id))["channel"]
        name = f"#{about.get('name', id)}"
        if about.get("is_archived"):
            return Checked(False, f"Slack's channel {name} is archived", "name another one in handoff.yml")
        if not about.get("is_member"):
            return Checked(False, f"The app is not in {name}", f"write /invite and the app's name in {name}")
        newest = await api.call("conversations.history", channel=id, limit=1, include_all_metadata=True)
        for one in newest.get("messages") or ():
            await api.call("conversations.replies", channel=id, ts=one["ts"], limit=1, include_all_metadata=True)
    except HandoffError as error:
        return Checked(False, f"{id}: {error}", "see that handoff.yml has the channel's id, and invite the app to it")
    return Checked(True, f"The app is in {name} and reads it")


async def _socket(api: SlackApi) -> Checked:
    try:
        await api.call("apps.connections.open")
    except HandoffError as error:
        make = f"turn Socket Mode on, and make an app-level token with connections:write ({_APP})"
        return Checked(False, f"Socket Mode: {error}", make)
    return Checked(True, "Socket Mode gives us a connection")


async def _hook(setup: Setup) -> Checked:
    """Whether what Slack calls is us, by a signature of our own. Only Slack can show that the secret is its own too."""
    secret = setup.secrets["signing_secret"]
    if not re.fullmatch("[0-9a-f]{32}", secret):
        return Checked(
            False, "The signing secret is not 32 digits and letters a to f", f"copy the Signing Secret {_APP}"
        )
    if setup.hook_url is None:
        return Checked(False, "Slack cannot reach us", "set HANDOFF_PUBLIC_URL, or use socket_mode")
    body = json.dumps({"type": "url_verification", "challenge": "are-you-there"}).encode()
    headers = {**_signed(secret, body), "content-type": "application/json"}
    try:
        async with httpx.AsyncClient(timeout=10.0, verify=trusted()) as http:
            response = await http.post(setup.hook_url, content=body, headers=headers)
    except httpx.HTTPError as error:
        said = f"{setup.hook_url} does not answer ({problem_of(error)})"
        return Checked(False, said, "see that a desk runs there, and that HANDOFF_PUBLIC_URL leads to it")
    if response.text != "are-you-there":
        said = f"{setup.hook_url} answers {response.status_code}, and not as we do"
        return Checked(
            False, said, "see that the desk there has the same signing_secret and the same id of the channel"
        )
    return Checked(True, f"{setup.hook_url} answers; it must be the Request URL of events and of interactivity")


def _signed(secret: str, body: bytes) -> dict[str, str]:
    now = int(time())
    digest = hmac.new(secret.encode(), b"v0:%d:" % now + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(now), "x-slack-signature": f"v0={digest}"}
