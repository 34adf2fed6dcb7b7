"""The table of Rasa's own SQL tracker store: `events`, one row an event, by `sender_id`."""

from collections.abc import Collection

from sqlalchemy import column, delete, table
from sqlalchemy.exc import ProgrammingError

from rasa_handoff.core.errors import SettingsError, Unreachable
from rasa_handoff.stores.sql.database import Database

_events = table("events", column("sender_id"))


def erase_events(url: str, conversation_ids: Collection[str]) -> int:
    """Delete all events of these conversations; how many there were. Errors: SettingsError, Unreachable."""
    database = Database(url)
    try:
        with database.write() as connection:
            return connection.execute(delete(_events).where(_events.c.sender_id.in_(conversation_ids))).rowcount
    except (ProgrammingError, Unreachable) as error:
        raise SettingsError(f"{database} is no tracker store of Rasa's that can be used: {error}") from error
    finally:
        database.close()
