"""What the service and the courier need of others: Rasa, the model, mail. Implementations: rasa/, writers/, mail/."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.follow_up import Recipient
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.knowledge import Article, Hit
from rasa_handoff.core.package import ContextPackage, Summary


class Writer(Protocol):
    """Writes the summary with a language model."""

    name: str

    async def summarise(self, package: ContextPackage, draft: Summary) -> Summary:
        """The model's sentences, each with the lines it rests on; where one does not hold, the draft's instead.

        Errors: Unreachable (worth another try when it says `retry_after`).
        """


class KnowledgeBase(Protocol):
    """Articles that help an agent to answer. Plain synchronous calls, safe from several threads.

    Errors, all methods: `Unreachable` when the articles cannot be had.
    """

    def search(self, text: str, language: str, limit: int) -> tuple[Hit, ...]:
        """At most `limit` articles that fit `text`, the best first; none when nothing fits.

        Those in `language` (ISO 639-1) where there are any, else those in the base's own.
        """

    def article(self, article_id: str) -> Article:
        """Errors: NotFound."""

    def problems(self) -> tuple[str, ...]:
        """What could not be read and is left out, one text for each."""


class Listeners(Protocol):
    """Who is told of handoffs outside of Rasa, by id."""

    def wants_transcript(self, to: str) -> bool:
        """The listener may have the whole conversation with the context."""

    async def deliver(self, to: str, event: Mapping[str, Any]) -> None:
        """Deliver a CloudEvent. Errors: Unreachable (try again), Refused (no use in that)."""


class Post(Protocol):
    """Sends the e-mails of a follow-up."""

    async def send(self, to: Recipient, handoff: Handoff, package: ContextPackage) -> None:
        """Errors: Refused (it will not be taken, ever), Unreachable (worth another try)."""


class Bot(Protocol):
    """The Rasa server, as the courier needs it.

    Every call is made with an id; with `again`, because an earlier try may have arrived, that is looked up first.
    Errors, all methods: Unreachable, Refused (its API has no way to name this conversation).
    """

    async def say(
        self,
        conversation_id: str,
        text: str,
        metadata: Mapping[str, Any],
        *,
        again: bool,
        attachments: Sequence[Attachment] = (),
        push: bool = True,
    ) -> bool:
        """Record a bot event with metadata {"effect_id", "author", "name"}, and push it through the latest channel.

        Each attachment is an event of its own. True when that channel cannot be pushed to, and the caller must bring
        it to the customer otherwise.
        """

    async def trigger(
        self, conversation_id: str, intent: str, effect_id: str, *, again: bool
    ) -> Sequence[Mapping[str, Any]]:
        """Trigger an external intent. What the bot said that could not be pushed, as `send` gives it."""

    async def run(
        self, conversation_id: str, action: str, run: Mapping[str, Any], slots: Mapping[str, Any], *, again: bool
    ) -> tuple[str, Sequence[Mapping[str, Any]]]:
        """Run an action of the bot; `run` has the run's "id", and is given to it as the slot `handoff_action`.

        What is told to the agent, and what the bot said that could not be pushed, as `send` gives it.
        Errors: Refused also when it cannot be told whether the action ran.
        """

    async def set_slots(self, conversation_id: str, slots: Mapping[str, Any]) -> None:
        """Set slots of the bot."""

    async def tracker(self, conversation_id: str) -> dict[str, Any]:
        """The whole tracker, as Rasa's HTTP API gives it."""

    async def record(self, conversation_id: str, text: str, message_id: str, *, again: bool) -> None:
        """Record a customer's message that the bot is not to answer."""

    async def slots(self, conversation_id: str) -> Mapping[str, Any]:
        """The bot's slots."""

    async def send(
        self, conversation_id: str, text: str, message_id: str, *, again: bool
    ) -> Sequence[Mapping[str, Any]]:
        """Send a customer's message through the rest channel; the bot's answers (text, image, buttons, attachment)."""
