"""Where takeover channels show handoffs."""

from sqlalchemy import Connection, select

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import handoffs, places


def note_places(connection: Connection, before: Handoff, after: Handoff) -> None:
    """Remember the places that are new with this step."""
    new = rules.new_places(before, after)
    if new:
        rows = [{"handoff_id": after.id, "channel": one.channel, "key": one.key} for one in new]
        connection.execute(places.insert(), rows)


class SqlPlaces:
    """The places of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def at_place(self, channel: str, key: str) -> Handoff | None:
        there = select(handoffs.c.body).join(places, places.c.handoff_id == handoffs.c.id)
        newest = there.where(places.c.channel == channel, places.c.key == key).order_by(places.c.number.desc())
        with self._database.read() as connection:
            body = connection.scalar(newest.limit(1))
        return None if body is None else decode(Handoff, body)
