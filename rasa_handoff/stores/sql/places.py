"""Where takeover channels show handoffs."""

from sqlalchemy import Connection, bindparam, select

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.stores import rules
from rasa_handoff.stores.codec import decode_text
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import BODY, handoffs, places


def note_places(connection: Connection, before: Handoff, after: Handoff) -> None:
    """Remember the places that are new with this step."""
    new = rules.new_places(before, after)
    if new:
        rows = [{"handoff_id": after.id, "channel": one.channel, "key": one.key} for one in new]
        connection.execute(places.insert(), rows)


_AT_PLACE = (
    select(BODY)
    .join(places, places.c.handoff_id == handoffs.c.id)
    .where(places.c.channel == bindparam("channel"), places.c.key == bindparam("key"))
    .order_by(places.c.number.desc())
    .limit(1)
)


class SqlPlaces:
    """The places of the SQL store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def at_place(self, channel: str, key: str) -> Handoff | None:
        with self._database.read() as connection:
            body = connection.scalar(_AT_PLACE, {"channel": channel, "key": key})
        return None if body is None else decode_text(Handoff, body)
