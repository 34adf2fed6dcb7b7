"""Where handoffs are kept."""

from rasa_handoff.ports import Store
from rasa_handoff.stores import migrations
from rasa_handoff.stores.memory import MemoryStore
from rasa_handoff.stores.sql import SqlStore
from rasa_handoff.stores.sql.database import Database

__all__ = ["open_store"]


def open_store(url: str) -> Store:
    """The store at `url`: memory://, sqlite:///file or postgresql://user:password@host/database.

    Errors: SettingsError (the URL; or the schema is missing, older or newer: says what to run), Unreachable.
    """
    if url.startswith("memory:"):
        return MemoryStore()
    database = Database(url)
    migrations.check(database)
    return SqlStore(database)
