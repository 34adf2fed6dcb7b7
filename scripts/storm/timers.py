"""Timers that the log proves to have been missed: what each one waits for still holds, and its time came long ago.

A timer whose reason is gone leaves no trace in the log, and need not: an offer answered in time, say. But while
its reason holds it must fire, and be in the log, soon after its time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.ports import Entry

LATE = timedelta(seconds=120)
"""Later than a crash of the database, dead workers and a busy machine make a timer, all together."""


@dataclass(frozen=True)
class Hands:
    """In whose hands a handoff is: who has it, and who is being asked."""

    holder: str | None = None
    asked: str | None = None
    closed: bool = False


@dataclass
class Timers:
    """The timers of one handoff that are still to fire, each with its time, as the log tells.

    `for_one`: it is being passed on to one agent, and to nobody else when that one lets it pass.
    """

    handoff: Handoff
    due: dict[str, datetime] = field(default_factory=dict)
    ring: int = 0
    for_one: bool = False

    def missed(self, now: datetime) -> Iterator[str]:
        """What should have happened long before `now`; each said once."""
        for name, at in list(self.due.items()):
            if now > at + LATE:
                yield f"the timer '{name}' was due at {at:%H:%M:%S} and has not fired by {now:%H:%M:%S}"
                del self.due[name]

    def take(self, entry: Entry, before: Hands, after: Hands) -> None:
        """What the entry sets off, and what it makes pointless."""
        self._of_offers(entry, before)
        self._of_transfers(entry, after)
        self._of_rings(entry)
        self._of_follow_ups(entry)
        if entry.kind in ("started", "update_due") or (before.holder and not after.holder and not after.closed):
            self._set("update", entry, self.handoff.rules.update_every)
        if after.holder or after.closed:
            self._stop("update")
        if after.asked is None:
            self._stop("offer")
        if after.closed:
            self._stop("ask again", "transfer", "ring")

    def _of_offers(self, entry: Entry, before: Hands) -> None:
        match entry.kind:
            case "offered":
                self._stop("ask again")
                self._set("offer", entry, self.handoff.rules.offer_timeout)
            case "accepted" | "ask_again_due":
                self._stop("ask again")
            case "offer_expired":
                self._passed(entry)
            case "declined" | "agent_lost" if before.asked == entry.data["agent_id"]:
                self._passed(entry)

    def _passed(self, entry: Entry) -> None:
        """Those who let it pass are asked again some time later, if all have."""
        if not self.for_one:
            self._set("ask again", entry, self.handoff.rules.ask_again)
        self.for_one = False

    def _of_transfers(self, entry: Entry, after: Hands) -> None:
        rules, data = self.handoff.rules, entry.data
        match entry.kind:
            case "transferred":
                self._stop("ask again")
                self.for_one = bool(data["warm"] and data["agent_id"])
                if data["agent_id"]:
                    self._set("offer", entry, rules.offer_timeout)
                elif data["warm"]:
                    self._set("transfer", entry, rules.transfer_timeout)
                if data["department"] != self.handoff.need.department:
                    self._stop("ring")  # its skills count no more
            case "transfer_expired":
                self._stop("transfer", "ask again")
                self.for_one = after.asked is not None  # who may still answer
            case "transfer_cancelled" | "accepted":
                self._stop("transfer", "ask again")
                self.for_one = False
            case "agent_lost" if after.holder is None:
                self._stop("transfer")

    def _of_rings(self, entry: Entry) -> None:
        if entry.kind not in ("started", "widened"):
            return
        self._stop("ring")
        self.ring = entry.data["ring"] if entry.kind == "widened" else 0
        need, rings = self.handoff.need, self.handoff.rules.rings
        wanted = need.criteria(rings[self.ring])
        further = next((ring for ring in rings[self.ring + 1 :] if need.criteria(ring) != wanted), None)
        if further is not None:
            self.due["ring"] = self.handoff.queued_at + further.after

    def _of_follow_ups(self, entry: Entry) -> None:
        match entry.kind:
            case "callback_booked":
                self.due["follow-up"] = datetime.fromisoformat(entry.data["at"])
            case "email_taken":
                self.due["follow-up"] = datetime.fromisoformat(entry.data["due_at"])
            case "follow_up_due" | "follow_up_done" | "follow_up_failed":
                self._stop("follow-up")

    def _set(self, name: str, entry: Entry, after: timedelta) -> None:
        self.due[name] = entry.at + after

    def _stop(self, *names: str) -> None:
        for name in names:
            self.due.pop(name, None)
