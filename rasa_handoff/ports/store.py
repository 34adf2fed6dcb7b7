"""The store, as the service and the courier need it. Implementations: stores/."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from rasa_handoff.core.channel_effects import TakeIn
from rasa_handoff.core.conversation import Author
from rasa_handoff.core.effects import AskBot, Effect, Step
from rasa_handoff.core.handoff import Event, Handoff
from rasa_handoff.core.need import Profile
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.planning import Candidates, Match
from rasa_handoff.core.questions import Question
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.waits import Served

GRACE = timedelta(seconds=60)
"""How long an agent's desk may be silent."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a handoff's log: what happened, as the desk and the audit read it.

    `seq` rises over the whole store, in commit order as readers see it; `key` is unique within the handoff when
    it is not None. `kind` is the event's name in snake case, or "started". `data` is plain JSON.
    """

    seq: int
    handoff_id: str
    conversation_id: str
    kind: str
    key: str | None
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pending:
    """An effect that waits to be done. `id` is unique for ever and goes along to whoever receives the effect.

    `attempts` counts the claims, this one included: 1 the first time. `handoff_id` is empty for an effect of no
    handoff (`AskBot`, and `Assign` when an agent comes online).
    """

    id: str
    handoff_id: str
    conversation_id: str
    epoch: int
    effect: Effect
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Signalled:
    """What a takeover channel told us. `id` is unique for ever, and the same when the channel repeats it."""

    id: str
    effect: TakeIn


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A line of the reference web chat, as the customer was shown it. `seq` rises within the store."""

    seq: int
    conversation_id: str
    id: str
    author: Author
    name: str | None
    text: str
    at: datetime
    buttons: tuple[Mapping[str, str], ...] = ()
    attachment: str | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """The agents of one profile who are online: how many, and how many places they have free, and altogether."""

    profile: Profile
    agents: int
    free: int
    places: int


Choose = Callable[[Candidates], Sequence[Match]]


