"""The store in a SQL database: SQLite for one machine, PostgreSQL for several."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from rasa_handoff.stores.sql.agents import SqlAgents
from rasa_handoff.stores.sql.chat import SqlChat
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.sql.effects import SqlEffects
from rasa_handoff.stores.sql.handoffs import SqlHandoffs
from rasa_handoff.stores.sql.matching import SqlMatching
from rasa_handoff.stores.sql.places import SqlPlaces
from rasa_handoff.stores.sql.questions import SqlQuestions
from rasa_handoff.stores.sql.records import SqlRecords
from rasa_handoff.stores.sql.served import SqlServed
from rasa_handoff.stores.sql.visits import SqlVisits

__all__ = ["SqlStore"]


class SqlStore(
    SqlHandoffs, SqlMatching, SqlEffects, SqlAgents, SqlServed, SqlPlaces, SqlQuestions, SqlChat, SqlVisits, SqlRecords
):
    """A `Store` over one database."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def listen(self, notify: Callable[[], object]) -> AbstractContextManager[None]:
        """PostgreSQL says so; SQLite cannot."""
        return self._database.listen(notify)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()
