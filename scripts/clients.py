"""The customer and the agent, as programs: what the demo, the journeys and the benchmarks act through.

TooLate      what was waited for did not happen in time: says what, and what was there instead
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

import httpx

Json = dict[str, Any]
T = TypeVar("T")
SECONDS = 30.0


class TooLate(AssertionError):
    """What was waited for did not happen in time."""


def wait_until(
    look: Callable[[], T | None], what: str, *, seconds: float = SECONDS, meanwhile: Callable[[], object] = lambda: None
) -> T:
    """The first truthy value that `look` returns. `meanwhile` runs before every look: it may raise.

    Errors: TooLate, which tells what was seen last.
    """
    end = time.monotonic() + seconds
    while True:
        meanwhile()
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise TooLate(f"{what}: not within {seconds:g} s. Seen last: {seen!r}")
        time.sleep(0.05)


class ChatCustomer:
    """A customer in the reference web chat; the conversation lives in the client's cookie, as in a browser's.

    `arrived` is given each line once, when `hears` or `look` comes across it; `meanwhile` runs again and again while
    `hears` waits, and may raise.
    """

    def __init__(
        self,
        desk_url: str,
        arrived: Callable[[Json], object] = lambda _: None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self._http = httpx.Client(base_url=desk_url, timeout=SECONDS, trust_env=False)
        self._arrived = arrived
        self._meanwhile = meanwhile
        self._lines: list[Json] = []
        self._heard = 0  # how many of the lines were waited for already

    @property
    def conversation_id(self) -> str:
        """Rasa's name of the conversation."""
        return str(self.chat()["conversation_id"])

    def say(self, text: str, id: str | None = None) -> None:
        """Send a message (again, when the id is a known one)."""
        answered(self._http.post("/chat/messages", json={"id": id or uuid4().hex, "text": text}))

    def hears(self, author: str, part: str = "", *, seconds: float = SECONDS) -> str:
        """What the author says with `part` in it, after what was waited for before. Errors: TooLate."""

        def heard() -> Json | None:
            self.look()
            for number, line in enumerate(self._lines[self._heard :], self._heard + 1):
                if line["author"] == author and part.lower() in str(line["text"]).lower():
                    self._heard = number
                    return line
            return None

        what = f"the {author} says something" + (f" with {part!r} in it" if part else "")
        return str(wait_until(heard, what, seconds=seconds, meanwhile=self._meanwhile)["text"])

    def look(self) -> None:
        """Take in the lines that are new."""
        for line in self.lines(self._lines[-1]["seq"] if self._lines else 0):
            self._lines.append(line)
            self._arrived(line)

    def chat(self, after: int = 0) -> Json:
        """{"conversation_id", "owner": {"status", "agent_name"}, "lines": [...]}, the lines those after seq `after`."""
        chat: Json = answered(self._http.get("/chat/messages", params={"after": after}))
        return chat

    def lines(self, after: int = 0) -> list[Json]:
        """{"seq", "id", "author", "name", "text", "at", "buttons", "attachment"}, oldest first."""
        lines: list[Json] = self.chat(after)["lines"]
        return lines

    def texts(self, author: str) -> list[str]:
        """All that this author ("customer", "bot", "agent", "system") has said."""
        return [line["text"] for line in self.lines() if line["author"] == author]


