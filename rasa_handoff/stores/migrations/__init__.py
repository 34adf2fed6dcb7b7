"""Brings a database to the newest schema. The revisions are in `versions/`; a change of `tables.py` needs a new one."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from rasa_handoff.core.errors import SettingsError, Unreachable
from rasa_handoff.stores.sql.database import Database, Turn

HERE = Path(__file__).parent
_COMMAND = "rasa-handoff db upgrade"


def upgrade(url: str) -> None:
    """Create or update the schema, in one transaction; several processes may do it at once, one does the work.

    Errors: SettingsError (the URL), Unreachable.
    """
    database = Database(url)
    try:
        with database.write() as connection:
            database.take_turn(connection, Turn.MIGRATION)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        if database.is_sqlite:
            _keep_write_ahead_log(database)
    finally:
        database.close()


def _keep_write_ahead_log(database: Database) -> None:
    """Kept in the file. The switch wants it alone and does not wait for that, so wait for the others here."""
    for tries_left in reversed(range(50)):
        try:
            with database.read() as connection:
                connection.execute(text("PRAGMA journal_mode = WAL"))
            return
        except Unreachable:
            if not tries_left:
                raise
            time.sleep(0.1)


def check(database: Database) -> None:
    """See that the schema is the one this code was written for. Errors: SettingsError, Unreachable."""
    with database.read() as connection:
        current = revision(connection)
    script = ScriptDirectory.from_config(_config())
    if current == script.get_current_head():
        return
    if current is None:
        raise SettingsError(f"The database {database} has no tables yet. Run: {_COMMAND}")
    if current in {known.revision for known in script.walk_revisions()}:
        raise SettingsError(f"The database {database} is of an older version (schema {current}). Run: {_COMMAND}")
    raise SettingsError(
        f"The database {database} is of a newer version (schema {current}) than this program. Update rasa-handoff."
    )


def revision(connection: Connection) -> str | None:
    """The schema's revision; None when there is no schema."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return config
