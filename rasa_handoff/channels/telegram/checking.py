"""Whether a bot, its group and its webhook are as they must be, and what mends it."""

from collections.abc import Sequence
from typing import Any

from rasa_handoff.channel import Checked
from rasa_handoff.channels.telegram.api import Bot
from rasa_handoff.channels.telegram.settings import TelegramSettings
from rasa_handoff.channels.telegram.updates import TYPES
from rasa_handoff.core.errors import HandoffError

_MEMBERS = ("creator", "administrator", "member", "restricted")
_MOST_WAITING = 100  # updates that a healthy webhook leaves waiting


async def checked(bot: Bot, settings: TelegramSettings, hook_url: str | None) -> Sequence[Checked]:
    """All findings; only the first where the token is wrong, because nothing else can be seen then."""
    try:
        me = await bot.call("getMe")
    except HandoffError as error:
        return [Checked(False, str(error), "set the token in HANDOFF_CHANNEL_SECRETS; @BotFather shows it")]
    found = [Checked(True, f"Telegram knows the bot @{me.get('username')}")]
    found += [await _group(bot, settings.chat), await _rights(bot, me["id"])]
    found += [await _updates(bot, settings, hook_url), await _agents(bot, settings)]
    return found


async def _group(bot: Bot, configured: int) -> Checked:
    try:
        group = await bot.in_chat("getChat", {})
    except HandoffError as error:
        return Checked(False, str(error), f"add the bot to the group, and see that {configured} is the group's id")
    if bot.chat != configured:
        return Checked(False, "The group has another id now.", f"write chat: {bot.chat} in handoff.yml")
    if not group.get("is_forum"):
        return Checked(False, "The group has no topics.", "turn on Topics in the group's settings")
    return Checked(True, f"the group {group.get('title')!r} has topics")


async def _rights(bot: Bot, id: int) -> Checked:
    try:
        member = await bot.in_chat("getChatMember", {"user_id": id})
    except HandoffError as error:
        return Checked(False, str(error), "add the bot to the group")
    if member.get("status") != "administrator" or not member.get("can_manage_topics"):
        mend = "make the bot an administrator of the group, with the right to manage topics"
        return Checked(False, "The bot may not manage topics.", mend)
    if not member.get("can_pin_messages"):
        return Checked(True, "the bot may manage topics, but pins no message: it lacks that right")
    return Checked(True, "the bot may manage topics")


async def _updates(bot: Bot, settings: TelegramSettings, hook_url: str | None) -> Checked:
    try:
        told = await bot.call("getWebhookInfo")
    except HandoffError as error:
        return Checked(False, str(error), "try again")
    return _pulls(told) if settings.pull else _hook(told, hook_url)


def _pulls(told: dict[str, Any]) -> Checked:
    if told.get("url"):
        mend = "call deleteWebhook if nobody else needs it, or leave out pull: true; Telegram does not do both"
        return Checked(False, f"The bot has a webhook, {told['url']}, and so cannot be asked.", mend)
    return Checked(True, "updates are asked for")


def _hook(told: dict[str, Any], hook_url: str | None) -> Checked:
    present = told.get("url")
    if hook_url is None:
        return Checked(False, "The desk has no public address.", "set it, or write pull: true")
    if not present:
        return Checked(False, "The bot has no webhook yet.", "start the desk: it sets it")
    if present != hook_url:
        mend = "give the desk a bot of its own: the customers' bot belongs to Rasa's telegram channel"
        return Checked(False, f"The bot's webhook is another one: {present}.", mend)
    if missing := set(TYPES) - set(told.get("allowed_updates") or TYPES):
        return Checked(False, f"The webhook lacks {', '.join(sorted(missing))}.", "start the desk anew: it sets them")
    return _delivered(told)


def _delivered(told: dict[str, Any]) -> Checked:
    waiting, error = told.get("pending_update_count", 0), told.get("last_error_message")
    if waiting > _MOST_WAITING or (waiting and error):
        mend = f"see that {told['url']} can be reached from the internet"
        return Checked(False, f"{waiting} updates wait; Telegram says: {error or 'nothing'}.", mend)
    return Checked(True, "Telegram calls the webhook")


async def _agents(bot: Bot, settings: TelegramSettings) -> Checked:
    if not settings.agents:
        mend = "write the agents' user ids and e-mails under `agents`; each is told theirs when they press a button"
        return Checked(False, "No agent is known.", mend)
    outside = [id for id in settings.agents if not await _is_member(bot, id)]
    if outside:
        names = ", ".join(f"{settings.agents[id]} ({id})" for id in outside)
        return Checked(False, f"Not in the group: {names}.", "add them to the group, or mend their user ids")
    return Checked(True, f"{len(settings.agents)} agents are in the group")


async def _is_member(bot: Bot, id: int) -> bool:
    try:
        member = await bot.in_chat("getChatMember", {"user_id": id})
    except HandoffError:
        return False
    return member.get("status") in _MEMBERS