class RestCustomer:
    """A customer straight at Rasa's rest channel, where a turn's answers come back at once; and the tracker."""

    def __init__(self, rasa_url: str, conversation_id: str | None = None) -> None:
        self.conversation_id = conversation_id or f"rest-{uuid4().hex}"
        self._http = httpx.Client(base_url=rasa_url, timeout=SECONDS, trust_env=False)

    def say(self, text: str, metadata: Mapping[str, Any] | None = None) -> list[str]:
        """The texts that the bot answered in this turn."""
        body = {"sender": self.conversation_id, "message": text, "metadata": metadata or {}}
        return [
            each["text"] for each in answered(self._http.post("/webhooks/rest/webhook", json=body)) if "text" in each
        ]

    def tracker(self) -> Json:
        """The conversation as Rasa keeps it, with all events."""
        path = f"/conversations/{self.conversation_id}/tracker"  # Rasa does not decode a quoted id
        tracker: Json = answered(self._http.get(path, params={"include_events": "ALL"}))
        return tracker

    def slots(self) -> Json:
        slots: Json = self.tracker()["slots"]
        return slots

    def sessions(self) -> int:
        """How often Rasa has started a session."""
        return sum(event["event"] == "session_started" for event in self.tracker()["events"])

    def wait_for_bot(self, part: str, *, seconds: float = SECONDS) -> None:
        """Until the tracker has a message to the customer with `part` in it. Errors: TooLate."""
        what = f"the customer is told something with {part!r} in it"
        wait_until(lambda: any(who == "bot" and part in text for who, text in self.said()), what, seconds=seconds)

    def said(self) -> list[tuple[str, str]]:
        """Who said what: ("user" or "bot", text), oldest first, without what was triggered from outside."""
        events = [
            event for event in self.tracker()["events"] if event["event"] in ("user", "bot") and event.get("text")
        ]
        return [(e["event"], e["text"]) for e in events if not e["text"].startswith("EXTERNAL")]


class AgentClient:
    """An agent at the desk, through its JSON API."""

    def __init__(self, desk_url: str, agent_id: str, password: str) -> None:
        self.id = agent_id
        self.password = password
        self._http = httpx.Client(base_url=desk_url, auth=(agent_id, password), timeout=SECONDS, trust_env=False)

    def me(self) -> Json:
        me: Json = answered(self._http.get("/api/me"))
        return me

    def available(self, available: bool = True) -> None:
        answered(self._http.post("/api/me/available", json={"available": available}))

    def handoffs(self, *, open_only: bool = True) -> list[Json]:
        found: list[Json] = answered(self._http.get("/api/handoffs", params={"open_only": open_only}))
        return found

    def handoff(self, handoff_id: str) -> Json:
        """{"handoff", "package": {"summary", "key_details", "transcript"}, "log"}."""
        whole: Json = answered(self._http.get(f"/api/handoffs/{handoff_id}"))
        return whole

    def newest(self, conversation_id: str) -> Json | None:
        """The conversation's newest handoff, open or closed."""
        found = [h for h in self.handoffs(open_only=False) if h["conversation_id"] == conversation_id]
        return max(found, key=lambda handoff: str(handoff["queued_at"]), default=None)

    def wait_for(self, conversation_id: str, status: str, *, seconds: float = SECONDS) -> Json:
        """The conversation's newest handoff, once it has this status. Errors: TooLate."""

        def reached() -> Json | None:
            handoff = self.newest(conversation_id)
            return handoff if handoff and handoff["status"] == status else None

        return wait_until(reached, f"the handoff of {conversation_id} is {status}", seconds=seconds)

    def accept(self, handoff_id: str) -> Json:
        return self._do(handoff_id, "accept")

    def decline(self, handoff_id: str) -> Json:
        return self._do(handoff_id, "decline")

    def say(self, handoff_id: str, text: str, id: str | None = None) -> Json:
        return self._do(handoff_id, "messages", {"id": id or uuid4().hex, "text": text})

    def close(
        self, handoff_id: str, outcome: str = "resolved", note: str = "", learned: Mapping[str, Any] | None = None
    ) -> Json:
        return self._do(handoff_id, "close", {"outcome": outcome, "note": note, "learned": learned or {}})

    def _do(self, handoff_id: str, what: str, body: Json | None = None) -> Json:
        handoff: Json = answered(self._http.post(f"/api/handoffs/{handoff_id}/{what}", json=body))
        return handoff


def answered(response: httpx.Response) -> Any:
    """The JSON of a good answer. Errors: HTTPStatusError, which shows what a bad one said."""
    if response.is_success:
        return response.json()
    said = f"{response.request.method} {response.request.url}: {response.status_code} {response.text[:500]}"
    raise httpx.HTTPStatusError(said, request=response.request, response=response)
