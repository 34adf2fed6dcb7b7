"""What is looked at live: the token and its rights, the inboxes and their bot, teams, agents, the webhook."""

from collections.abc import AsyncIterator, Sequence

from rasa_handoff.channel import Checked
from rasa_handoff.channels.chatwoot.api import Chatwoot, Json
from rasa_handoff.channels.chatwoot.settings import ChatwootChannelSettings
from rasa_handoff.channels.chatwoot.webhook import EVENTS
from rasa_handoff.channels.kinds import Setup
from rasa_handoff.core.errors import HandoffError


async def checked(api: Chatwoot, settings: ChatwootChannelSettings, setup: Setup) -> Sequence[Checked]:
    """Everything that could be looked at; what could not be is the last. Errors: none."""
    found: list[Checked] = []
    try:
        found += [await _token(api, settings)]
        async for one in _account(api, settings, setup):
            found.append(one)
    except HandoffError as error:
        found.append(Checked(False, str(error), f"see that {settings.url} is Chatwoot, and its token right"))
    return found


async def _token(api: Chatwoot, settings: ChatwootChannelSettings) -> Checked:
    """An agent's token would do, but for webhooks; and what an agent opens, Chatwoot assigns to them."""
    profile = await api.profile()
    name = profile.get("name")
    role = next((one.get("role") for one in profile.get("accounts") or [] if one.get("id") == settings.account), None)
    if role is None:
        mend = "use the token of an administrator of this account, or mend `account`"
        return Checked(False, f"{name} is not in account {settings.account}", mend)
    mend = "use an administrator's token: what an agent opens, Chatwoot assigns to them"
    return Checked(role == "administrator", f"the token is that of {name}, {role}", mend)


async def _account(api: Chatwoot, settings: ChatwootChannelSettings, setup: Setup) -> AsyncIterator[Checked]:
    inboxes = {one.get("id"): one for one in await api.listed("inboxes")}
    for number in settings.inboxes:
        yield await _inbox(api, number, inboxes.get(number))
    for kind, numbers in (("teams", settings.teams.values()), ("agents", settings.agents.values())):
        known = {one.get("id"): one.get("name") for one in (await api.listed(kind) if numbers else ())}
        for number in dict.fromkeys(numbers):
            mend = f"take a number of those there are: {known}"
            yield Checked(number in known, f"{kind}: {number} {known.get(number, 'is not there')}", mend)
    yield _webhook(await api.listed("webhooks"), setup)


async def _inbox(api: Chatwoot, number: int, inbox: Json | None) -> Checked:
    if inbox is None:
        return Checked(False, f"inbox {number} is not there", "mend `inboxes`: the number is in the inbox's address")
    bot = await api.agent_bot(number)
    mend = f"choose the bot in Settings, Inboxes, {inbox.get('name')}, Bot configuration"
    what = (
        f"inbox {number} ({inbox.get('name')}) has the bot {bot.get('name')}" if bot else f"inbox {number} has no bot"
    )
    return Checked(bool(bot), what, mend)


def _webhook(webhooks: Sequence[Json], setup: Setup) -> Checked:
    """The webhook that calls us, subscribed to what we read, signed with the secret that we have."""
    path, signing = setup.secrets.get("path", ""), setup.secrets.get("signing", "")
    url = (setup.hook_url or "/hooks/" + setup.id) + (f"/{path}" if path else "")
    shown = url.replace(path, "...") if path else url
    ours = next((one for one in webhooks if str(one.get("url", "")).endswith(url)), None)
    if ours is None:
        mend = f"add it in Settings, Integrations, Webhooks, with {', '.join(EVENTS)}"
        return Checked(False, f"no webhook calls {shown}", mend)
    if missing := [event for event in EVENTS if event not in (ours.get("subscriptions") or [])]:
        return Checked(False, f"the webhook is not told of {', '.join(missing)}", "tick these events in the webhook")
    if signing and ours.get("secret") and ours["secret"] != signing:
        return Checked(False, "the webhook signs with another secret", "copy its secret into `signing`")
    return Checked(True, f"Chatwoot calls {shown}")
