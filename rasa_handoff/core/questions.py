"""One question of the bot's to an agent, without a handoff: asked, answered in time or not, relayed.

The bot keeps the conversation meanwhile. A frozen value and two steps, like a handoff's.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.errors import AlreadyClosed, BadMessage

ANSWER_LIMIT = 2000


class QuestionState(StrEnum):
    """open -> answered | expired."""

    OPEN = "open"
    ANSWERED = "answered"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is what the bot wants to know, `said` the customer's message that led to it. Times are in UTC."""

    id: str
    conversation_id: str
    department: str
    text: str
    said: str
    asked_at: datetime
    expires_at: datetime
    state: QuestionState = QuestionState.OPEN
    answer: str = ""
    agent_id: str | None = None
    agent_name: str | None = None


def answered(question: Question, agent_id: str, agent_name: str, text: str) -> Question:
    """Errors: AlreadyClosed (somebody was quicker, or time was up), BadMessage."""
    if question.state is not QuestionState.OPEN:
        who = f"{question.agent_name} was quicker" if question.agent_name else "time was up, and the bot went on"
        raise AlreadyClosed(f"This question is settled: {who}.")
    said = text.strip()
    if not said:
        raise BadMessage("The answer is empty. Write something before you send it.")
    if len(said) > ANSWER_LIMIT:
        raise BadMessage(f"The answer has {len(said):,} characters; at most {ANSWER_LIMIT:,} can be sent.")
    return replace(question, state=QuestionState.ANSWERED, answer=said, agent_id=agent_id, agent_name=agent_name)


def expired(question: Question, now: datetime) -> Question:
    """The question after its time is up; one that was answered stays as it is."""
    if question.state is not QuestionState.OPEN or now < question.expires_at:
        return question
    return replace(question, state=QuestionState.EXPIRED)
