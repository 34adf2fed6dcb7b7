"""The bot's questions to agents: asked on a turn, answered from the desk or out of time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from rasa_handoff.core.errors import AlreadyClosed
from rasa_handoff.core.masking import masked
from rasa_handoff.core.questions import Question, answered, expired
from rasa_handoff.ports import Store
from rasa_handoff.service import utc_now

_SAID = 500  # characters of the customer's message that an agent is shown


class Asking:
    """Questions over a store. Synchronous and safe from several threads and processes."""

    def __init__(self, store: Store, patience: timedelta, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._patience = patience
        self._clock = clock

    def ask(self, conversation_id: str, department: str, text: str, said: str) -> Question:
        """Make the question durable. The conversation's open question, if there is one, is it. Errors: Unreachable."""
        now = self._clock()
        question = Question(
            id=uuid4().hex,
            conversation_id=conversation_id,
            department=department,
            text=masked(text),
            said=masked(said[:_SAID]),
            asked_at=now,
            expires_at=now + self._patience,
        )
        return self._store.ask(question, now)

    def answer(self, question_id: str, agent_id: str, agent_name: str, text: str) -> Question:
        """Errors: NotFound, AlreadyClosed, BadMessage, Unreachable."""
        after = answered(self._store.question(question_id), agent_id, agent_name, text)
        if self._store.settle(after, self._clock()):
            return after
        answered(self._store.question(question_id), agent_id, agent_name, text)  # says who was quicker
        raise AlreadyClosed("This question is settled.")


def expire(store: Store, question_id: str, now: datetime) -> None:
    """Time is up, unless somebody answered. Errors: NotFound, Unreachable."""
    before = store.question(question_id)
    after = expired(before, now)
    if after != before:
        store.settle(after, now)
