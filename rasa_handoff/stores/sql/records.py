"""What the store keeps of people: found by customer or conversation, erased, and let go of in time."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, literal, or_, select, union

from rasa_handoff.core.follow_up import FollowUpState
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.questions import Question, QuestionState
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode, decode_text
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import BODY, chat, effects, handoffs, log, packages, places, questions, served, visits

# What hangs on a handoff, before the handoff itself.
_OF_HANDOFFS = (served, packages, log, places, effects)
_OWED = (FollowUpState.OPEN.value, FollowUpState.TAKEN.value)


class SqlRecords:
    """The records of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def conversations_of(self, name: str) -> list[str]:
        theirs = select(handoffs.c.conversation_id).where(handoffs.c.customer_id == name)
        same = [select(one.c.conversation_id).where(one.c.conversation_id == name) for one in _BY_CONVERSATION]
        with self._database.read() as connection:
            return sorted(connection.scalars(union(theirs, *same)))

    def handoffs_of(self, conversation_id: str) -> list[Handoff]:
        bodies = select(BODY).where(handoffs.c.conversation_id == conversation_id)
        with self._database.read() as connection:
            return [decode_text(Handoff, body) for body in connection.scalars(bodies.order_by(handoffs.c.number))]

    def questions_of(self, conversation_id: str) -> list[Question]:
        bodies = select(questions.c.body).where(questions.c.conversation_id == conversation_id)
        with self._database.read() as connection:
            return [decode(Question, body) for body in connection.scalars(bodies.order_by(questions.c.number))]

    def erase(self, conversation_id: str) -> int:
        theirs = select(handoffs.c.id, handoffs.c.status).where(handoffs.c.conversation_id == conversation_id)
        with self._database.write() as connection:
            rows = connection.execute(theirs.order_by(handoffs.c.id).with_for_update()).all()
            if any(row.status != Status.CLOSED.value for row in rows):
                raise rules.still_open(conversation_id)
            _delete(connection, [row.id for row in rows])
            for table in (effects, questions, chat, visits):
                connection.execute(delete(table).where(table.c.conversation_id == conversation_id))
        return len(rows)

    def prune(self, before: datetime, limit: int = 200) -> int:
        with self._database.write() as connection:
            gone = _over(connection, before, limit)
            _delete(connection, gone)
            connection.execute(delete(chat).where(chat.c.at < before))
            connection.execute(delete(visits).where(visits.c.seen_at < before))
            connection.execute(delete(effects).where(_is_finished(before)))
            connection.execute(delete(questions).where(_is_settled(connection, before)))
        return len(gone)


_BY_CONVERSATION: tuple[Table, ...] = (handoffs, questions, chat)


def _over(connection: Connection, before: datetime, limit: int) -> Sequence[str]:
    """The ids of ended handoffs in which nothing has happened since, locked. They began before, which an old row shows
    without a look at the log.
    """
    since = exists().where(log.c.handoff_id == handoffs.c.id, log.c.at >= before)
    ended = handoffs.c.status == literal(Status.CLOSED.value, literal_execute=True)
    nothing_owed = or_(handoffs.c.follow_up_state.is_(None), handoffs.c.follow_up_state.not_in(_OWED))
    old = select(handoffs.c.id).where(ended, handoffs.c.queued_at < before, nothing_owed, ~since)
    return connection.scalars(old.order_by(handoffs.c.id).limit(limit).with_for_update(skip_locked=True)).all()


def _delete(connection: Connection, handoff_ids: Sequence[str]) -> None:
    for table in _OF_HANDOFFS:
        connection.execute(delete(table).where(table.c.handoff_id.in_(handoff_ids)))
    connection.execute(delete(handoffs).where(handoffs.c.id.in_(handoff_ids)))


def _is_finished(before: datetime) -> ColumnElement[bool]:
    """Effects of no handoff: those of one go with it."""
    return (effects.c.state != "pending") & effects.c.handoff_id.is_(None) & (effects.c.created_at < before)


def _is_settled(connection: Connection, before: datetime) -> ColumnElement[bool]:
    """A question's times are in its body."""
    settled = select(questions.c.id, questions.c.body).where(questions.c.state != QuestionState.OPEN.value)
    old = [row.id for row in connection.execute(settled) if decode(Question, row.body).asked_at < before]
    return questions.c.id.in_(old)
