"""What a conversation is to us, whatever it came from. Frozen values; built by `rasa_handoff.rasa.tracker`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from rasa_handoff.core.backports import StrEnum


class Author(StrEnum):
    """Who said a line of a transcript."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something sent along with a message: where it is and what the channel calls it ("image", "file" ...)."""

    url: str
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript as a person reads it. `at` is aware, in UTC."""

    author: Author
    text: str
    at: datetime
    name: str | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A value that the bot's NLU found in a message."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer, what the bot's NLU made of it, and what the bot did until the next one.

    `confidence` and `runner_up` are the NLU's numbers in [0, 1] for the first and second intent. When the bot's
    fallback classifier replaced the intent, `intent` is "nlu_fallback" and the two numbers are the real
    intents' own. `actions` are the names of what the bot ran; `replies` the texts it said; `responses` the names
    of those that have one. `filled` are the bot's slots that were given a value, with the beginning of it; `failed`
    the actions that Rasa could not run.
    """

    message_id: str
    text: str
    at: datetime
    intent: str | None = None
    confidence: float = 0.0
    runner_up: float = 0.0
    entities: tuple[Entity, ...] = ()
    replies: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    responses: tuple[str, ...] = ()
    filled: tuple[tuple[str, str], ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as the gate sees it on a user turn.

    `messages` are the newest customer messages (bounded by whoever built it), oldest first; `episode` is the
    index in it of the first one since the bot last took the conversation up (start, restart, new session, hand back):
    what came before triggers nothing; `began` is when that was, None when it is not known. `slots` are the bot's
    own, without ours.
    """

    id: str
    channel: str
    messages: tuple[Turn, ...] = ()
    episode: int = 0
    slots: Mapping[str, Any] = field(default_factory=dict)
    loop: str | None = None
    requested_slot: str | None = None
    began: datetime | None = None

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The customer's messages of the current episode, oldest first."""
        return self.messages[self.episode :]

    def since(self, at: datetime) -> "Conversation":
        """The same conversation with an episode that starts after `at`, if it started earlier."""
        later = sum(1 for turn in self.messages if turn.at > at)
        began = max(at, self.began) if self.began else at
        return replace(self, episode=max(self.episode, len(self.messages) - later), began=began)
