"""The bot's questions to agents."""

from datetime import datetime

from sqlalchemy import ColumnElement, insert, literal, select, update

from rasa_handoff.core.effects import ExpireQuestion, RelayAnswer
from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.questions import Question, QuestionState
from rasa_handoff.stores.codec import decode, encode
from rasa_handoff.stores.sql import effects
from rasa_handoff.stores.sql.database import Database, Turn
from rasa_handoff.stores.tables import questions

# Spelled out in the SQL, so that every plan may use the partial index.
_is_open: ColumnElement[bool] = questions.c.state == literal(QuestionState.OPEN.value, literal_execute=True)


class SqlQuestions:
    """The questions of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(self, question: Question, now: datetime) -> Question:
        same = select(questions.c.body).where(_is_open, questions.c.conversation_id == question.conversation_id)
        with self._database.write() as connection:
            self._database.take_turn(connection, Turn.NUMBERING)
            already = connection.scalar(same)
            if already is not None:
                return decode(Question, already)
            row = {"id": question.id, "conversation_id": question.conversation_id, "state": question.state.value}
            connection.execute(insert(questions).values(**row, body=encode(question)))
            timer = ExpireQuestion(question.id, question.expires_at)
            effects.add(connection, [effects.New(timer, conversation_id=question.conversation_id)], now)
        return question

    def settle(self, question: Question, now: datetime) -> bool:
        stored = update(questions).where(_is_open, questions.c.id == question.id)
        with self._database.write() as connection:
            self._database.take_turn(connection, Turn.NUMBERING)
            written = connection.execute(stored.values(state=question.state.value, body=encode(question)))
            if written.rowcount == 0:
                return False
            relay = RelayAnswer(question.id)
            effects.add(connection, [effects.New(relay, conversation_id=question.conversation_id)], now)
        return True

    def question(self, question_id: str) -> Question:
        found = self._bodies(questions.c.id == question_id)
        if not found:
            raise NotFound(f"There is no question {question_id}.")
        return found[0]

    def newest_question(self, conversation_id: str) -> Question | None:
        newest = select(questions.c.body).where(questions.c.conversation_id == conversation_id)
        with self._database.read() as connection:
            body = connection.scalar(newest.order_by(questions.c.number.desc()).limit(1))
        return None if body is None else decode(Question, body)

    def open_questions(self) -> list[Question]:
        return self._bodies(_is_open)

    def _bodies(self, condition: ColumnElement[bool]) -> list[Question]:
        found = select(questions.c.body).where(condition).order_by(questions.c.number)
        with self._database.read() as connection:
            return [decode(Question, body) for body in connection.scalars(found)]
