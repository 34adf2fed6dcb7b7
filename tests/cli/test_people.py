"""`rasa-handoff export`, `erase` and `prune`, and the desk that prunes by itself."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rasa_handoff.cli import app
from rasa_handoff.core.conversation import Author
from rasa_handoff.keeping import Pruner
from rasa_handoff.ports import ChatLine
from rasa_handoff.stores import open_store
from tests.contracts.conftest import World

LONG_AGO = datetime.now(UTC) - timedelta(days=400)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store with an ended handoff of customer 42 in c1, long ago, and an open one in c2."""
    url = f"sqlite:///{tmp_path}/handoff.sqlite"
    (tmp_path / "handoff.yml").write_text("retention: {days: 365}", encoding="utf-8")
    monkeypatch.setenv("HANDOFF_DATABASE_URL", url)
    monkeypatch.setenv("HANDOFF_CONFIG", str(tmp_path / "handoff.yml"))
    monkeypatch.setenv("HANDOFF_RASA_URL", "http://127.0.0.1:9")
    run("db", "upgrade")
    world = World(open_store(url), url, LONG_AGO)
    world.agent()
    world.store.add_chat(ChatLine(0, "c1", "1", Author.CUSTOMER, None, "my card is lost", LONG_AGO))
    world.close(world.begin("c1", customer_id="42"))
    world.begin("c2")
    return world


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def rasas_store(folder: Path) -> Path:
    """Rasa's own tracker store with two events of c1 and one of c2."""
    file = folder / "rasa.sqlite"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)")
        database.executemany("INSERT INTO events (sender_id) VALUES (?)", [("c1",), ("c1",), ("c2",)])
    return file


def test_a_customer_is_handed_out_what_is_kept_of_them(world: World) -> None:
    result = run("export", "42", "--no-tracker")
    (one,) = json.loads(result.stdout)
    assert one["conversation_id"] == "c1"
    assert one["handoffs"][0]["package"]["customer_name"] == "Zoë"
    assert [entry["kind"] for entry in one["handoffs"][0]["log"]] == ["started", "accepted", "handed_back"]
    assert one["chat"][0]["text"] == "my card is lost"


def test_an_export_without_rasas_part_is_not_taken_for_the_whole(world: World) -> None:
    result = run("export", "42")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Rasa" in result.stderr


def test_nothing_known_of_somebody_is_said(world: World) -> None:
    result = run("export", "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.stderr


def test_what_is_erased_is_gone_here_and_in_rasas_store(world: World, tmp_path: Path) -> None:
    file = rasas_store(tmp_path)
    result = run("erase", "42", "--yes", "--tracker-database", f"sqlite:///{file}")
    assert result.exit_code == 0
    assert "Erased c1: 1 handoffs." in result.stdout
    assert "Erased 2 events" in result.stdout
    assert world.store.conversations_of("42") == []
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT sender_id FROM events").fetchall() == [("c2",)]


def test_a_conversation_that_rasa_alone_knows_is_erased_there(world: World, tmp_path: Path) -> None:
    with closing(sqlite3.connect(rasas_store(tmp_path))) as database, database:
        database.execute("INSERT INTO events (sender_id) VALUES ('c9')")
    assert (
        "Erased 1 events"
        in run("erase", "c9", "--yes", "--tracker-database", f"sqlite:///{tmp_path}/rasa.sqlite").stdout
    )


def test_an_open_conversation_is_left_alone_and_named(world: World, tmp_path: Path) -> None:
    result = run("erase", "c1", "c2", "--yes", "--tracker-database", f"sqlite:///{rasas_store(tmp_path)}")
    assert result.exit_code == 1
    assert "A handoff of c2 is open" in result.stderr
    assert (world.store.conversations_of("c1"), world.store.conversations_of("c2")) == ([], ["c2"])
    with closing(sqlite3.connect(tmp_path / "rasa.sqlite")) as database:
        assert database.execute("SELECT sender_id FROM events").fetchall() == [("c2",)]


def test_nothing_is_erased_unasked(world: World) -> None:
    result = run("erase", "42")
    assert result.exit_code == 1
    assert "--yes" in result.stderr
    assert world.store.conversations_of("42") == ["c1"]


def test_a_database_that_is_no_tracker_store_is_said_so(world: World, tmp_path: Path) -> None:
    result = run("erase", "42", "--yes", "--tracker-database", f"sqlite:///{tmp_path}/other.sqlite")
    assert result.exit_code == 1
    assert "no tracker store" in result.stderr


def test_what_is_older_than_the_retention_goes_and_what_is_open_stays(world: World) -> None:
    assert "Deleted 0 handoffs" in run("prune", "--days", "500").stdout
    assert "Deleted 1 handoffs" in run("prune").stdout
    assert (world.store.conversations_of("c1"), world.store.conversations_of("c2")) == ([], ["c2"])


def test_without_a_retention_nothing_is_deleted(world: World, tmp_path: Path) -> None:
    (tmp_path / "handoff.yml").write_text("{}", encoding="utf-8")
    result = run("prune")
    assert result.exit_code == 1
    assert "retention.days" in result.stderr
    assert world.store.conversations_of("c1") == ["c1"]


async def test_the_desk_prunes_by_itself(world: World) -> None:
    pruner = Pruner(world.store, timedelta(days=365), lambda: LONG_AGO + timedelta(days=366))
    task = asyncio.create_task(pruner.run())
    async with asyncio.timeout(10):
        while world.store.conversations_of("c1"):
            await asyncio.sleep(0.01)
    task.cancel()
