"""Who an identity in a conversation is. Flex makes it of the agent's name for signing in, often an e-mail address."""

import re

from rasa_handoff.channel import Person
from rasa_handoff.channels.twilio.api import Twilio
from rasa_handoff.core.errors import HandoffError

_ESCAPED = re.compile("_([0-9A-Fa-f]{2})")
_KEPT = 1000


class People:
    """Asks once for each; belongs to one event loop."""

    def __init__(self, twilio: Twilio) -> None:
        self._twilio = twilio
        self._known: dict[str, Person] = {}

    async def who(self, identity: str) -> Person:
        """Named as Flex names them, or else by their identity, and never by a whole e-mail address. Errors: none."""
        if identity in self._known:
            return self._known[identity]
        try:
            user = await self._twilio.get("conversations", "Users", identity)
        except HandoffError:
            return person(identity, None)  # without a name that is right, their message still is
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[identity] = person(identity, user.get("friendly_name"))
        return self._known[identity]


def person(identity: str, friendly_name: str | None) -> Person:
    plain = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), identity)
    email = plain if "@" in plain else None
    given = friendly_name if friendly_name and friendly_name not in (identity, plain) else plain
    return Person(identity, _shown(given), email)


def _shown(name: str) -> str:
    """An e-mail address is not for customers: "anna.ng@example.com" is "Anna Ng" to them."""
    local, at, _ = name.partition("@")
    return re.sub(r"[._-]+", " ", local).strip().title() or "Agent" if at else name