class Store(Protocol):
    """Handoffs, their log, the effects, agents and the web chat.

    Plain synchronous calls, safe from several threads; every method is one transaction.
    Errors, all methods: `Unreachable` when the database cannot be had.
    """

    def listen(self, notify: Callable[[], object]) -> AbstractContextManager[None]:
        """While it is entered, `notify` is called, from another thread, when any process has committed something new.

        Where a store cannot know, or does not for a while, nobody is called: poll as well.
        """

    # handoffs
    def open(self, step: Step, package: ContextPackage, now: datetime) -> Handoff:
        """Insert the new handoff with its package, a "started" log entry and its effects.

        When the conversation has an open handoff already, that one is returned and nothing is written.
        """

    def commit(self, before: Handoff, step: Step, event: Event, now: datetime, key: str | None = None) -> Handoff:
        """Write `step` in one transaction: the state, the log entry of `event`, the effects, the agents' loads.

        The load follows from `holders`: whoever stops being one is freed, whoever becomes one must have room.
        Errors: Conflict (`before` is not the stored version), AgentBusy (nothing is written), Duplicate
        (`key` is in this handoff's log already).
        """

    def get(self, handoff_id: str) -> Handoff:
        """Errors: NotFound."""

    def newest(self, conversation_id: str) -> Handoff | None:
        """The conversation's newest handoff, open or closed."""

    def package(self, handoff_id: str) -> ContextPackage:
        """Errors: NotFound."""

    def handoffs(
        self,
        *,
        open_only: bool = True,
        agent_id: str | None = None,
        departments: Collection[str] | None = None,
        limit: int = 200,
    ) -> list[Handoff]:
        """Open ones in queue order, then closed ones newest first.

        `agent_id`: only those it is or was the agent of, or is invited to; `departments`: only those of one of these.
        With both, those of either.
        """

    def match(self, choose: Choose, now: datetime) -> int:
        """Commit the offers that `choose` makes of the candidates, all in one transaction; how many it chose.

        One at a time over all processes, so that the queue's order holds. Where something came in between, an offer
        is left out, for the next call to make.
        """

    def waiting(self, departments: Collection[str] | None = None, limit: int = 200) -> list[Handoff]:
        """The first waiting handoffs (of these departments) in queue order."""

    def ahead(self, department: str, place: tuple[int, str] | None = None) -> int:
        """How many waiting handoffs of the department come before `place` (`queue_order`); all without one."""

    def earlier(self, handoff: Handoff, limit: int = 5) -> list[Handoff]:
        """The customer's, or the conversation's, other handoffs that began before this one, newest first."""

    def last_agent(self, customer_id: str) -> str | None:
        """The id of the agent who served the customer last."""

    def follow_ups(
        self, *, owed_only: bool = True, departments: Collection[str] | None = None, limit: int = 200
    ) -> list[Handoff]:
        """Handoffs (of these departments) with a callback or e-mail that is owed, by due time; then those that are
        over, the latest first.
        """

    def served(self, department: str, limit: int = 200) -> list[Served]:
        """How long the department's newest handled conversations took, newest first."""

    def log(self, handoff_id: str, after: int = 0) -> list[Entry]:
        """The handoff's log, oldest first."""

    def feed(self, after: int, limit: int = 500) -> list[Entry]:
        """The log over all handoffs, for live views; `after` is the last seen seq."""

    def last_seq(self) -> int:
        """The newest seq of the log (0 when it is empty)."""

    def recorded(self, handoff_id: str, key: str) -> bool:
        """The handoff's log has an event of this key."""

    # takeover channels
    def at_place(self, channel: str, key: str) -> Handoff | None:
        """The newest handoff that the channel shows at the place, open or closed."""

    def take_in(self, told: Sequence[Signalled], now: datetime) -> int:
        """Put what was told into the outbox, but for what is or was there already; how many it were.

        It belongs to the conversation that is shown at its place, if one is, and is erased with it.
        """

    # effects
    def claim(self, now: datetime, worker: str, lease: float, limit: int) -> list[Pending]:
        """Claim effects that are due, for `lease` seconds: of each lane only the first undone one, in order. With more
        than `limit`, those that are due longest.

        The lane of `TellCustomer`, `TellBot` and `PublishContext` is their handoff, that of `AskBot` its web chat;
        what is done at a takeover channel has one for each handoff and department, what was told by one for each place;
        that of `Announce` its listener and handoff (the tracker's is the handoff's own);
        the others have none and hold nobody up. An effect whose lease ran out can be claimed again.
        """

    def done(self, effect_ids: str | Collection[str], worker: str) -> None:
        """The effect is done, or all of several are (no error when the lease had run out)."""

    def retry(self, effect_id: str, worker: str, at: datetime, error: str) -> None:
        """Try the effect again at `at`."""

    def give_up(self, effect_id: str, worker: str, error: str) -> None:
        """The effect is not tried again; it no longer holds up its successors."""

    def next_due(self) -> datetime | None:
        """When the next effect is due, if any is pending."""

    # agents
    def agents(self) -> list[Agent]: ...

    def agent(self, agent_id: str) -> Agent:
        """Errors: NotFound."""

    def agent_by_email(self, email: str) -> Agent | None:
        """Capitals do not count. Of several the first, by id."""

    def add_agent(self, agent: Agent, password_hash: str | None = None) -> bool:
        """Insert, or update all but load, presence and (when None) password. True when it is new."""

    def password_hash(self, agent_id: str) -> str | None:
        """None when there is no such agent or no password was set."""

    def staff(self) -> list[Staff]:
        """Who is online, by profile."""

    def colleagues(self, limit: int = 50) -> list[Agent]:
        """Agents who are online or busy, those with most room first."""

    def set_presence(self, agent_id: str, presence: Presence, now: datetime, grace: timedelta = GRACE) -> None:
        """Coming online commits an `Assign` along with it, coming from offline a `WatchAgent` due after `grace`.

        Errors: NotFound.
        """

    def seen(self, agent_ids: Collection[str], now: datetime) -> None:
        """The desk has a sign of life of these agents."""

    def reachable(self, agent_id: str, until: datetime) -> None:
        """Until then the agent can be reached elsewhere, desk or no desk. Errors: NotFound."""

    # customers
    def customers_seen(self, conversation_ids: Collection[str], now: datetime) -> None:
        """The web chats of these conversations are open. Kept of those that have an open handoff."""

    def customer_seen(self, conversation_id: str) -> datetime | None:
        """When the conversation's web chat was last open, if it is known."""

    # the bot's questions
    def ask(self, question: Question, now: datetime) -> Question:
        """Insert it with its `ExpireQuestion` effect; the conversation's open question, if there is one, is it."""

    def settle(self, question: Question, now: datetime) -> bool:
        """Write its end with its `RelayAnswer` effect. False when it was not open any more: nothing is written."""

    def question(self, question_id: str) -> Question:
        """Errors: NotFound."""

    def newest_question(self, conversation_id: str) -> Question | None: ...

    def open_questions(self) -> list[Question]:
        """Oldest first."""

    # the reference web chat
    def add_chat(self, line: ChatLine, ask: AskBot | None = None) -> bool:
        """Append, and commit `ask` along with it, unless the conversation has a line of that id. True when new.

        The given seq is ignored.
        """

    def chat(self, conversation_id: str, after: int = 0) -> list[ChatLine]: ...

    # what is kept of people
    def conversations_of(self, name: str) -> list[str]:
        """The customer's conversations, or the one of that id, as far as anything is kept of them; sorted."""

    def handoffs_of(self, conversation_id: str) -> list[Handoff]:
        """All handoffs of the conversation, oldest first."""

    def questions_of(self, conversation_id: str) -> list[Question]:
        """All questions asked in the conversation, oldest first."""

    def erase(self, conversation_id: str) -> int:
        """Delete all that is kept of the conversation, effects that wait included; how many handoffs there were.

        Errors: Refused while a handoff of it is open.
        """

    def prune(self, before: datetime, limit: int = 200) -> int:
        """Delete up to `limit` ended handoffs in which nothing has happened since `before`, with all that belongs
        to them, unless a callback or e-mail is owed; also older chat lines, settled questions and finished effects.

        How many handoffs it were. The sequence numbers of log and chat are not used again.
        """
