"""Who somebody at a takeover channel is to us."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rasa_handoff.channel import Channel, Person
from rasa_handoff.core.errors import Refused
from rasa_handoff.core.routing import Presence
from rasa_handoff.ports import Store
from rasa_handoff.service import Service

REACH = timedelta(hours=1)
"""How long somebody who did something at a channel counts as being there."""


REMEMBERED = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Who:
    """An agent: one of ours, or (`outside`) somebody whom the channel's platform knows alone."""

    id: str
    name: str
    outside: bool
    avatar: str | None = None


class People:
    """Plain synchronous calls. All but `remembered` ask the store."""

    def __init__(self, store: Store, service: Service, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._service = service
        self._clock = clock
        self._known: dict[tuple[str, str, str | None], tuple[Who, datetime]] = {}

    def remembered(self, channel: Channel, person: Person) -> Who | None:
        """Who wrote a moment ago: those who write do so often."""
        known, until = self._known.get((channel.id, person.id, person.email), (None, self._clock()))
        return None if known is None or self._clock() >= until or known.avatar != person.avatar else known

    def writes(self, channel: Channel, person: Person) -> Who:
        """As `who`, and `remembered`."""
        who = self.who(channel, person)
        self._known[channel.id, person.id, person.email] = who, self._clock() + REMEMBERED
        return who

    def who(self, channel: Channel, person: Person, *, accepts: bool = False) -> Who:
        """One of our agents by e-mail; what they did is a sign of life. Errors: Refused, with what to do.

        Who `accepts` although they are away is busy from then on: this one they want, and no others.
        """
        if channel.capabilities.external:
            return Who(f"{channel.id}:{person.id}", person.name, True, person.avatar)
        agent = self._store.agent_by_email(person.email) if person.email else None
        if agent is None:
            whose = person.email or f"{person.name}, without an e-mail address that we may see,"
            raise Refused(f"{whose} is none of the agents here. Have it added: agents, email, in handoff.yml.")
        if agent.presence is Presence.OFFLINE:
            self._service.set_presence(agent.id, Presence.ONLINE)
        if accepts and agent.presence is Presence.AWAY:
            self._service.set_presence(agent.id, Presence.BUSY)
        self._store.reachable(agent.id, self._clock() + REACH)
        return Who(agent.id, agent.name, False, person.avatar)
