"""How long conversations took of late."""

from sqlalchemy import Connection, insert, select

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.waits import Served
from rasa_handoff.stores import rules
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import served


def note_served(connection: Connection, before: Handoff, after: Handoff) -> None:
    """Keep how long it took, when this step closes a handled handoff; in the caller's transaction."""
    took = rules.served(before, after)
    if took is not None:
        row = {"handoff_id": after.id, "department": after.need.department}
        connection.execute(insert(served).values(**row, pickup=took.pickup, handling=took.handling))


class SqlServed:
    """The durations of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def served(self, department: str, limit: int = 200) -> list[Served]:
        newest = select(served.c.pickup, served.c.handling).where(served.c.department == department)
        with self._database.read() as connection:
            rows = connection.execute(newest.order_by(served.c.number.desc()).limit(limit))
            return [Served(row.pickup, row.handling) for row in rows]
