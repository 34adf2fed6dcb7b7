"""When customers' web chats were last open."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql, sqlite

from rasa_handoff.core.handoff import Status
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import handoffs, visits

_is_open = handoffs.c.status != literal(Status.CLOSED.value, literal_execute=True)


class SqlVisits:
    """The visits of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def customers_seen(self, conversation_ids: Collection[str], now: datetime) -> None:
        waiting = select(handoffs.c.conversation_id).where(_is_open, handoffs.c.conversation_id.in_(conversation_ids))
        with self._database.read() as connection:
            rows = [{"conversation_id": one, "seen_at": now} for one in sorted(connection.scalars(waiting))]
        if not rows:
            return
        insert = sqlite.insert if self._database.is_sqlite else postgresql.insert
        new = insert(visits)
        seen = new.on_conflict_do_update(index_elements=["conversation_id"], set_={"seen_at": new.excluded.seen_at})
        with self._database.write() as connection:  # in one order, so that no two processes wait for each other
            connection.execute(seen, rows)

    def customer_seen(self, conversation_id: str) -> datetime | None:
        with self._database.read() as connection:
            return connection.scalar(select(visits.c.seen_at).where(visits.c.conversation_id == conversation_id))
