"""A takeover channel, where people answer beside the desk, as a protocol. Implementations: `channels/`, entry points.

What goes to a channel comes as the effects of a handoff, one after the other for each handoff. What comes from it is
verified and committed as it is (`receive`), and read afterwards (`events`), so that a slow vendor delays no answer to a
webhook and a repeated webhook is nothing.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.conversation import Attachment, Author
from rasa_handoff.core.handoff import Handoff, Outcome
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.takeover import Place


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; the feature matrix of the documentation is made of this.

    `image`, `file`: sent along in both directions. `buttons`: agents accept, decline, hand back there. `typing`: agents
    see that the customer types; `read`: and reads. `edit`: what an agent changes or deletes is noticed.
    `names`: the customer is told who answers. `history`: what was said since a mark can be asked for, so that webhooks
    lost or out of order are made good. `once`: a call that may have arrived is recognised, and not repeated.
    `external`, `owns`: see `core.takeover.Takeover`.
    """

    text: bool = True
    image: bool = False
    file: bool = False
    buttons: bool = False
    typing: bool = False
    read: bool = False
    edit: bool = False
    names: bool = False
    history: bool = False
    once: bool = False
    external: bool = False
    owns: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What a channel may show of a handoff. `url` is its page on the desk, when that has a public address.

    `department` is whose people it is shown to: its own, or the one that it is being passed on to.
    """

    handoff: Handoff
    package: ContextPackage
    url: str | None = None
    department: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """Where a channel shows a handoff; see `Place`."""

    key: str
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message for the people at a channel. `id` is the same on every try."""

    id: str
    author: Author
    text: str
    name: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to a channel's address. Names of headers are in lower case.

    `url` is what the sender called, as a signature over it has it; `path` what follows the channel's own address.
    """

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with."""

    body: bytes = b""
    media_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a channel told us, as it said it. `id` is the channel's own, the same when it says it again.

    Signals of one `place` are read one after the other. `written` are the texts in the payload that people wrote: what
    nobody may read later is masked in them before they are stored.
    """

    id: str
    place: str
    payload: Mapping[str, Any]
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What a request held. `then` is done at once after the answer, as well as can be: opening a dialog, say."""

    signals: tuple[Signal, ...] = ()
    answer: Answer = Answer()
    then: Callable[[], Awaitable[None]] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a channel. `avatar` is a public address of their picture."""

    id: str
    name: str
    email: str | None = None
    avatar: str | None = None


class Press(StrEnum):
    """What agents do with buttons, wherever they are."""

    ACCEPT = "accept"
    DECLINE = "decline"
    SUGGEST = "suggest"
    HAND_BACK = "hand_back"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """A message to the customer. `mark` orders the messages of a place, by comparison of (length, text).

    `delivered`: the channel brought it to the customer itself. `edit_of` is the id of the message it replaces.
    `private` files are read through `Channel.open_file`: their address is what that takes.
    """

    place: str
    id: str
    person: Person
    text: str
    mark: str = ""
    attachments: tuple[Attachment, ...] = ()
    private: tuple[Attachment, ...] = ()
    delivered: bool = False
    edit_of: str | None = None


@dataclass(frozen=True, slots=True)
class AgentDeleted:
    """A message was taken back at the channel. The customer has it."""

    place: str
    id: str
    person: Person


@dataclass(frozen=True, slots=True)
class CustomerSaid:
    """A message of the customer that did not come through Rasa."""

    place: str
    id: str
    text: str
    at: datetime
    mark: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Pressed:
    """An agent pressed a button. `id` is the same for a repeat; `note` is for colleagues."""

    place: str
    id: str
    person: Person
    press: Press
    outcome: Outcome = Outcome.RESOLVED
    note: str = ""


@dataclass(frozen=True, slots=True)
class Took:
    """Somebody has it now: the platform gave it to them, or they took it."""

    place: str
    person: Person


@dataclass(frozen=True, slots=True)
class LetGo:
    """The platform says that it is over: `person` ended it, or nobody in particular."""

    place: str
    outcome: Outcome
    person: Person | None = None
    note: str = ""


Incoming = AgentSaid | AgentDeleted | CustomerSaid | Pressed | Took | LetGo


@dataclass(frozen=True, slots=True)
class File:
    """A file at a channel. `chunks` are its bytes."""

    name: str
    media_type: str
    size: int | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that a channel's check looked at; `mend` is what to do when it is not `well`."""

    well: bool
    what: str
    mend: str = ""


class Channel(Protocol):
    """A takeover channel. All calls are made on the courier's event loop, `receive` on the desk's.

    Errors, all that call the vendor: `Unreachable` (try again), `Refused` (no use in that), and of those
    `UnsupportedByChannel`, where the channel has no way to do it. Each has a timeout. Where somebody deleted the place,
    `update_context` and `relay` raise `PlaceGone`: then `take_over` is called again, for a new one.
    """

    id: str
    capabilities: Capabilities

    async def take_over(self, case: Case, effect_id: str, *, again: bool) -> Opened:
        """Show the handoff, with its context, to the people of its department. `again`: an earlier try may have
        arrived; look for `effect_id` first where the vendor lets us.
        """

    async def update_context(self, case: Case, place: Place) -> None:
        """Bring what is shown up to date: the state, the summary, who has it. Doing it twice does nothing more."""

    async def relay(self, place: Place, message: Outgoing, *, again: bool) -> None:
        """Show a message."""

    async def typing(self, place: Place, *, on: bool) -> None:
        """Show that the customer types."""

    async def release(self, case: Case, place: Place) -> None:
        """The handoff has ended or gone elsewhere: show that, and give up control. Doing it twice does nothing more."""

    async def tell(self, place: Place, person: Person, text: str) -> None:
        """Tell this person something, and nobody else where the channel can."""

    def receive(self, request: Request) -> Received:
        """Verify and parse a request, without any call.

        Errors: Unverified, alike for everything that is wrong with it.
        """

    async def events(self, signal: Signal) -> Sequence[Incoming]:
        """What a signal means to us, in order; nothing for our own messages and what does not concern us."""

    async def history(self, place: Place) -> Sequence[Incoming]:
        """What was said there after `place.mark`, oldest first, whether or not it was signalled; at its end a `LetGo`
        where it is over, or a `Took` where somebody has it who has said nothing.
        """

    async def open_file(self, ref: str) -> File:
        """A private file. Errors: NotFound too."""

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        """Fetch what the vendor does not push, until cancelled; return at once where there is nothing to fetch.

        `take_in` commits what it is given; only then may it be acknowledged to the vendor.
        """

    async def check(self) -> Sequence[Checked]:
        """See live whether everything is set up: keys, rights, webhooks. Errors: none."""

    async def close(self) -> None: ...
