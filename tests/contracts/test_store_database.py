"""Opening and upgrading the database behind a store, and what is said when that fails."""

import shutil
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from rasa_handoff.core.errors import SettingsError, Unreachable
from rasa_handoff.core.routing import Agent
from rasa_handoff.stores import migrations, open_store
from rasa_handoff.stores.migrations import upgrade
from rasa_handoff.stores.sql.database import Database
from rasa_handoff.stores.tables import metadata


@pytest.fixture
def database(empty_url):
    database = Database(empty_url)
    yield database
    database.close()


def test_the_migrations_make_the_tables_the_code_knows(empty_url, database):
    upgrade(empty_url)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_migrations_make_the_constraints_the_code_relies_on(empty_url, database):
    upgrade(empty_url)
    with database.read() as connection:
        tables = inspect(connection)
        assert [check["name"] for check in tables.get_check_constraints("agents")] == ["ck_agents_within_capacity"]
        indexes = {index["name"]: index for table in ("handoffs", "effects") for index in tables.get_indexes(table)}
    assert indexes["one_open_handoff"]["unique"]
    for name in ("one_open_handoff", "pending_by_due", "pending_by_lane"):
        assert any(option.endswith("_where") for option in indexes[name]["dialect_options"])


def test_upgrading_again_changes_nothing(empty_url):
    upgrade(empty_url)
    store = open_store(empty_url)
    store.add_agent(Agent("ana", "Ana", "support"))
    upgrade(empty_url)
    assert [agent.id for agent in store.agents()] == ["ana"]
    store.close()


def test_processes_that_upgrade_at_once_all_succeed(empty_url, contend):
    processes = contend(empty_url, "upgrade", times=4)
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    open_store(empty_url).close()


def test_a_database_without_tables_says_what_to_run(empty_url):
    with pytest.raises(SettingsError, match=r"no tables yet.*rasa-handoff db upgrade"):
        open_store(empty_url)


def test_an_older_schema_says_what_to_run_and_is_then_upgraded(empty_url, tmp_path, monkeypatch):
    upgrade(empty_url)
    newest = max(path.name[:4] for path in migrations.HERE.glob("versions/0*.py"))
    newer = tmp_path / "100% newer"
    shutil.copytree(migrations.HERE, newer)
    (newer / "versions" / "9000_next.py").write_text(
        f"revision, down_revision, branch_labels, depends_on = '9000', {newest!r}, None, None\ndef upgrade(): pass\n"
    )
    monkeypatch.setattr(migrations, "HERE", newer)
    with pytest.raises(SettingsError, match=r"older.*rasa-handoff db upgrade"):
        open_store(empty_url)
    upgrade(empty_url)
    open_store(empty_url).close()


def test_a_newer_schema_says_to_update_the_program(empty_url, database):
    upgrade(empty_url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match=r"newer.*Update rasa-handoff"):
        open_store(empty_url)


@pytest.mark.parametrize("act", [open_store, upgrade])
def test_a_missing_directory_is_named(act, tmp_path):
    with pytest.raises(Unreachable, match=r"missing/handoff.sqlite.*Check that the directory exists"):
        act(f"sqlite:///{tmp_path}/missing/handoff.sqlite")


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "handoff.sqlite").write_text("These are not the pages you are looking for." * 100)
    with pytest.raises(Unreachable, match=r"not a database"):
        open_store(f"sqlite:///{tmp_path}/handoff.sqlite")


@pytest.mark.parametrize("act", [open_store, upgrade])
def test_a_server_that_does_not_answer_is_named_without_its_password(act):
    with pytest.raises(
        Unreachable, match=r"postgresql://ana:\*\*\*@127.0.0.1:1/desk.*Check HANDOFF_DATABASE_URL"
    ) as caught:
        act("postgresql://ana:hunter2@127.0.0.1:1/desk")
    assert "hunter2" not in str(caught.value)


def test_a_server_that_goes_away_is_unreachable_and_its_return_is_noticed(postgres_url, postgres_server):
    upgrade(postgres_url)
    store = open_store(postgres_url)
    name = postgres_url.partition("/test_")[2].partition("?")[0]
    database = Database(postgres_server)
    with database.read() as connection:
        connection.execute(text(f"ALTER DATABASE test_{name} WITH ALLOW_CONNECTIONS false"))
        connection.execute(
            text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test_{name}'")
        )
        with pytest.raises(Unreachable):
            store.agents()
        connection.execute(text(f"ALTER DATABASE test_{name} WITH ALLOW_CONNECTIONS true"))
    database.close()
    assert store.agents() == []
    store.close()


def test_connections_that_were_cut_while_nobody_looked_are_replaced_unnoticed(postgres_url):
    upgrade(postgres_url)
    store = open_store(postgres_url)
    assert store.agents() == []
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    cut_still = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    other = Database(postgres_url)
    with other.read() as connection:
        connection.execute(cut)
        while connection.scalar(cut_still):
            time.sleep(0.01)
    other.close()
    assert store.agents() == []
    store.close()


def test_a_single_statement_is_committed_whatever_its_connection_did_before(sql_world):
    database = Database(sql_world.url)
    add = text("INSERT INTO visits (conversation_id, seen_at) VALUES (:id, '2026-03-01 12:00:00')")
    for number in range(3):
        with database.write() as connection:
            connection.execute(add, {"id": f"write {number}"})
        with database.single() as connection:
            connection.execute(add, {"id": f"single {number}"})
    with Database(sql_world.url).read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM visits")) == 6
    database.close()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "handoff.sqlite", "", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_work_is_a_settings_error(url):
    with pytest.raises(SettingsError, match="HANDOFF_DATABASE_URL"):
        open_store(url)


def test_the_file_lets_readers_and_a_writer_work_at_once(sqlite_url):
    upgrade(sqlite_url)
    database = Database(sqlite_url)
    with database.read() as connection:
        pragmas = [
            connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert pragmas == ["wal", 1, 1]
        assert connection.scalar(text("PRAGMA busy_timeout")) >= 5000
    database.close()


@pytest.mark.parametrize("load", [-1, 4])
def test_the_database_itself_refuses_an_impossible_load(sql_world, load):
    sql_world.agent(max_chats=3)
    database = Database(sql_world.url)
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("UPDATE agents SET active_chats = :load"), {"load": load})
    database.close()


def test_the_database_itself_refuses_a_second_open_handoff(sql_world):
    sql_world.begin()
    database = Database(sql_world.url)
    copy = text(
        "INSERT INTO handoffs (id, conversation_id, status, priority, queued_at, version, body) "
        "SELECT 'second', conversation_id, 'waiting', 0, queued_at, 0, body FROM handoffs"
    )
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(copy)
    database.close()
