"""Many rows in one statement are what they would be one at a time, also where the server is lost on the way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text

from rasa_handoff.core.errors import Unreachable
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql.bulk import insert_many, lock_many, update_many
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import chat, questions

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(empty_url):
    upgrade(empty_url)
    database = Database(empty_url)
    yield database
    database.close()


moments = st.integers(-(10**15), 10**15).map(lambda microseconds: NOW + timedelta(microseconds=microseconds))
bodies = st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers() | st.none(), max_size=3)
rows = st.lists(
    st.fixed_dictionaries({"conversation_id": st.text(max_size=5), "at": moments, "body": bodies}),
    min_size=1,
    max_size=5,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_many_rows_at_once_are_stored_as_one_at_a_time_would_be(database, rows):
    numbered = [{**row, "id": str(number)} for number, row in enumerate(rows)]
    stored = []
    for put in (
        lambda to: insert_many(to, chat, numbered),
        lambda to: [to.execute(insert(chat), [r]) for r in numbered],
    ):
        with database.write() as connection:
            connection.execute(delete(chat))
            put(connection)
        with database.read() as connection:
            columns = (chat.c.conversation_id, chat.c.id, chat.c.at, chat.c.body)
            stored.append(connection.execute(select(*columns).order_by(chat.c.seq)).all())
    assert stored[0] == stored[1]


def test_rows_are_changed_by_their_id_and_locked_in_its_order(database):
    names = ("b", "a", "c")
    with database.write() as connection:
        questions_of = {"conversation_id": "x", "body": {}}
        insert_many(connection, questions, [{"id": name, "state": f"of {name}", **questions_of} for name in names])
        update_many(
            connection, questions, [{"id": name, "state": f"new {name}", "body": {"of": name}} for name in "ab"]
        )
        found = lock_many(connection, (questions.c.id, questions.c.state, questions.c.body), {*names, "nobody"})
        assert [tuple(row) for row in found] == [
            ("a", "new a", {"of": "a"}),
            ("b", "new b", {"of": "b"}),
            ("c", "of c", {}),
        ]
        assert lock_many(connection, (questions.c.id,), ["a", "b"], questions.c.state == "new b") == [("b",)]
        assert lock_many(connection, (questions.c.id,), []) == []


def test_a_connection_that_is_lost_between_statements_sent_ahead_is_unreachable_and_nothing_is_kept(postgres_url):
    upgrade(postgres_url)
    database = Database(postgres_url)
    with pytest.raises(Unreachable):
        _lose_the_server(database)
    with database.read() as connection:
        assert connection.execute(select(chat.c.id)).all() == []
    database.close()


def _lose_the_server(database):
    rows = [{"conversation_id": "x", "id": str(n), "at": NOW + timedelta(seconds=n), "body": {}} for n in range(3)]
    with database.write() as connection, database.pipelined(connection):
        insert_many(connection, chat, rows)
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        insert_many(connection, chat, rows)
