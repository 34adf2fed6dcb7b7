"""Who somebody at Slack is: name, picture, e-mail. Asked once and remembered for a while."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

from rasa_handoff.channel import Person
from rasa_handoff.channels.http import Json
from rasa_handoff.channels.slack.api import SlackApi, SlackRefused

_REMEMBERED = 600.0  # seconds
_MOST = 5000


class People:
    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._known: dict[str, tuple[float, Person | None]] = {}
        self._we: Json | None = None

    async def person(self, id: str) -> Person | None:
        """None for apps, Slack's own included. Errors: Unreachable, Refused."""
        at, person = self._known.get(id, (0.0, None))
        if id in self._known and monotonic() - at < _REMEMBERED:
            return person
        person = await self._asked(id)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[id] = monotonic(), person
        return person

    async def _asked(self, id: str) -> Person | None:
        if id == "USLACKBOT":
            return None
        try:
            user = (await self._api.call("users.info", user=id))["user"]
        except SlackRefused as error:
            if error.code in ("user_not_found", "user_not_visible"):
                return Person(id, id)
            raise
        return None if user.get("is_bot") else _person(id, user, trusted=await self._is_ours(user))

    async def _is_ours(self, user: Mapping[str, Any]) -> bool:
        """Others share channels with us too (Slack Connect), and their workspace may say any e-mail of them."""
        if self._we is None:
            self._we = await self._api.call("auth.test")
        company = (user.get("enterprise_user") or {}).get("enterprise_id")
        if company and company == self._we.get("enterprise_id"):
            return True
        return not user.get("is_stranger") and user.get("team_id") == self._we.get("team_id")


def _person(id: str, user: Mapping[str, Any], *, trusted: bool) -> Person:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"), id)
    avatar = profile.get("image_192") or profile.get("image_72")
    email = profile.get("email") if trusted else None
    return Person(id, next(str(name) for name in names if name), email or None, avatar or None)
